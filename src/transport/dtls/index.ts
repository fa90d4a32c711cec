/** DTLS 1.2 (RFC 6347), client and server, by the OpenSSL inside Node in a child process. */
export { dtlsAvailable } from './available.js';
export { connectDtls } from './client.js';
export { probeCookie, type CookieProbe, type CookieProbeOptions } from './cookie-probe.js';
export { DtlsError, type DtlsErrorCode, type DtlsErrorDetail } from './errors.js';
export { serveDtls } from './server.js';
export type {
  DtlsClientOptions,
  DtlsConnection,
  DtlsCredentials,
  DtlsFacts,
  DtlsRefused,
  DtlsServer,
  DtlsServerOptions,
  DtlsServerStats,
  DtlsTrust,
} from './types.js';
