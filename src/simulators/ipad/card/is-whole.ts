/** Whether an answer of the eUICC is one whole TLV: what was cut off on the way is no answer. */
import { readOne } from '../../tlv/reader.js';
import { read } from '../../ipa/read-answer.js';
import type { IpadDefects } from '../defects.js';

/** The length of this many bytes is the last that has the short form (X.690 8.1.3.4). */
const LAST_SHORT_LENGTH = 127;

/** @param answer may be empty: not every function has an answer. */
export function isWhole(answer: Uint8Array, defects: IpadDefects): boolean {
  if (answer.length === 0) return true;
  return read(false, () => {
    const { content } = readOne(answer);
    return !(content.length === LAST_SHORT_LENGTH && defects.has('length-127-as-long-form'));
  });
}
