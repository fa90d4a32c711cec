/** The IPAd's end of the slot: APDUs and power, whatever lies between it and the eUICC. */
import { Sgp33Error } from '../../../protocol/errors.js';

export interface CardPort {
  /** For messages: `tcp:127.0.0.1:40001`, the name of a reader. */
  readonly place: string;
  /** Power off and on; connects first where that is needed. @returns the ATR. @throws {CardGone} */
  coldReset(): Promise<Uint8Array>;
  /** One C-APDU. @throws {CardGone} when there is no card any more, or it stays silent. */
  transmit(command: Uint8Array): Promise<Uint8Array>;
  /** Power off, and lets go of the card. May be called again. Never rejects. */
  close(): Promise<void>;
}

/** There is no card, it was pulled, or it does not answer: whatever was going on is over. */
export class CardGone extends Sgp33Error {
  declare readonly code: 'ipad-card-gone';

  constructor(place: string, actual: string, cause?: unknown) {
    super('ipad-card-gone', 'the eUICC does not answer', {
      place,
      actual,
      repair: 'Put the card in, and start the cycle anew.',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
