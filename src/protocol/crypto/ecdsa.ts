/**
 * ECDSA with SHA-256 in the plain format of BSI TR-03111 (`r || s`), which every signature inside SGP.22 and
 * SGP.32 messages has (SGP.22 2.6.7.2): tag 5F37, 64 bytes on both curves.
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { Sgp33Error } from '../errors.js';
import { curveOf, supportedCurveOf } from './keys.js';

export * from './keys.js';

/** Bytes of `r || s`. */
export const SIGNATURE_LENGTH = 64;

export type SignatureFault =
  /** Not 64 bytes. */
  | 'wrong-length'
  /** A SEQUENCE of two INTEGERs, the X.509 form, where the plain form is required. */
  | 'der-encoded'
  /** The key is on neither curve. */
  | 'unsupported-key'
  /** 64 bytes that do not fit these data and this key. */
  | 'does-not-verify';

export type SignatureCheck = { readonly ok: true } | { readonly ok: false; readonly reason: SignatureFault };

/**
 * Signs `data` (the exact bytes; hashed with SHA-256 here).
 * @returns 64 bytes `r || s`.
 * @throws {Sgp33Error} `key-unsupported` for a key on another curve, or a public one.
 */
export function signEcdsa(privateKey: KeyObject, data: Uint8Array): Uint8Array {
  curveOf(privateKey);
  if (privateKey.type !== 'private') {
    throw new Sgp33Error('key-unsupported', 'a public key cannot sign', { expected: 'a private key' });
  }
  return new Uint8Array(sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
}

/** Verifies `r || s` over `data` and says what is wrong. Never throws: the signature is a peer's. */
export function checkEcdsa(publicKey: KeyObject, data: Uint8Array, signature: Uint8Array): SignatureCheck {
  if (supportedCurveOf(publicKey) === undefined) return { ok: false, reason: 'unsupported-key' };
  if (signature.length !== SIGNATURE_LENGTH) {
    return {
      ok: false,
      reason: verifies(publicKey, data, signature, 'der') ? 'der-encoded' : 'wrong-length',
    };
  }
  if (verifies(publicKey, data, signature, 'ieee-p1363')) return { ok: true };
  return { ok: false, reason: 'does-not-verify' };
}

/** As `checkEcdsa`, as a boolean. */
export function verifyEcdsa(publicKey: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  return checkEcdsa(publicKey, data, signature).ok;
}

/** Verifies the DER form that certificates carry (RFC 5758). Never throws. */
export function verifyEcdsaDer(publicKey: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  return supportedCurveOf(publicKey) !== undefined && verifies(publicKey, data, signature, 'der');
}

function verifies(
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
  dsaEncoding: 'der' | 'ieee-p1363',
): boolean {
  try {
    return verify('sha256', data, { key, dsaEncoding }, signature);
  } catch {
    return false;
  }
}
