/** One connection to the eIM: DTLS or plain UDP, with a CoAP client on it. */
import { CoapClient, connectUdp, type DatagramChannel } from '../../src/transport/coap/index.js';
import { connectDtls, type DtlsClientOptions, type DtlsConnection } from '../../src/transport/dtls/index.js';
import { Sgp33Error } from '../../src/protocol/errors.js';
import type { FactMap, TlsOffer } from '../eim-contract.js';
import { tlsFacts } from './facts.js';
import type { Settings } from './options.js';
import type { ExchangeRecorder } from './recorder.js';

export interface Session {
  readonly client: CoapClient;
  /** Undefined without DTLS. */
  readonly tls: FactMap | undefined;
  /** Where datagrams are recorded while an exchange runs. */
  recorder: ExchangeRecorder | undefined;
  readonly closed: boolean;
  /** Nothing on a plain connection. */
  replayLastRecord(): Promise<void>;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly plain: boolean;
  readonly offer: TlsOffer | undefined;
  readonly recorder: ExchangeRecorder;
  readonly signal: AbortSignal | undefined;
}

/**
 * @throws {DtlsError} as `connectDtls`, the system's error of a socket, {Sgp33Error} `dtls-offer`.
 */
export async function openSession(settings: Settings, options: SessionOptions): Promise<Session> {
  if (options.plain) {
    return sessionOn(await connectUdp(settings.host, settings.port), undefined, settings, options);
  }
  const connection = await connectDtls(dtlsOptions(settings, options));
  const session = sessionOn(connection, connection, settings, options);
  if (session.tls !== undefined) options.recorder.tls(session.tls);
  return session;
}

function sessionOn(
  channel: DatagramChannel,
  dtls: DtlsConnection | undefined,
  settings: Settings,
  { recorder }: SessionOptions,
): Session {
  let closed = false;
  channel.onClose(() => (closed = true));
  const { ackTimeoutMs } = settings;
  const session: Session = {
    client: new CoapClient(channel, {
      ...(ackTimeoutMs === undefined ? {} : { ackTimeoutMs }),
      trace: (direction, bytes, text) => session.recorder?.coap(direction, bytes, text),
    }),
    tls: dtls === undefined ? undefined : tlsFacts(dtls.facts),
    recorder,
    get closed() {
      return closed;
    },
    async replayLastRecord() {
      await dtls?.replayLastRecord();
    },
    async close() {
      session.recorder = undefined;
      await session.client.close();
    },
  };
  return session;
}

function dtlsOptions(settings: Settings, { offer, signal }: SessionOptions): DtlsClientOptions {
  const { host, port, trust, psk, keyLog, deadlineMs } = settings;
  const servername = offer?.servername === undefined ? settings.servername : offer.servername;
  const ciphers = offer?.ciphers ?? settings.ciphers;
  const groups = offer?.groups ?? settings.groups;
  return {
    host,
    port,
    trust: offer?.trust ?? trust,
    handshakeTimeoutMs: deadlineMs,
    ...(servername === undefined ? {} : { servername }),
    ...(psk === undefined ? {} : { credentials: { psk: { ...psk } } }),
    ...(offer?.versions === undefined ? {} : { versions: offer.versions.map(dtlsVersion) }),
    ...(ciphers === undefined ? {} : { ciphers: [...ciphers] }),
    ...(groups === undefined ? {} : { groups: [...groups] }),
    ...(offer?.signatureAlgorithms === undefined
      ? {}
      : { signatureAlgorithms: [...offer.signatureAlgorithms] }),
    ...(keyLog === undefined ? {} : { keyLog }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** DTLS 1.0 is TLS 1.1, DTLS 1.2 is TLS 1.2 (RFC 4347, RFC 6347), so that sequences may name either. */
function dtlsVersion(name: string): 'DTLSv1' | 'DTLSv1.2' {
  if (name === 'DTLSv1' || name === 'TLSv1.1') return 'DTLSv1';
  if (name === 'DTLSv1.2' || name === 'TLSv1.2') return 'DTLSv1.2';
  throw new Sgp33Error('dtls-offer', 'A version that this DTLS client can not offer', {
    expected: 'DTLSv1 or DTLSv1.2',
    actual: name.slice(0, 40),
    repair: 'Correct the version in the step.',
  });
}

/** `no-dtls-record`. */
export function noRecord(): Sgp33Error {
  return new Sgp33Error('no-dtls-record', 'Without DTLS there is no record to replay', {
    repair: 'Run the sequence over coaps, or leave replayRecord out.',
  });
}
