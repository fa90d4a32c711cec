/**
 * What a card shows: answers as text, with each signature replaced by what it verifies over, so that two cards of the
 * same behaviour have the same transcript.
 */
import { verify, type KeyObject } from 'node:crypto';
import { concat, topLevel } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { bytes, hex, type Answer } from './terminal.js';

const pki = loadPkiFolder();
const KEYS: readonly [string, KeyObject][] = [
  ['NIST', pki.certificate('EUICC_ECDSA_NIST').publicKey],
  ['BRP', pki.certificate('EUICC_ECDSA_BRP').publicKey],
];

/** One line: status word and data; signatures as `<NIST token 1>`. */
export const line = ({ data, sw }: Answer): string => `${sw} ${shown(data)}`;

function shown(data: Uint8Array): string {
  let text = hex(data);
  for (const [signed, signature] of signatures(data))
    text = text.replace(hex(signature), `<${over(signed, signature)}>`);
  return text;
}

/** Every element in front of a 5F37, at any depth. */
function signatures(data: Uint8Array, depth = 0): [Uint8Array, Uint8Array][] {
  const found: [Uint8Array, Uint8Array][] = [];
  const parts = topLevel(data);
  parts.forEach(({ tag, content, raw }, i) => {
    if (tag === 0x5f37) found.push([parts[i - 1]?.raw ?? new Uint8Array(0), content]);
    else if (depth < 6 && ((raw[0] ?? 0) & 0x20) !== 0) found.push(...signatures(content, depth + 1));
  });
  return found;
}

function over(signed: Uint8Array, signature: Uint8Array): string {
  const inputs: [string, Uint8Array][] = [['bare', signed]];
  for (let token = 0; token < 4; token++)
    inputs.push([`token ${token}`, concat([signed, bytes(`84010${token}`)])]);
  for (const [curve, key] of KEYS)
    for (const [what, input] of inputs)
      if (verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)) return `${curve} ${what}`;
  return `${signature.length} bytes that do not verify`.replace(/^7\d/, 'about 70');
}
