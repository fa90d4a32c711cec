/** Is this the eIM? The server's certificate as an IPA judges it, over TLS and DTLS alike (SGP.32 2.6.3.2, 2.11.1.1.1). */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** What makes a server's certificate good, as trustedPublicKeyDataTls has it (SGP.32 2.11.1.1.1). Exactly one. */
export interface CertificateTrust {
  /** PEM of one or more CA certificates. */
  readonly ca?: string;
  /** DER of the server's SubjectPublicKeyInfo. */
  readonly pinnedSpki?: Uint8Array;
  /** DER of the server's certificate, or of a CA that it chains to. */
  readonly pinnedCertificate?: Uint8Array;
  /** Any certificate: laboratory only. */
  readonly none?: true;
}

/** Why a certificate is refused. */
export interface CertificateFault {
  readonly about: 'anchor' | 'validity' | 'purpose' | 'name';
  readonly expected: string;
  readonly actual: string;
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';
const MAX_CHAIN = 8;

/**
 * Judges the certificates of a handshake. A pinned key or certificate stands for the CA: the certificate has to be in
 * time, for a server and for its name all the same. Whatever bytes they hold, it does not throw.
 * @param chain DER as sent, the leaf first.
 * @param name a host name or an address that the certificate must be for; the common name does not count.
 * @returns undefined when the IPA may trust it.
 */
export function judgeCertificate(
  chain: readonly Uint8Array[],
  trust: CertificateTrust,
  name: string,
  now = new Date(),
): CertificateFault | undefined {
  if (trust.none === true) return undefined;
  const certificates = chain.map(parse);
  const [leaf] = certificates;
  const [sent] = chain;
  if (sent === undefined) return fault('anchor', 'a certificate of the eIM', 'none was sent');
  if (leaf === undefined)
    return fault('anchor', 'an X.509 certificate', `${sent.length} bytes that are none`);
  return (
    anchor(leaf, certificates, trust, now) ?? validity(leaf, now) ?? purpose(leaf) ?? forName(leaf, name)
  );
}

function anchor(
  leaf: X509Certificate,
  sent: readonly (X509Certificate | undefined)[],
  trust: CertificateTrust,
  now: Date,
): CertificateFault | undefined {
  if (trust.pinnedSpki !== undefined) {
    const spki = keyOf(leaf);
    return spki !== undefined && Buffer.compare(spki, trust.pinnedSpki) === 0
      ? undefined
      : fault(
          'anchor',
          `public key ${hexOf(trust.pinnedSpki)}`,
          spki === undefined ? 'a key that can not be read' : hexOf(spki),
        );
  }
  if (trust.pinnedCertificate !== undefined) {
    if (Buffer.compare(leaf.raw, trust.pinnedCertificate) === 0) return undefined;
    const pinned = parse(trust.pinnedCertificate);
    const what = 'the pinned certificate, or one that chains to it';
    return chainTo(leaf, sent, pinned?.ca === true ? [pinned] : [], what, now);
  }
  const authorities =
    (trust.ca ?? '').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const parsed = authorities.flatMap((pem) => parse(pem) ?? []);
  return chainTo(leaf, sent, parsed, 'a certificate that chains to the trusted CA', now);
}

function chainTo(
  leaf: X509Certificate,
  sent: readonly (X509Certificate | undefined)[],
  anchors: readonly X509Certificate[],
  expected: string,
  now: Date,
): CertificateFault | undefined {
  let current = leaf;
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    const at = current;
    if (anchors.some((ca) => ca.raw.equals(at.raw) || isIssued(at, ca))) return undefined;
    const next = sent.find((ca) => ca !== undefined && ca.ca && !ca.raw.equals(at.raw) && isIssued(at, ca));
    if (next === undefined) break;
    const expired = validity(next, now);
    if (expired !== undefined) return expired;
    current = next;
  }
  return fault('anchor', expected, `issued by ${oneLine(current.issuer)}`);
}

/** Names and key identifiers fit, key usage allows it, and the signature holds. */
function isIssued(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function validity(certificate: X509Certificate, now: Date): CertificateFault | undefined {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (from <= now.getTime() && now.getTime() <= to) return undefined;
  const what = `valid on ${now.toISOString()}`;
  return fault(
    'validity',
    what,
    `valid from ${certificate.validFrom} to ${certificate.validTo}: ${oneLine(certificate.subject)}`,
  );
}

function purpose(leaf: X509Certificate): CertificateFault | undefined {
  // Types say that this is always there; without the extension it is undefined.
  const purposes = leaf.keyUsage as string[] | undefined;
  if (purposes === undefined || purposes.includes(SERVER_AUTH) || purposes.includes(ANY_PURPOSE))
    return undefined;
  return fault('purpose', 'extendedKeyUsage serverAuth', purposes.join(', '));
}

function forName(leaf: X509Certificate, name: string): CertificateFault | undefined {
  const fits = isIP(name) === 0 ? leaf.checkHost(name, { subject: 'never' }) : leaf.checkIP(name);
  if (fits !== undefined) return undefined;
  return fault('name', `subjectAltName for ${name}`, oneLine(leaf.subjectAltName ?? 'none'));
}

/** The same few certificates come with every connection, and OpenSSL takes longer to read one than to verify with it. */
const recent = new Map<string, X509Certificate>();
const MAX_RECENT = 64;

function parse(bytes: Uint8Array | string): X509Certificate | undefined {
  const name = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1');
  const known = recent.get(name);
  if (known !== undefined) return known;
  try {
    const certificate = new X509Certificate(bytes);
    if (recent.size >= MAX_RECENT) recent.clear();
    recent.set(name, certificate);
    return certificate;
  } catch {
    return undefined;
  }
}

function keyOf(certificate: X509Certificate): Uint8Array | undefined {
  try {
    return certificate.publicKey.export({ format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

const oneLine = (text: string): string => JSON.stringify(text.replaceAll('\n', ', ').slice(0, 300));

const fault = (about: CertificateFault['about'], expected: string, actual: string): CertificateFault => ({
  about,
  expected,
  actual,
});
