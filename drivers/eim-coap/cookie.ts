/** What an eIM makes of a wrong cookie: no session, and no handshake that ends (RFC 6347 4.2.1). */
import { probeCookie } from '../../src/transport/dtls/index.js';
import type { ChannelFault, FactMap, TlsOffer } from '../eim-contract.js';
import type { Settings } from './options.js';
import type { ExchangeRecorder } from './recorder.js';

export interface CookieOutcome {
  /** `hello` and `wrongCookie`: what each was answered with. */
  readonly tls: FactMap;
  readonly fault?: ChannelFault;
}

/** @throws {DtlsError} as `probeCookie`. */
export async function tryWrongCookie(
  settings: Settings,
  offer: TlsOffer,
  recorder: ExchangeRecorder,
  signal: AbortSignal | undefined,
): Promise<CookieOutcome> {
  const { host, port, deadlineMs } = settings;
  const { hello, wrongCookie } = await probeCookie({
    host,
    port,
    servername: offer.servername === undefined ? (settings.servername ?? host) : offer.servername,
    deadlineMs,
    ...(signal === undefined ? {} : { signal }),
    trace: (direction, datagram) => recorder.dtls(direction, datagram),
  });
  const tls: FactMap = { hello, ...(wrongCookie === undefined ? {} : { wrongCookie }) };
  recorder.tls(tls);
  if (hello !== 'nothing') return { tls };
  const expected = `an answer to a ClientHello within ${deadlineMs} ms`;
  return { tls, fault: { kind: 'timeout', path: 'tls.handshake', expected, actual: hello } };
}
