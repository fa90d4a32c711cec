/** eidValue of a message: 16 bytes, two digits each, nibbles as they are read (SGP.02 2.2.2). */
import { isValidEid } from '../../protocol/pki/eid.js';
import { hex } from '../tlv/writer.js';
import type { EimCore } from './core.js';

/** Undefined for bytes that are no EID. */
export function eidOf({ defects }: EimCore, content: Uint8Array): string | undefined {
  const digits = hex(content);
  if (content.length !== 16) return defects.has('eid-length-unchecked') ? digits : undefined;
  return isValidEid(digits) || defects.has('eid-check-digits-unchecked') ? digits : undefined;
}
