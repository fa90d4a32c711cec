import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { Sgp33Error } from '../errors.js';
import { readName } from './distinguished-name.js';
import { OID } from './oids.js';

const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

/** One permitted subtree with a directoryName: what an EUM may issue (SGP.22 4.5.2.1.0.2). */
export interface PermittedName {
  readonly o: string | undefined;
  /** First digits of the EID, 8 in SGP.26. */
  readonly serialNumber: string | undefined;
}

/** What eSIM looks at in the extensions of a certificate. Absent extension: undefined or an empty list. */
export interface CertificateExtensions {
  /** subjectKeyIdentifier, upper-case hex. */
  readonly skiHex: string | undefined;
  /** keyIdentifier of authorityKeyIdentifier, upper-case hex. */
  readonly akiHex: string | undefined;
  /** certificatePolicies, OIDs in dotted form; RSP roles are among them. */
  readonly policies: readonly string[];
  readonly keyUsage: readonly KeyUsage[] | undefined;
  /** extendedKeyUsage, OIDs. */
  readonly extendedKeyUsage: readonly string[];
  readonly basicConstraints: { readonly cA: boolean; readonly pathLen: number | undefined } | undefined;
  readonly nameConstraints: { readonly permitted: readonly PermittedName[] } | undefined;
  /** EID prefixes of a v3 EUM certificate. */
  readonly permittedEins: readonly string[] | undefined;
  readonly subjectAltName: { readonly dns: readonly string[]; readonly rid: readonly string[] };
  /** OIDs of the extensions marked critical. */
  readonly critical: readonly string[];
}

/**
 * Reads the extensions of a certificate that pkijs has parsed.
 * @throws whatever asn1js or pkijs throws on foreign bytes: the caller wraps it.
 */
export function readExtensions(extensions: readonly pkijs.Extension[]): CertificateExtensions {
  const find = (oid: string): asn1js.BaseBlock | undefined => {
    const found = extensions.filter((extension) => extension.extnID === oid);
    // RFC 5280 4.2: one instance at most. Which of two a verifier would read is anybody's guess.
    if (found.length > 1) {
      throw new Sgp33Error('certificate-malformed', `extension ${oid} occurs ${String(found.length)} times`);
    }
    return found[0] === undefined ? undefined : decodeValue(found[0]);
  };
  const map = <T>(oid: string, read: (schema: asn1js.BaseBlock) => T): T | undefined => {
    const value = find(oid);
    return value === undefined ? undefined : read(value);
  };
  return {
    skiHex: map(OID.subjectKeyIdentifier, (schema) => octets(schema)),
    akiHex: map(OID.authorityKeyIdentifier, (schema) => {
      const id = new pkijs.AuthorityKeyIdentifier({ schema }).keyIdentifier;
      return id === undefined ? undefined : octets(id);
    }),
    policies:
      map(OID.certificatePolicies, (schema) =>
        new pkijs.CertificatePolicies({ schema }).certificatePolicies.map(
          (policy) => policy.policyIdentifier,
        ),
      ) ?? [],
    keyUsage: map(OID.keyUsage, keyUsages),
    extendedKeyUsage:
      map(OID.extendedKeyUsage, (schema) => [...new pkijs.ExtKeyUsage({ schema }).keyPurposes]) ?? [],
    basicConstraints: map(OID.basicConstraints, (schema) => {
      const { cA, pathLenConstraint } = new pkijs.BasicConstraints({ schema });
      return { cA, pathLen: typeof pathLenConstraint === 'number' ? pathLenConstraint : undefined };
    }),
    nameConstraints: map(OID.nameConstraints, (schema) => ({ permitted: permittedNames(schema) })),
    permittedEins: map(OID.permittedEins, strings),
    subjectAltName: map(OID.subjectAltName, altNames) ?? { dns: [], rid: [] },
    critical: extensions.filter((extension) => extension.critical).map((extension) => extension.extnID),
  };
}

function decodeValue(extension: pkijs.Extension): asn1js.BaseBlock {
  const bytes = extension.extnValue.valueBlock.valueHexView;
  const { offset, result } = asn1js.fromBER(bytes);
  if (offset !== bytes.length) {
    throw new Sgp33Error('certificate-malformed', `extension ${extension.extnID} is not one DER value`);
  }
  return result;
}

function octets(value: asn1js.BaseBlock): string {
  if (!(value instanceof asn1js.OctetString)) {
    throw new Sgp33Error('certificate-malformed', 'a key identifier is not an OCTET STRING');
  }
  return Buffer.from(value.valueBlock.valueHexView).toString('hex').toUpperCase();
}

function keyUsages(value: asn1js.BaseBlock): KeyUsage[] {
  if (!(value instanceof asn1js.BitString)) {
    throw new Sgp33Error('certificate-malformed', 'keyUsage is not a BIT STRING');
  }
  const bits = value.valueBlock.valueHexView;
  return KEY_USAGES.filter((_, bit) => (((bits[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1);
}

function permittedNames(schema: asn1js.BaseBlock): PermittedName[] {
  const subtrees = new pkijs.NameConstraints({ schema }).permittedSubtrees ?? [];
  return subtrees.flatMap(({ base }) => {
    const value: unknown = base.value;
    if (!(value instanceof pkijs.RelativeDistinguishedNames)) return [];
    const { o, serialNumber } = readName(value);
    return [{ o, serialNumber }];
  });
}

function strings(value: asn1js.BaseBlock): string[] {
  if (!(value instanceof asn1js.Sequence)) {
    throw new Sgp33Error('certificate-malformed', 'the list of permitted EINs is not a SEQUENCE');
  }
  return value.valueBlock.value.map((item) => {
    if (item instanceof asn1js.PrintableString || item instanceof asn1js.Utf8String) {
      return item.valueBlock.value;
    }
    throw new Sgp33Error('certificate-malformed', 'a permitted EIN is not a PrintableString');
  });
}

// GeneralName: dNSName is [2], registeredID is [8] (RFC 5280 4.2.1.6).
function altNames(schema: asn1js.BaseBlock): { dns: string[]; rid: string[] } {
  const names = new pkijs.GeneralNames({ schema }).names;
  const of = (type: number): string[] =>
    names.flatMap((name) => {
      const value: unknown = name.value;
      return name.type === type && typeof value === 'string' ? [value] : [];
    });
  return { dns: of(2), rid: of(8) };
}
