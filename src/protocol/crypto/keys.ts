import { ECDH, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Sgp33Error } from '../errors.js';

/** The two curves of SGP.22 2.6.7.1 that SGP.32 keeps. */
export type Curve = 'P-256' | 'brainpoolP256r1';

const OPENSSL_NAME: Record<Curve, string> = { 'P-256': 'prime256v1', brainpoolP256r1: 'brainpoolP256r1' };

/** `04 || X || Y`. */
export const POINT_LENGTH = 65;

/**
 * The curve of an EC key.
 * @throws {Sgp33Error} `key-unsupported` for another curve, or another kind of key.
 */
export function curveOf(key: KeyObject): Curve {
  const curve = supportedCurveOf(key);
  if (curve === undefined) {
    throw new Sgp33Error('key-unsupported', 'the key is on no curve that eSIM uses', {
      expected: 'P-256 or brainpoolP256r1',
      actual: describe(key),
    });
  }
  return curve;
}

/** As `curveOf`, but undefined in place of an error. */
export function supportedCurveOf(key: KeyObject): Curve | undefined {
  if (key.asymmetricKeyType !== 'ec') return undefined;
  const name = key.asymmetricKeyDetails?.namedCurve;
  if (name === 'prime256v1') return 'P-256';
  if (name === 'brainpoolP256r1') return 'brainpoolP256r1';
  return undefined;
}

function describe(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return [key.asymmetricKeyType ?? key.type, curve].filter((part) => part !== undefined).join(' ');
}

/**
 * Reads a SubjectPublicKeyInfo: 91 bytes for P-256, 92 for brainpoolP256r1 when the point is uncompressed.
 * The bytes come from cards and peers, so nothing but exactly one DER structure is taken.
 * @throws {Sgp33Error} `key-malformed` for anything else, `key-unsupported` for another curve or algorithm.
 */
export function publicKeyFromSpki(der: Uint8Array): KeyObject {
  const name = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1');
  const known = recentKeys.get(name);
  if (known !== undefined) return known;
  const key = readSpki(der);
  if (recentKeys.size >= MAX_RECENT_KEYS) recentKeys.clear();
  recentKeys.set(name, key);
  return key;
}

/** OpenSSL takes longer to read a key than to verify with it, and the same few keys come again and again. */
const recentKeys = new Map<string, KeyObject>();
const MAX_RECENT_KEYS = 64;

function readSpki(der: Uint8Array): KeyObject {
  const head = headOf('P-256');
  if (
    der.length === head.length + POINT_LENGTH &&
    head.equals(der.subarray(0, head.length)) &&
    der[head.length] === 4
  )
    return uncompressedP256(der.subarray(head.length + 1), der);
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch (cause) {
    throw malformedSpki(der, cause);
  }
  const curve = curveOf(key);
  // OpenSSL ignores bytes after the structure and reads BER; a second encoding shows both. Explicit curve
  // parameters (forbidden by RFC 5480 2.1.1) would come back as they went in, so the named curve is looked for.
  const algorithm = headOf(curve).subarray(2, -3);
  const named = algorithm.equals(der.subarray(2, 2 + algorithm.length));
  if (!named || !key.export({ format: 'der', type: 'spki' }).equals(der)) throw malformedSpki(der);
  return key;
}

/** The form that almost every key comes in. As JWK, for which OpenSSL takes half the time; it checks the point as well. */
function uncompressedP256(xy: Uint8Array, der: Uint8Array): KeyObject {
  const text = (half: Uint8Array): string => Buffer.from(half).toString('base64url');
  const key = { kty: 'EC', crv: 'P-256', x: text(xy.subarray(0, 32)), y: text(xy.subarray(32)) };
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (cause) {
    throw malformedSpki(der, cause);
  }
}

function malformedSpki(der: Uint8Array, cause?: unknown): Sgp33Error {
  return new Sgp33Error('key-malformed', 'not a SubjectPublicKeyInfo of an EC public key', {
    expected: 'one DER SEQUENCE { AlgorithmIdentifier, BIT STRING }, a point on the curve',
    actual: `${String(der.length)} bytes ${hexStart(der)}`,
    cause,
  });
}

function hexStart(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, 16)).toString('hex');
  return bytes.length > 16 ? `${hex}...` : hex;
}

/** The SubjectPublicKeyInfo (DER) of a public key, or of the public half of a private key; on P-256 uncompressed. */
export function spkiOf(key: KeyObject): Uint8Array {
  const half = publicHalf(key);
  if (supportedCurveOf(half) !== 'P-256') return new Uint8Array(half.export({ format: 'der', type: 'spki' }));
  // OpenSSL's DER encoder takes twenty times as long.
  const { x = '', y = '' } = half.export({ format: 'jwk' });
  return new Uint8Array(
    Buffer.concat([
      headOf('P-256'),
      Uint8Array.of(4),
      Buffer.from(x, 'base64url'),
      Buffer.from(y, 'base64url'),
    ]),
  );
}

/** The public key of a private one; a public key is returned as it is. */
export function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** The uncompressed point `04 || X || Y` (65 bytes), as PK.EUICC and PK.DP travel in SGP.22 5F49. */
export function pointOf(key: KeyObject): Uint8Array {
  const curve = curveOf(key);
  const point = spkiOf(key).slice(headOf(curve).length);
  if (point[0] === 4) return point;
  const uncompressed = ECDH.convertKey(point, OPENSSL_NAME[curve], undefined, undefined, 'uncompressed');
  return typeof uncompressed === 'string'
    ? Buffer.from(uncompressed, 'latin1')
    : new Uint8Array(uncompressed);
}

// SEQUENCE and AlgorithmIdentifier with the named curve, then the BIT STRING up to the first byte of the point.
const SPKI_HEAD: Record<Curve, Buffer> = {
  'P-256': Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
  brainpoolP256r1: Buffer.from('305a301406072a8648ce3d020106092b2403030208010107034200', 'hex'),
};

function headOf(curve: Curve): Buffer {
  return SPKI_HEAD[curve];
}

/**
 * The public key of an uncompressed point (65 bytes).
 * @throws {Sgp33Error} `key-malformed` when the bytes are not a point on that curve.
 */
export function publicKeyFromPoint(curve: Curve, point: Uint8Array): KeyObject {
  return publicKeyFromSpki(Buffer.concat([headOf(curve), point]));
}

/**
 * Loads an EC private key from PEM: SEC1 (`EC PRIVATE KEY`, with or without a leading `EC PARAMETERS` block,
 * as the SGP.26 files have it) or PKCS#8 (`PRIVATE KEY`).
 * @param place what the error names: a file, normally.
 * @throws {Sgp33Error} `key-malformed`, `key-encrypted` or `key-unsupported`; never quotes the key.
 */
export function privateKeyFromPem(pem: string, place?: string): KeyObject {
  const at = place === undefined ? {} : { place };
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    throw new Sgp33Error('key-encrypted', 'the private key is protected by a passphrase', {
      ...at,
      repair: 'Write it without: openssl pkey -in key.pem -out plain.pem',
    });
  }
  const block = /-----BEGIN ((?:EC )?PRIVATE KEY)-----[\s\S]*?-----END \1-----/.exec(pem)?.[0];
  const expected = 'PEM with an EC PRIVATE KEY or PRIVATE KEY block';
  if (block === undefined) throw new Sgp33Error('key-malformed', 'no private key in it', { ...at, expected });
  let key: KeyObject;
  try {
    key = createPrivateKey(block);
  } catch {
    throw new Sgp33Error('key-malformed', 'the private key cannot be read', { ...at, expected });
  }
  curveOf(key);
  return key;
}

/** A new key pair, for simulators and for the test PKI. */
export function generateEcKeyPair(curve: Curve): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: OPENSSL_NAME[curve] });
}
