/** The CoAP server of an eIM: DTLS sessions below, ESipa above. */
import { setTimeout as later } from 'node:timers/promises';
import { curveOf, privateKeyFromPem } from '../../../../protocol/crypto/ecdsa.js';
import type { PkiFolder } from '../../../../protocol/pki/folder.js';
import { CoapServer, type CoapHandler, type DatagramChannel } from '../../../../transport/coap/index.js';
import { serveDtls, type DtlsServer } from '../../../../transport/dtls/index.js';
import type { ServeDefects } from '../defects.js';
import type { OpenListener } from '../listen.js';
import type { CoapsOptions, EsipaHandler, ListenAt } from '../options.js';
import type { ServerIdentity } from '../tls-settings.js';
import { wrongIdentity } from '../wrong-identity.js';
import { flawedChannel } from './flawed-channel.js';
import { servePlainToo } from './plain-too.js';
import { coapService } from './service.js';

export interface CoapsListenerOptions extends CoapsOptions {
  readonly at: ListenAt;
  readonly identity: ServerIdentity;
  readonly pki: PkiFolder;
  readonly defects: ServeDefects;
  readonly eim: () => EsipaHandler;
  readonly log: (line: string) => void;
}

/** SGP.32 2.6.3.2, and the suite of RFC 7252 9.1.3.3. */
const CERTIFICATE_SUITES = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-CCM8',
  'ECDHE-ECDSA-AES128-SHA256',
];
/** RFC 7252 9.1.3.1, and its like with GCM. */
const PSK_SUITES = ['PSK-AES128-CCM8', 'PSK-AES128-GCM-SHA256'];

/** With `separate`: after so many milliseconds the acknowledgement goes out, and later the answer. */
const ACKNOWLEDGE_AFTER = 20;
const ANSWER_AFTER = 80;

/** @throws {DtlsError} `dtls-unavailable`, `dtls-configuration` when nothing can listen there. */
export async function listenCoaps(options: CoapsListenerOptions): Promise<OpenListener> {
  const { at, defects, separate = false } = options;
  const host = at.host ?? '127.0.0.1';
  const servers = new Set<CoapServer>();
  const serve = (channel: DatagramChannel): void => {
    const handler = coapService(options, channel);
    const server = new CoapServer(
      flawedChannel(channel, defects),
      separate ? slow(handler) : handler,
      separate ? { piggybackMs: ACKNOWLEDGE_AFTER } : {},
    );
    servers.add(server);
    channel.onClose(() => servers.delete(server));
  };
  const plainToo = defects.has('coap-plain-answered');
  const dtls = await openDtls(options, { host, port: plainToo ? 0 : at.port }, serve);
  const front = plainToo ? await servePlainToo({ host, port: at.port }, dtls.port, serve) : undefined;
  const { port } = front ?? dtls;
  return {
    address: `${dtls.address.includes(':') ? `[${dtls.address}]` : dtls.address}:${String(port)}`,
    port,
    async close() {
      await Promise.all([...servers].map((server) => server.close()));
      await front?.close();
      await dtls.close();
    },
  };
}

function openDtls(
  { identity: own, pki, defects, psk, keyLog }: CoapsListenerOptions,
  at: { readonly host: string; readonly port: number },
  onSession: (channel: DatagramChannel) => void,
): Promise<DtlsServer> {
  const identity = wrongIdentity(own, pki, defects);
  const brainpool = curveOf(privateKeyFromPem(identity.privateKey)) === 'brainpoolP256r1';
  const { certificate, privateKey } = identity;
  const old = defects.has('coap-dtls-1-0-accepted');
  return serveDtls(
    {
      ...at,
      credentials: { certificate, privateKey, ...(psk === undefined ? {} : { psk: { ...psk } }) },
      ciphers: suitesFor(psk !== undefined, old, defects),
      ...(old ? { versions: ['DTLSv1', 'DTLSv1.2'] } : {}),
      groups: brainpool ? ['brainpoolP256r1', 'prime256v1'] : ['prime256v1'],
      cookies: defects.has('coap-cookie-unchecked') ? 'unchecked' : !defects.has('coap-no-cookie'),
      replayEndsSession: defects.has('coap-replay-ends-session'),
      requestCertificate: defects.has('client-certificate-requested'),
      ...(keyLog === undefined ? {} : { keyLog }),
    },
    onSession,
  );
}

function suitesFor(psk: boolean, old: boolean, defects: ServeDefects): string[] {
  return [
    ...CERTIFICATE_SUITES,
    ...(psk ? PSK_SUITES : []),
    // DTLS 1.0 has none of these.
    ...(old ? ['ECDHE-ECDSA-AES128-SHA'] : []),
    ...(defects.has('coap-null-suite-accepted') ? ['ECDHE-ECDSA-NULL-SHA'] : []),
  ];
}

function slow(handler: CoapHandler): CoapHandler {
  return async (request) => {
    const answer = await handler(request);
    await later(ANSWER_AFTER);
    return answer;
  };
}
