import type { KeyObject } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { publicKeyFromSpki, supportedCurveOf, verifyEcdsaDer, type Curve } from '../crypto/ecdsa.js';
import { Sgp33Error } from '../errors.js';
import { readName, type DistinguishedName } from './distinguished-name.js';
import { readExtensions, type CertificateExtensions } from './extensions.js';
import { OID } from './oids.js';

/** An X.509 certificate as SGP.22 4.5.2 profiles it. Made by `parseCertificate` only. */
export interface Certificate extends CertificateExtensions {
  /** The whole certificate, as it came. */
  readonly der: Uint8Array;
  /** The signed part, as it came. */
  readonly tbs: Uint8Array;
  /** The certificate's own number, upper-case hex. */
  readonly serialHex: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly publicKey: KeyObject;
  readonly curve: Curve;
  /** 32 digits of the subject's serialNumber, when it has that form: an eUICC certificate. */
  readonly eid: string | undefined;
  readonly signatureAlgorithm: string;
  /** True when this certificate's signature was made with the issuer's key. Looks at nothing else. */
  isSignedBy(issuer: Certificate | KeyObject): boolean;
}

/** Larger than any RSP certificate; asn1js needs seconds for what is much larger. */
export const MAX_CERTIFICATE_LENGTH = 8192;

/**
 * Parses one DER certificate.
 * @param place what the error names: a file, an ASN.1 path.
 * @throws {Sgp33Error} `certificate-malformed` for bytes that are no certificate, `key-malformed` or
 *   `key-unsupported` when it is one, with a key that eSIM has no use for.
 */
export function parseCertificate(der: Uint8Array, place?: string): Certificate {
  const bytes = Uint8Array.from(der);
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof Sgp33Error && error.code !== 'certificate-malformed') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Sgp33Error('certificate-malformed', 'not an X.509 certificate', {
      ...(place === undefined ? {} : { place }),
      expected: 'one DER Certificate (RFC 5280), as SGP.22 4.5.2 profiles it',
      actual: `${String(bytes.length)} bytes: ${reason}`,
      cause: error,
    });
  }
}

function read(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE_LENGTH) throw new Error(`longer than ${String(MAX_CERTIFICATE_LENGTH)}`);
  assertDefiniteLengths(der);
  const decoded = asn1js.fromBER(der);
  if (decoded.offset !== der.length) throw new Error(decoded.result.error || 'not exactly one value');
  const parsed = new pkijs.Certificate({ schema: decoded.result });
  const spki = new Uint8Array(parsed.subjectPublicKeyInfo.toSchema().toBER());
  const publicKey = publicKeyFromSpki(spki);
  const curve = supportedCurveOf(publicKey);
  if (curve === undefined) throw new Error('no eSIM curve');
  const subject = readName(parsed.subject);
  const tbs = parsed.tbsView.slice();
  const signature = parsed.signatureValue.valueBlock.valueHexView.slice();
  const signatureAlgorithm = parsed.signatureAlgorithm.algorithmId;
  // What the signature does not cover must not be free to vary: the unused bits of the signature itself, and the
  // outer algorithm, which RFC 5280 4.1.1.2 wants equal to the one inside.
  if (parsed.signatureValue.valueBlock.unusedBits !== 0) throw new Error('a signature with unused bits');
  const [inner, outer] = [parsed.signature, parsed.signatureAlgorithm].map((a) =>
    Buffer.from(a.toSchema().toBER()),
  );
  if (inner?.equals(outer ?? Buffer.alloc(0)) !== true) throw new Error('two signature algorithms');
  return {
    der,
    tbs,
    serialHex: Buffer.from(parsed.serialNumber.valueBlock.valueHexView).toString('hex').toUpperCase(),
    subject,
    issuer: readName(parsed.issuer),
    notBefore: validDate(parsed.notBefore.value),
    notAfter: validDate(parsed.notAfter.value),
    spki,
    publicKey,
    curve,
    eid: eidOf(subject),
    signatureAlgorithm,
    ...readExtensions(parsed.extensions ?? []),
    isSignedBy(issuer) {
      const key = 'publicKey' in issuer ? issuer.publicKey : issuer;
      return signatureAlgorithm === OID.ecdsaWithSha256 && verifyEcdsaDer(key, tbs, signature);
    },
  };
}

function eidOf({ serialNumber }: DistinguishedName): string | undefined {
  return serialNumber !== undefined && /^\d{32}$/.test(serialNumber) ? serialNumber : undefined;
}

function validDate(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new Error('a date that does not exist');
  return date;
}

// DER has definite lengths of the shortest form (X.690 10.1); asn1js takes any. Walking without recursion also
// keeps deep nesting away from its recursive decoder.
function assertDefiniteLengths(der: Uint8Array): void {
  const ends: number[] = [];
  let at = 0;
  while (at < der.length) {
    const tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0x80;
    if ((tag & 0x1f) === 0x1f) throw new Error(`a long tag at byte ${String(at)}`);
    const count = first < 0x80 ? 0 : first & 0x7f;
    const length =
      count === 0
        ? first
        : Number(`0x${Buffer.from(der.subarray(at + 2, at + 2 + count)).toString('hex') || '0'}`);
    const shortest = count === 0 ? first !== 0x80 : length >= 0x80 && (der[at + 2] ?? 0) !== 0;
    const start = at + 2 + count;
    const end = start + length;
    if (!shortest || count > 2 || end > (ends.at(-1) ?? der.length)) {
      throw new Error(`a length that is not DER at byte ${String(at)}`);
    }
    const constructed = (tag & 0x20) !== 0;
    if (constructed && ends.push(end) > 32) throw new Error(`nested too deeply at byte ${String(at)}`);
    at = constructed ? start : end;
    while (ends.at(-1) === at) ends.pop();
  }
}

/**
 * Takes a certificate from PEM (the first CERTIFICATE block) or DER, as a file may hold either.
 * @throws {Sgp33Error} as `parseCertificate`.
 */
export function parseCertificateFile(content: Uint8Array, place: string): Certificate {
  const text = Buffer.from(content).toString('latin1');
  const base64 = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/.exec(text)?.[1];
  return parseCertificate(base64 === undefined ? content : Buffer.from(base64, 'base64'), place);
}
