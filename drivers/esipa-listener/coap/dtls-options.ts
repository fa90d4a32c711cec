/** DTLS of an eIM as a presentation has it, and what its handshakes show. */
import { opensslName } from '../../eim-https/tls-offer.js';
import type { FactMap } from '../../eim-contract.js';
import type { ServerPresentation } from '../../ipad-contract.js';
import type { DtlsError, DtlsFacts, DtlsServerOptions } from '../../../src/transport/dtls/index.js';
import type { ServerCertificates } from '../certificates.js';
import { helloFacts, parseClientHello } from '../client-hello.js';
import { presentationError } from '../tls-presentation.js';
import { SUITES } from '../tls-suites.js';

type DtlsVersion = 'DTLSv1' | 'DTLSv1.2';
const VERSIONS: readonly DtlsVersion[] = ['DTLSv1', 'DTLSv1.2'];

/** @throws {Sgp33Error} `listener-presentation`, those of the PKI folder. */
export function dtlsOptionsFor(
  presentation: ServerPresentation,
  certificates: ServerCertificates,
  maxSessions: number,
): Omit<DtlsServerOptions, 'host' | 'port'> {
  const { certificate, privateKey, brainpool } = certificates.get(presentation.certificate ?? 'good');
  const { versions = ['DTLSv1.2'], ciphers } = presentation;
  if (presentation.unofferedCipher !== undefined)
    throw presentationError(presentation, 'a suite that nobody offered is for HTTPS only');
  const unknown = versions.find((name) => !(VERSIONS as readonly string[]).includes(name));
  if (unknown !== undefined) throw presentationError(presentation, unknown);
  return {
    credentials: { certificate, privateKey },
    versions: VERSIONS.filter((version) => versions.includes(version)),
    ...(ciphers === undefined ? {} : { ciphers: [...ciphers] }),
    groups: brainpool ? ['brainpoolP256r1', 'prime256v1'] : ['prime256v1'],
    cookies: presentation.cookies ?? true,
    resumption: presentation.resumption ?? false,
    silent: presentation.mute ?? false,
    requestCertificate: presentation.requestClientCertificate ?? false,
    maxSessions,
  };
}

/** `tls` of an arrival. */
export function tlsFactsOf(facts: DtlsFacts, error?: DtlsError): FactMap {
  const { version, cipher, group, alert, alertSent, certificate, clientHello } = facts;
  const hello =
    clientHello === undefined ? undefined : parseClientHello(Buffer.from(clientHello, 'hex'), true);
  return {
    ...(hello === undefined ? {} : helloFacts(hello)),
    ...(version === '' ? {} : { version }),
    ...(cipher === '' ? {} : { cipher: ianaName(cipher) }),
    ...(group === undefined ? {} : { group }),
    clientCertificate: String(certificate !== undefined),
    resumed: String(facts.resumed),
    cookieExchanged: String(facts.cookieExchanged),
    ...(alert === undefined ? {} : { alert }),
    ...(alertSent === undefined ? {} : { alertSent }),
    ...(error === undefined ? {} : { reason: error.actual ?? error.message }),
  };
}

const ianaName = (openssl: string): string =>
  Object.values(SUITES).find((name) => opensslName(name) === openssl) ?? openssl;
