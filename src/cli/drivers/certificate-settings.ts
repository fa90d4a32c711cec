/** Files of certificates and keys that a target names. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { asText, need, onlyKeys, SuiteError, type YMap, type YNode } from '../../engine/yaml/nodes.js';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

function contentOf(n: YNode, folder: string, what: string): Buffer {
  const file = asText(n, what);
  try {
    return readFileSync(resolve(folder, file));
  } catch (cause) {
    throw new SuiteError('file-not-readable', `the file of ${what} can not be read`, n.place, {
      actual: reasonOf(cause),
    });
  }
}

function wrong(n: YNode, expected: string, cause: unknown): SuiteError {
  return new SuiteError('certificate-malformed', `'${asText(n, 'a file')}' holds something else`, n.place, {
    expected,
    actual: reasonOf(cause),
  });
}

/** All certificates of the file (PEM, or DER), none of which may be broken. */
function certificatesOf(n: YNode, folder: string): X509Certificate[] {
  const content = contentOf(n, folder, 'a certificate');
  const blocks = content.toString('latin1').match(PEM_CERTIFICATE);
  try {
    return blocks === null
      ? [new X509Certificate(content)]
      : blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw wrong(n, 'X.509 certificates, PEM or DER', cause);
  }
}

/** PEM. @throws {SuiteError} `file-not-readable`, `certificate-malformed`. */
export const certificatesFile = (n: YNode, folder: string): string =>
  certificatesOf(n, folder)
    .map((c) => c.toString())
    .join('');

/** DER of the first certificate. @throws {SuiteError} as {@link certificatesFile}. */
export const certificateDer = (n: YNode, folder: string): Uint8Array =>
  new Uint8Array((certificatesOf(n, folder)[0] as X509Certificate).raw);

/** SubjectPublicKeyInfo (DER) of a public key, PEM or DER. @throws {SuiteError} `file-not-readable`, `certificate-malformed`. */
export function publicKeyFile(n: YNode, folder: string): Uint8Array {
  const content = contentOf(n, folder, 'a public key');
  try {
    const key = content.includes('-----BEGIN')
      ? createPublicKey(content)
      : createPublicKey({ key: content, format: 'der', type: 'spki' });
    return new Uint8Array(key.export({ format: 'der', type: 'spki' }));
  } catch (cause) {
    throw wrong(n, 'a public key, PEM or DER', cause);
  }
}

export const IDENTITY_KEYS = ['certificate', 'privateKey'] as const;

/**
 * PEM texts of a certificate and its private key.
 * @throws {SuiteError} `file-not-readable`, `certificate-malformed`, and `pki-mismatch` when they are no pair.
 */
export function identityOf(
  m: YMap,
  folder: string,
  others: readonly string[] = [],
): { certificate: string; privateKey: string } {
  onlyKeys(m, [...IDENTITY_KEYS, ...others], 'a certificate with its key');
  const node = need(m, 'privateKey', 'a certificate with its key');
  const [leaf, ...chain] = certificatesOf(need(m, 'certificate', 'a certificate with its key'), folder);
  const content = contentOf(node, folder, 'a private key');
  const key = (() => {
    try {
      return createPrivateKey(content);
    } catch (cause) {
      throw wrong(node, 'a private key in PEM, not encrypted', cause);
    }
  })();
  if (leaf?.checkPrivateKey(key) !== true)
    throw new SuiteError('pki-mismatch', 'the key is not that of the certificate', node.place);
  return {
    certificate: [leaf, ...chain].map((c) => c.toString()).join(''),
    privateKey: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}
