/** No report shows a private key, even when somebody's trace holds one. */

const REMOVED = '[private key removed]';
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
/** ECPrivateKey (RFC 5915): SEQUENCE, version 1, an OCTET STRING of 32 or 48 bytes, then [0], [1] or the end. */
const EC_KEY = /(30[0-9A-F]{2}(?:[0-9A-F]{2})?0201010420)[0-9A-F]{64}(?=A0|A1|$|[^0-9A-F])/gi;
const EC_KEY_384 = /(3081[0-9A-F]{2}0201010430)[0-9A-F]{96}(?=A0|A1|$|[^0-9A-F])/gi;
const SECRET_NAME =
  /pass(word|phrase)|secret|private|credential|authorization|api[-_ ]?key|(access|bearer)[-_ ]?token/i;

/** The text without PEM private keys and without the scalar of a DER-encoded EC private key in hexadecimal. */
export function redact(text: string): string {
  if (text.length < 20) return text;
  return text.replace(PEM, REMOVED).replace(EC_KEY, `$1${REMOVED}`).replace(EC_KEY_384, `$1${REMOVED}`);
}

/** The value of a named setting; a name that tells of a secret hides the value. */
export const redactSetting = (name: string, value: string): string =>
  SECRET_NAME.test(name) ? '[removed]' : redact(value);
