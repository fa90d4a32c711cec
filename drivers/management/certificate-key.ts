import { X509Certificate } from 'node:crypto';

/** SubjectPublicKeyInfo (DER) of a certificate (DER). @throws {Error} `a certificate` for other bytes. */
export function publicKeyOfCertificate(der: Uint8Array): Uint8Array {
  try {
    return new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' });
  } catch {
    throw new Error('a certificate');
  }
}
