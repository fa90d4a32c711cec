import { Sgp33Error } from '../errors.js';
import { hexOf } from './hex-text.js';

/** The peer sent fewer bytes than SW1 SW2: no R-APDU at all. `bytes` holds what came. */
export class ApduError extends Sgp33Error {
  declare readonly code: 'malformed-r-apdu';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super('malformed-r-apdu', 'The R-APDU is shorter than a status word', {
      expected: 'at least 2 bytes (SW1 SW2)',
      actual: bytes.length === 0 ? 'no byte' : hexOf(bytes),
    });
    this.bytes = bytes;
  }
}
