/**
 * Issues X.509 certificates for tests. pkijs builds the structure, node:crypto signs it, because pkijs' own
 * signing knows no brainpool curve.
 */
import { sign, type KeyObject } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { spkiOf } from '../crypto/ecdsa.js';
import { signRepeatably } from '../crypto/repeatable-signature.js';
import { Sgp33Error } from '../errors.js';
import { OID } from './oids.js';

/** One attribute of a Name. PrintableString for C and serialNumber, UTF8String for the others (RFC 5280). */
export type NameAttribute = readonly [type: 'C' | 'O' | 'OU' | 'CN' | 'serialNumber', value: string];

export interface ExtensionToIssue {
  readonly oid: string;
  readonly critical?: boolean;
  /** DER of the extension's value. */
  readonly value: Uint8Array;
}

export interface CertificateToIssue {
  readonly subject: readonly NameAttribute[];
  /** DER of a Name goes into the certificate as it is. */
  readonly issuer: readonly NameAttribute[] | Uint8Array;
  /** Big-endian, positive. */
  readonly serial: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Public, or private (its public half is taken). */
  readonly subjectKey: KeyObject;
  readonly extensions: readonly ExtensionToIssue[];
}

/** The TBSCertificate in DER. Equal input gives equal bytes. */
export function encodeTbs(request: CertificateToIssue): Uint8Array {
  return bytesOf(build(request).encodeTBS());
}

/**
 * Signs a certificate with ecdsa-with-SHA256 on the curve of the issuer's key.
 * @param repeatable the same request gives the same bytes, see {@link signRepeatably}.
 * @returns DER. No rule is checked: defective certificates are made here as well.
 * @throws {Sgp33Error} `key-malformed` when `issuerKey` is not a private key.
 */
export function issueCertificate(
  request: CertificateToIssue,
  issuerKey: KeyObject,
  { repeatable = false } = {},
): Uint8Array {
  if (issuerKey.type !== 'private') {
    throw new Sgp33Error('key-malformed', 'a certificate is signed with a private key', {
      actual: issuerKey.type,
    });
  }
  const certificate = build(request);
  const tbs = certificate.encodeTBS();
  const signature = repeatable
    ? signRepeatably(issuerKey, bytesOf(tbs))
    : sign('sha256', bytesOf(tbs), { key: issuerKey, dsaEncoding: 'der' });
  return bytesOf(
    new asn1js.Sequence({
      value: [
        tbs,
        certificate.signature.toSchema(),
        new asn1js.BitString({ valueHex: Uint8Array.from(signature).buffer }),
      ],
    }),
  );
}

function build(request: CertificateToIssue): pkijs.Certificate {
  const certificate = new pkijs.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1js.Integer({ valueHex: Uint8Array.from(request.serial).buffer });
  certificate.signature = new pkijs.AlgorithmIdentifier({ algorithmId: OID.ecdsaWithSha256 });
  certificate.issuer =
    request.issuer instanceof Uint8Array ? nameFromDer(request.issuer) : nameOf(request.issuer);
  certificate.notBefore = timeOf(request.notBefore);
  certificate.notAfter = timeOf(request.notAfter);
  certificate.subject = nameOf(request.subject);
  const spki = Uint8Array.from(spkiOf(request.subjectKey));
  certificate.subjectPublicKeyInfo = new pkijs.PublicKeyInfo({ schema: asn1js.fromBER(spki.buffer).result });
  certificate.extensions = request.extensions.map(
    ({ oid, critical, value }) =>
      new pkijs.Extension({
        extnID: oid,
        critical: critical ?? false,
        extnValue: Uint8Array.from(value).buffer,
      }),
  );
  return certificate;
}

const ATTRIBUTE: Record<NameAttribute[0], string> = {
  C: OID.country,
  O: OID.organization,
  OU: OID.organizationalUnit,
  CN: OID.commonName,
  serialNumber: OID.serialNumber,
};

// pkijs would put all attributes into one SET, a multi-valued RDN; parsed names keep their encoding.
function nameOf(attributes: readonly NameAttribute[]): pkijs.RelativeDistinguishedNames {
  const names = new asn1js.Sequence({
    value: attributes.map(([type, value]) => {
      const text =
        type === 'C' || type === 'serialNumber'
          ? new asn1js.PrintableString({ value })
          : new asn1js.Utf8String({ value });
      const attribute = [new asn1js.ObjectIdentifier({ value: ATTRIBUTE[type] }), text];
      return new asn1js.Set({ value: [new asn1js.Sequence({ value: attribute })] });
    }),
  });
  return nameFromDer(new Uint8Array(names.toBER()));
}

const nameFromDer = (der: Uint8Array): pkijs.RelativeDistinguishedNames =>
  new pkijs.RelativeDistinguishedNames({ schema: asn1js.fromBER(Uint8Array.from(der).buffer).result });

// RFC 5280 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050.
function timeOf(date: Date): pkijs.Time {
  const generalized = date.getUTCFullYear() >= 2050;
  return new pkijs.Time({
    type: generalized ? pkijs.TimeType.GeneralizedTime : pkijs.TimeType.UTCTime,
    value: date,
  });
}

function bytesOf(value: asn1js.BaseBlock): Uint8Array {
  return new Uint8Array(value.toBER());
}

/** subjectKeyIdentifier. */
export function skiExtension(ski: Uint8Array): ExtensionToIssue {
  const value = bytesOf(new asn1js.OctetString({ valueHex: Uint8Array.from(ski).buffer }));
  return { oid: OID.subjectKeyIdentifier, value };
}

/** authorityKeyIdentifier with the keyIdentifier only. */
export function akiExtension(ski: Uint8Array): ExtensionToIssue {
  const keyIdentifier = new asn1js.OctetString({ valueHex: Uint8Array.from(ski).buffer });
  const value = bytesOf(new pkijs.AuthorityKeyIdentifier({ keyIdentifier }).toSchema());
  return { oid: OID.authorityKeyIdentifier, value };
}

/** keyUsage, critical. The bits are numbered as in RFC 5280: digitalSignature 0, keyCertSign 5, cRLSign 6. */
export function keyUsageExtension(...bits: readonly number[]): ExtensionToIssue {
  const octet = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  const unusedBits = 7 - Math.max(...bits);
  const value = bytesOf(new asn1js.BitString({ unusedBits, valueHex: Uint8Array.of(octet).buffer }));
  return { oid: OID.keyUsage, critical: true, value };
}

/** extendedKeyUsage, critical. */
export function extendedKeyUsageExtension(...purposes: string[]): ExtensionToIssue {
  const value = bytesOf(new pkijs.ExtKeyUsage({ keyPurposes: purposes }).toSchema());
  return { oid: OID.extendedKeyUsage, critical: true, value };
}

/** certificatePolicies with one policy. */
export function policyExtension(policyIdentifier: string, critical: boolean): ExtensionToIssue {
  const certificatePolicies = [new pkijs.PolicyInformation({ policyIdentifier })];
  const value = bytesOf(new pkijs.CertificatePolicies({ certificatePolicies }).toSchema());
  return { oid: OID.certificatePolicies, critical, value };
}

/** basicConstraints cA TRUE, critical. */
export function caExtension(pathLenConstraint?: number): ExtensionToIssue {
  const constraints = new pkijs.BasicConstraints({
    cA: true,
    ...(pathLenConstraint === undefined ? {} : { pathLenConstraint }),
  });
  return { oid: OID.basicConstraints, critical: true, value: bytesOf(constraints.toSchema()) };
}

/** subjectAltName. */
export function altNameExtension(names: {
  dns?: readonly string[];
  rid?: readonly string[];
}): ExtensionToIssue {
  const dns = (names.dns ?? []).map((value) => new pkijs.GeneralName({ type: 2, value }));
  const rid = (names.rid ?? []).map((value) => new pkijs.GeneralName({ type: 8, value }));
  return {
    oid: OID.subjectAltName,
    value: bytesOf(new pkijs.GeneralNames({ names: [...dns, ...rid] }).toSchema()),
  };
}

/** nameConstraints of an EUM, critical: one permitted directoryName with O and the first digits of the EID. */
export function eumNameConstraints(o: string, eidPrefix: string): ExtensionToIssue {
  const base = new pkijs.GeneralName({
    type: 4,
    value: nameOf([
      ['O', o],
      ['serialNumber', eidPrefix],
    ]),
  });
  const constraints = new pkijs.NameConstraints({ permittedSubtrees: [new pkijs.GeneralSubtree({ base })] });
  return { oid: OID.nameConstraints, critical: true, value: bytesOf(constraints.toSchema()) };
}
