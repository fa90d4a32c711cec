/** ESipa over CoAP and DTLS 1.2, in the ASN.1 binding (SGP.32 3.1.2.2). */
import { isIP } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { CoapClient, CoapError, option, type CoapResponse } from '../../../transport/coap/index.js';
import {
  connectDtls,
  DtlsError,
  type DtlsClientOptions,
  type DtlsTrust,
} from '../../../transport/dtls/index.js';
import type { IpadDefects } from '../defects.js';
import { codeFault } from './coap-codes.js';
import { EsipaError, type EsipaFault } from './esipa-error.js';
import { deafRelay } from './deaf-relay.js';
import type { EsipaSession } from './esipa-session.js';
import { flawedClient } from './flawed-client.js';
import { judgeCertificate, type Trust } from './judge-certificate.js';
import type { Place } from './place.js';

export interface CoapEsipaOptions {
  readonly place: Place;
  readonly trust: Trust;
  readonly deadlineMs: number;
  /** Before the first retransmission (RFC 7252 4.8). */
  readonly ackTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly defects: IpadDefects;
  readonly stop: AbortSignal;
}

const POST = '0.02';
const PATH = ['gsma', 'rsp2', 'asn1'];
/** application/octet-stream: no Content-Format is registered for ESipa. */
const OCTET_STREAM = 42;
const JSON_FORMAT = 50;
const BLOCK = 1024;

export class CoapEsipa implements EsipaSession {
  #client: CoapClient | undefined;

  constructor(private readonly options: CoapEsipaOptions) {}

  async exchange(message: Uint8Array): Promise<Uint8Array> {
    const { deadlineMs, stop, place, defects, maxBodyBytes } = this.options;
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = AbortSignal.any([deadline, stop]);
    try {
      const client = (this.#client ??= await this.#open(signal));
      const response = await client.request(
        {
          code: POST,
          path: defects.has('coap-path-of-its-own') ? ['esipa'] : PATH,
          contentFormat: requestFormat(defects),
          payload: defects.has('coap-one-block-sent') ? message.subarray(0, BLOCK) : message,
          options: isIP(place.name) === 0 ? [option('Uri-Host', place.name)] : [],
          confirmable: !defects.has('coap-non-confirmable'),
          maxPayload: maxBodyBytes,
        },
        signal,
      );
      return payloadOf(response, defects);
    } catch (error) {
      // A code in place of an answer says that the session works.
      if (!(error instanceof EsipaError)) await this.#drop();
      throw faultOf(error, place, deadline, defects);
    }
  }

  async close(): Promise<void> {
    if (!this.options.defects.has('dtls-session-kept')) await this.#drop();
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }

  async #open(signal: AbortSignal): Promise<CoapClient> {
    const { place, trust, deadlineMs, defects, ackTimeoutMs } = this.options;
    const wanted = dtlsTrust(trust, defects);
    const withoutClock = defects.has('dtls-expiry-unchecked');
    const relay = defects.has('dtls-cookie-not-returned') ? await deafRelay(place) : undefined;
    const { host, port } = relay?.place ?? place;
    const connection = await connectDtls({
      host,
      port,
      trust: wanted,
      handshakeTimeoutMs: deadlineMs,
      // An address is no server name; the certificate must be for it all the same.
      servername: isIP(place.name) === 0 ? place.name : null,
      signal,
      withoutClock,
      resume: defects.has('dtls-session-resumed'),
      ...offered(defects),
    }).catch((error: unknown) => {
      relay?.close();
      throw error;
    });
    if (relay !== undefined) connection.onClose(() => relay.close());
    const { chain, resumed } = connection.facts;
    // An abbreviated handshake shows no certificate.
    const refusal =
      wanted.none === true || withoutClock || resumed
        ? undefined
        : judgeCertificate(
            chain.map((der) => Buffer.from(der, 'hex')),
            trust,
            defects,
          );
    if (refusal !== undefined) {
      await connection.close();
      throw refused(place, refusal.reason);
    }
    return new CoapClient(flawedClient(connection, defects), { ackTimeoutMs });
  }
}

const offered = (defects: IpadDefects): Pick<DtlsClientOptions, 'versions' | 'ciphers'> => ({
  ...(defects.has('dtls-1-0-offered') ? { versions: ['DTLSv1', 'DTLSv1.2'] } : {}),
  ...(defects.has('dtls-null-suite-offered')
    ? { ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-NULL-SHA'] }
    : {}),
});

function requestFormat(defects: IpadDefects): number | undefined {
  if (defects.has('coap-request-as-json')) return JSON_FORMAT;
  return defects.has('coap-request-without-format') ? undefined : OCTET_STREAM;
}

/** OpenSSL refuses with an alert what does not fit; {@link judgeCertificate} looks at the rest. */
function dtlsTrust({ anchor, authorities }: Trust, defects: IpadDefects): DtlsTrust {
  if (defects.has('dtls-certificate-unchecked')) return { none: true };
  if (anchor?.kind === 'public-key')
    return defects.has('dtls-pinned-key-unchecked') ? { none: true } : { pinnedSpki: anchor.spki };
  if (anchor === undefined) return { ca: authorities };
  const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(anchor.der).toString('base64')}\n-----END CERTIFICATE-----\n`;
  return isCa(anchor.der) ? { ca: pem } : { pinnedCertificate: anchor.der };
}

function isCa(der: Uint8Array): boolean {
  try {
    return new X509Certificate(der).ca;
  } catch {
    return false;
  }
}

function payloadOf(response: CoapResponse, defects: IpadDefects): Uint8Array {
  const fault = codeFault(response, defects);
  if (fault !== undefined) throw fault;
  const { payload, contentFormat = OCTET_STREAM, blocks, block2Size } = response;
  if (payload.length > 0 && contentFormat !== OCTET_STREAM && !defects.has('coap-answer-format-unchecked'))
    throw new EsipaError('protocol', 'the answer is none of the binding', {
      expected: `Content-Format ${String(OCTET_STREAM)}`,
      actual: String(contentFormat),
      again: false,
    });
  return blocks > 1 && defects.has('coap-first-block-only') ? payload.subarray(0, block2Size) : payload;
}

function faultOf(error: unknown, place: Place, deadline: AbortSignal, defects: IpadDefects): unknown {
  if (error instanceof DtlsError) {
    const tls = error.code === 'dtls-handshake' && error.systemCode === undefined;
    if (tls || error.code === 'dtls-certificate') return refused(place, error.actual ?? error.message, error);
    // What this machine lacks, or an anchor that is none, is no fault of the network.
    if (error.code === 'dtls-unavailable' || error.code === 'dtls-configuration') return error;
    return broken(error.code === 'dtls-timeout' ? 'timeout' : 'unreachable', place, true, error);
  }
  if (!(error instanceof CoapError)) return error;
  if (deadline.aborted || error.code === 'coap-timeout') return broken('timeout', place, true, error);
  if (error.code === 'coap-closed') return broken('unreachable', place, true, error);
  const reset = error.code === 'coap-reset' && defects.has('coap-reset-repeated');
  return broken('protocol', place, reset || error.code === 'coap-block', error);
}

const broken = (fault: EsipaFault, place: Place, again: boolean, cause: Error): EsipaError =>
  new EsipaError(fault, 'the exchange with the eIM came to no end', {
    place: `${place.name} (${place.host}:${String(place.port)})`,
    actual: cause.message.slice(0, 300),
    again,
    cause,
  });

const refused = (place: Place, reason: string, cause?: Error): EsipaError =>
  new EsipaError('tls', 'no DTLS session with this server', {
    place: `${place.name} (${place.host}:${String(place.port)})`,
    actual: reason.slice(0, 300),
    again: false,
    ...(cause === undefined ? {} : { cause }),
  });
