/** Names of the numbers in a ClientHello. What is not here is shown in hex. */
import { SUITES } from './tls-suites.js';

/** OpenSSL's names, as TlsOffer has them. */
const GROUPS: Readonly<Record<number, string>> = {
  19: 'prime192v1',
  21: 'secp224r1',
  22: 'secp256k1',
  23: 'prime256v1',
  24: 'secp384r1',
  25: 'secp521r1',
  26: 'brainpoolP256r1',
  27: 'brainpoolP384r1',
  28: 'brainpoolP512r1',
  29: 'X25519',
  30: 'X448',
  31: 'brainpoolP256r1tls13',
  32: 'brainpoolP384r1tls13',
  33: 'brainpoolP512r1tls13',
  256: 'ffdhe2048',
  257: 'ffdhe3072',
  258: 'ffdhe4096',
  259: 'ffdhe6144',
  260: 'ffdhe8192',
  0x11ec: 'X25519MLKEM768',
};

/** Signature schemes that are no pair of hash and signature (RFC 8446 4.2.3, RFC 8734). */
const SCHEMES: Readonly<Record<number, string>> = {
  0x0804: 'RSA-PSS+SHA256',
  0x0805: 'RSA-PSS+SHA384',
  0x0806: 'RSA-PSS+SHA512',
  0x0807: 'ed25519',
  0x0808: 'ed448',
  0x0809: 'rsa_pss_pss_sha256',
  0x080a: 'rsa_pss_pss_sha384',
  0x080b: 'rsa_pss_pss_sha512',
  0x081a: 'ecdsa_brainpoolP256r1tls13_sha256',
  0x081b: 'ecdsa_brainpoolP384r1tls13_sha384',
  0x081c: 'ecdsa_brainpoolP512r1tls13_sha512',
};
/** RFC 5246 7.4.1.4.1. */
const HASHES = ['', 'MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512'];
const SIGNATURES = ['', 'RSA', 'DSA', 'ECDSA'];

const VERSIONS: Readonly<Record<number, string>> = {
  0x0300: 'SSLv3',
  0x0301: 'TLSv1',
  0x0302: 'TLSv1.1',
  0x0303: 'TLSv1.2',
  0x0304: 'TLSv1.3',
  0xfeff: 'DTLSv1',
  0xfefd: 'DTLSv1.2',
  0xfefc: 'DTLSv1.3',
};

const hex = (number: number): string => `0x${number.toString(16).toUpperCase().padStart(4, '0')}`;

export const suiteName = (number: number): string => SUITES[number] ?? hex(number);
export const groupName = (number: number): string => GROUPS[number] ?? hex(number);
export const versionName = (number: number): string => VERSIONS[number] ?? hex(number);

/** `ECDSA+SHA256` for 0x0403. */
export function signatureName(number: number): string {
  const scheme = SCHEMES[number];
  if (scheme !== undefined) return scheme;
  const [hash = '', signature = ''] = [HASHES[number >> 8], SIGNATURES[number & 0xff]];
  return hash === '' || signature === '' ? hex(number) : `${signature}+${hash}`;
}

export const suiteNumber = (name: string): number | undefined => {
  const found = Object.entries(SUITES).find(([, known]) => known === name);
  return found === undefined ? undefined : Number(found[0]);
};
