import { Sgp33Error, type ErrorDetail } from '../../protocol/errors.js';
import type { DtlsFacts } from './types.js';

export type DtlsErrorCode =
  /** koffi cannot be loaded, or no OpenSSL has the functions. */
  | 'dtls-unavailable'
  /** An alert, a refused port, or another end in the handshake. `actual` has OpenSSL's reason. */
  | 'dtls-handshake'
  /** The handshake did not end in time. */
  | 'dtls-timeout'
  /** The session is over. */
  | 'dtls-closed'
  /** The process that holds OpenSSL died. */
  | 'dtls-crashed'
  /** An option that cannot be used: PEM, cipher suite, group, address. */
  | 'dtls-configuration'
  /** The peer's certificate is none to trust; `actual` says why. */
  | 'dtls-certificate';

export interface DtlsErrorDetail extends ErrorDetail {
  readonly facts?: DtlsFacts | undefined;
  /** `ECONNREFUSED`, `ENOTFOUND`, `EADDRINUSE`, ... */
  readonly systemCode?: string | undefined;
}

export class DtlsError extends Sgp33Error {
  declare readonly code: DtlsErrorCode;
  /** What the handshake had shown until then. */
  readonly facts: DtlsFacts | undefined;
  /** What the operating system said, when it was the one: `ECONNREFUSED`, `ENOTFOUND`, `EADDRINUSE`, ... */
  readonly systemCode: string | undefined;

  constructor(code: DtlsErrorCode, what: string, detail: DtlsErrorDetail = {}) {
    super(code, what, detail);
    this.facts = detail.facts;
    this.systemCode = detail.systemCode;
  }
}
