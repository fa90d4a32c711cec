/** `!certificate`: properties of an X.509 certificate in an answer. */
import { X509Certificate } from 'node:crypto';
import { hexToBytes } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { OID, ROLE_POLICIES } from '../protocol/pki/oids.js';
import { parseCertificate, type Certificate } from '../protocol/pki/certificate.js';
import { differs, type Actual, type Mismatch } from './match.js';
import { textOf, type Scope } from './scope.js';
import { onlyKeys, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

export const CERTIFICATE_KEYS = [
  ...['curve', 'eid', 'role', 'signedBy', 'ci', 'sameCurveAs', 'subjectO'],
  ...['dnsName', 'keyUsage', 'purpose'],
];
const PURPOSES: Readonly<Record<string, string>> = { serverAuth: OID.serverAuth, clientAuth: OID.clientAuth };

export function matchCertificate(m: YMap, scope: Scope, actual: Actual): Mismatch[] {
  onlyKeys(m, CERTIFICATE_KEYS, '!certificate');
  let certificate: Certificate;
  try {
    certificate = parseCertificate(actual.value as Uint8Array, actual.path);
  } catch (error) {
    if (error instanceof Sgp33Error)
      return [differs('malformed', actual, 'an X.509 certificate', error.actual ?? error.message)];
    throw error;
  }
  return m.entries.flatMap((e) => {
    const text = textOf(e.value, scope, e.key);
    const differ = (is: string, cause: Mismatch['cause'] = 'wrong-value'): Mismatch[] => [
      differs(
        cause,
        { ...actual, path: `${actual.path} ${e.key}` },
        text.length > 80 ? `${text.slice(0, 80)}...` : text,
        is,
      ),
    ];
    switch (e.key) {
      case 'curve':
        return certificate.curve === text ? [] : differ(certificate.curve);
      case 'sameCurveAs': {
        const other = parse(text, e.value);
        if (other === undefined) return differ('no certificate to compare with', 'malformed');
        return certificate.curve === other.curve
          ? []
          : differ(`${certificate.curve}, the other has ${other.curve}`);
      }
      case 'eid':
        return certificate.eid === text ? [] : differ(certificate.eid ?? 'no EID');
      case 'subjectO':
        return certificate.subject.o === text ? [] : differ(certificate.subject.o ?? 'no organizationName');
      case 'dnsName':
        return matchesHost(certificate, text)
          ? []
          : differ(certificate.subjectAltName.dns.join(', ') || 'no dNSName');
      case 'keyUsage':
        return certificate.keyUsage?.some((usage) => usage === text) === true
          ? []
          : differ(certificate.keyUsage?.join(', ') ?? 'no keyUsage');
      case 'purpose': {
        const oid = PURPOSES[text];
        if (oid === undefined)
          throw new SuiteError('yaml-shape', `'${text}' is no purpose`, e.value.place, {
            expected: Object.keys(PURPOSES).join(', '),
          });
        const all = certificate.extendedKeyUsage;
        return all.includes(oid) ? [] : differ(all.join(', ') || 'no extendedKeyUsage');
      }
      case 'ci':
        return certificate.akiHex === text.toUpperCase()
          ? []
          : differ(certificate.akiHex ?? 'no authorityKeyIdentifier');
      case 'signedBy': {
        const issuer = parse(text, e.value);
        if (issuer === undefined) return differ('no issuer certificate to verify it with', 'malformed');
        return certificate.isSignedBy(issuer) ? [] : differ('another key, or damaged', 'signature');
      }
      case 'role': {
        const wanted =
          text === 'eUICC' ? ROLE_POLICIES.euicc : text === 'EUM' ? ROLE_POLICIES.eum : undefined;
        if (wanted === undefined)
          throw new SuiteError('yaml-shape', `'${text}' is no role`, e.value.place, {
            expected: 'eUICC, EUM',
          });
        return certificate.policies.some((p) => wanted.includes(p))
          ? []
          : differ(certificate.policies.join(', ') || 'no certificatePolicies');
      }
      default:
        return [];
    }
  });
}

/** As a TLS client compares names, wildcards included; the common name does not count (RFC 6125 6.4). */
const matchesHost = ({ der }: Certificate, name: string): boolean =>
  new X509Certificate(der).checkHost(name, { subject: 'never' }) !== undefined;

/** Undefined for bytes that are no certificate: a variable may hold what a card gave. */
function parse(text: string, at: YNode): Certificate | undefined {
  const der = hexToBytes(text);
  if (der === undefined) throw new SuiteError('yaml-shape', 'a certificate in hex is needed', at.place);
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof Sgp33Error) return undefined;
    throw error;
  }
}
