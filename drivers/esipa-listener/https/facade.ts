/** What the connections of one presentation are met with. */
import { randomBytes } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { ServerPresentation } from '../../ipad-contract.js';
import type { ServerCertificates } from '../certificates.js';
import type { ClientHello } from '../client-hello.js';
import { suiteNumber } from '../tls-names.js';
import { presentationError, secureContextFor } from '../tls-presentation.js';

export interface Facade {
  readonly presentation: ServerPresentation;
  readonly context: SecureContext;
  readonly alpn: string[];
}

/** @throws {Sgp33Error} `listener-presentation`, those of the PKI folder. */
export function facadeOf(
  presentation: ServerPresentation,
  certificates: ServerCertificates,
  http2: boolean,
): Facade {
  if (presentation.cookies !== undefined) throw presentationError(presentation, 'TLS has no cookies');
  const identity = certificates.get(presentation.certificate ?? 'good');
  return {
    presentation,
    context: secureContextFor(presentation, identity),
    alpn: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
  };
}

/** Of TLS 1.2, in order of how likely a client is to think that it could do them. */
const UNOFFERED = [
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8',
  'TLS_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_RC4_128_SHA',
  'TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA',
];

/** A record with a ServerHello of TLS 1.2 that chooses what the client did not offer (RFC 5246 7.4.1.3). */
export function unofferedServerHello(hello: ClientHello): Uint8Array {
  const suites = UNOFFERED.flatMap((name) => suiteNumber(name) ?? []);
  const suite = suites.find((number) => !hello.suites.includes(number)) ?? 0x0a0a;
  // renegotiation_info (RFC 5746 3.6): some clients end without it.
  const extensions = Buffer.from('ff01000100', 'hex');
  const body = Buffer.concat([
    Buffer.of(3, 3),
    randomBytes(32),
    Buffer.of(0, suite >> 8, suite & 0xff, 0),
    Buffer.of(0, extensions.length),
    extensions,
  ]);
  const message = Buffer.concat([Buffer.of(2, 0, 0, body.length), body]);
  return Uint8Array.from(Buffer.concat([Buffer.of(22, 3, 3, 0, message.length), message]));
}
