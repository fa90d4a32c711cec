/** Is this the eIM? The certificate of a server as an IPAd judges it (SGP.32 2.6.3.2, 2.11.1.1.1). */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { IpadDefects } from '../defects.js';
import type { TlsAnchor } from './eim-entry.js';

/** What the IPAd sends when it refuses (RFC 8446 6.2), by number. */
export const ALERT = {
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateExpired: 45,
  unknownCa: 48,
} as const;

export interface Refusal {
  readonly alert: number;
  readonly reason: string;
}

export interface Trust {
  /** Of EimConfigurationData; it wins over {@link authorities}. */
  readonly anchor: TlsAnchor | undefined;
  /** PEM of the CAs that the device trusts where the eUICC names none. */
  readonly authorities: string;
  /** Host name or address. */
  readonly name: string;
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';
const CURVES = ['prime256v1', 'brainpoolP256r1'];
const MAX_CHAIN = 8;

/**
 * Whatever bytes the certificates hold, it does not throw.
 * @param chain DER as sent, the leaf first.
 * @returns undefined when the server may be trusted.
 */
export function judgeCertificate(
  chain: readonly Uint8Array[],
  trust: Trust,
  defects: IpadDefects,
  now = Date.now(),
): Refusal | undefined {
  const sent = chain.map(parse);
  const [leaf] = sent;
  if (leaf === undefined) return { alert: ALERT.badCertificate, reason: 'no certificate that can be read' };
  return (
    anchored(leaf, sent, trust, defects) ??
    inTime(leaf, now, defects) ??
    forServers(leaf, defects) ??
    onCurve(leaf) ??
    ofName(leaf, trust.name, defects)
  );
}

function anchored(
  leaf: X509Certificate,
  sent: readonly (X509Certificate | undefined)[],
  { anchor: given, authorities }: Trust,
  defects: IpadDefects,
): Refusal | undefined {
  const ignored = given?.kind === 'public-key' && defects.has('trusted-key-ignored');
  const anchor = ignored ? undefined : given;
  if (anchor?.kind === 'public-key') {
    if (defects.has('pinned-key-unchecked') || sameBytes(keyOf(leaf), anchor.spki)) return undefined;
    return { alert: ALERT.badCertificate, reason: 'its key is not trustedEimPkTls' };
  }
  if (anchor === undefined) return chained(leaf, sent, certificatesIn(authorities), defects);
  const trusted = parse(anchor.der);
  if (trusted === undefined)
    return { alert: ALERT.unknownCa, reason: 'trustedCertificateTls can not be read' };
  if (trusted.raw.equals(leaf.raw))
    return defects.has('pinned-leaf-refused')
      ? { alert: ALERT.unknownCa, reason: 'trustedCertificateTls is no CA' }
      : undefined;
  const rootsOnly = defects.has('intermediate-anchor-refused') && trusted.subject !== trusted.issuer;
  return chained(leaf, sent, rootsOnly ? [] : [trusted], defects);
}

/** From the leaf upwards, until a certificate is reached that is trusted. */
function chained(
  leaf: X509Certificate,
  sent: readonly (X509Certificate | undefined)[],
  anchors: readonly X509Certificate[],
  defects: IpadDefects,
): Refusal | undefined {
  if (defects.has('any-issuer-accepted')) return undefined;
  if (leaf.subject === leaf.issuer && defects.has('self-signed-accepted')) return undefined;
  const unsigned = defects.has('certificate-signature-unchecked');
  let at = leaf;
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    const current = at;
    const names = (ca: X509Certificate): boolean => ca.ca && current.checkIssued(ca);
    const signs = (ca: X509Certificate): boolean => unsigned || isSigned(current, ca);
    const named = anchors.filter((ca) => ca.ca && (ca.raw.equals(current.raw) || names(ca)));
    if (named.some((ca) => ca.raw.equals(current.raw) || signs(ca))) return undefined;
    if (named.length > 0) return { alert: ALERT.badCertificate, reason: 'the signature does not fit' };
    const above = sent.find((ca) => ca !== undefined && !ca.raw.equals(current.raw) && names(ca));
    if (above === undefined) break;
    if (!signs(above)) return { alert: ALERT.badCertificate, reason: 'the signature does not fit' };
    const late = inTime(above, Date.now(), defects);
    if (late !== undefined) return late;
    at = above;
  }
  return { alert: ALERT.unknownCa, reason: `nobody trusted stands above "${oneLine(leaf.issuer)}"` };
}

function inTime(certificate: X509Certificate, now: number, defects: IpadDefects): Refusal | undefined {
  const { validFrom, validTo } = certificate;
  if (now > Date.parse(validTo) && !defects.has('expiry-unchecked'))
    return { alert: ALERT.certificateExpired, reason: `expired on ${validTo}` };
  if (now < Date.parse(validFrom) && !defects.has('not-before-unchecked'))
    return { alert: ALERT.badCertificate, reason: `valid from ${validFrom} on` };
  return undefined;
}

function forServers(leaf: X509Certificate, defects: IpadDefects): Refusal | undefined {
  // The types say that this is always there; without the extension it is undefined.
  const purposes = leaf.keyUsage as string[] | undefined;
  const fits = purposes === undefined || purposes.includes(SERVER_AUTH) || purposes.includes(ANY_PURPOSE);
  if (fits || defects.has('server-auth-unchecked')) return undefined;
  return { alert: ALERT.unsupportedCertificate, reason: 'extendedKeyUsage without serverAuth' };
}

function onCurve(leaf: X509Certificate): Refusal | undefined {
  const curve = curveOf(leaf);
  if (curve !== undefined && CURVES.includes(curve)) return undefined;
  return { alert: ALERT.unsupportedCertificate, reason: `a key on ${curve ?? 'no curve'}` };
}

function ofName(leaf: X509Certificate, name: string, defects: IpadDefects): Refusal | undefined {
  const fits = isIP(name) === 0 ? leaf.checkHost(name, { subject: 'never' }) : leaf.checkIP(name);
  if (fits !== undefined || defects.has('server-name-unchecked')) return undefined;
  return { alert: ALERT.badCertificate, reason: `it is for ${oneLine(leaf.subjectAltName ?? 'nobody')}` };
}

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).flatMap(
    (one) => parse(one) ?? [],
  );

function parse(bytes: Uint8Array | string): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

function isSigned(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function keyOf(certificate: X509Certificate): Uint8Array | undefined {
  try {
    return certificate.publicKey.export({ format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function curveOf(certificate: X509Certificate): string | undefined {
  try {
    return certificate.publicKey.asymmetricKeyDetails?.namedCurve;
  } catch {
    return undefined;
  }
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;

const oneLine = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ', ').slice(0, 200);
