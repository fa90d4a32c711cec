/** Status words of the card (ISO/IEC 7816-4 5.6, ETSI TS 102 221 10.2), and the way to refuse a command. */

export const SW = {
  ok: 0x9000,
  wrongLength: 0x6700,
  channelNotOpen: 0x6881,
  secureMessaging: 0x6882,
  conditionsNotSatisfied: 0x6985,
  wrongData: 0x6a80,
  notSupported: 0x6a81,
  notFound: 0x6a82,
  recordNotFound: 0x6a83,
  wrongP1P2: 0x6a86,
  referencedDataNotFound: 0x6a88,
  outsideFile: 0x6b00,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
  noDiagnosis: 0x6f00,
} as const;

/** Thrown inside the card to end a command with a status word; never leaves `transmit`. */
export class Refused extends Error {
  constructor(
    readonly sw: number,
    why = '',
  ) {
    super(`${sw.toString(16)} ${why}`);
  }
}

export const statusBytes = (sw: number): Uint8Array => Uint8Array.of(sw >> 8, sw & 0xff);
