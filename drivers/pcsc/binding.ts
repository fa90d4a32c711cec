/** The card-channel interface: the least of PC/SC that the driver needs, so that two bindings can stand behind it. */

export type BindingName = 'pcsclite' | 'ffi';

export interface ReaderInfo {
  readonly name: string;
  /** A card is in the reader. */
  readonly present: boolean;
  /** The card's ATR, if one is there and was powered. */
  readonly atr?: Uint8Array;
  /** How often a card came or went since the service started, modulo 65536; 0 where the service does not count. */
  readonly changes: number;
  readonly state: 'empty' | 'present' | 'in-use' | 'exclusive' | 'mute' | 'unavailable';
}

/** What to do with the card when it is let go. */
export type Disposition = 'leave' | 'unpower';

export interface Connection {
  readonly atr: Uint8Array;
  /** The protocol negotiated: a PROTOCOL bit. */
  readonly protocol: number;
  /** The binding has used up what it can in one process: the next connection should be made in a new one. */
  readonly spent?: boolean;
}

/** One context and at most one card. Calls come one after the other. All throw {@link ScardError}. */
export interface PcscBinding {
  readonly name: BindingName;
  listReaders(): Promise<ReaderInfo[]>;
  /** Exclusive; `protocols` is a mask of {@link Scard}'s PROTOCOL bits. */
  connect(reader: string, protocols: number): Promise<Connection>;
  transmit(command: Uint8Array): Promise<Uint8Array>;
  disconnect(disposition: Disposition): Promise<void>;
}

export const Scard = {
  SHARE_EXCLUSIVE: 1,
  PROTOCOL_T0: 1,
  PROTOCOL_T1: 2,
  LEAVE_CARD: 0,
  UNPOWER_CARD: 2,
  STATE_UNAVAILABLE: 0x0008,
  STATE_PRESENT: 0x0020,
  STATE_EXCLUSIVE: 0x0080,
  STATE_INUSE: 0x0100,
  STATE_MUTE: 0x0200,
} as const;

/** A call that did not return SCARD_S_SUCCESS; `code` is its 32-bit result. */
export class ScardError extends Error {
  readonly code: number;

  constructor(call: string, code: number) {
    super(`${call} returned 0x${(code >>> 0).toString(16).toUpperCase().padStart(8, '0')}`);
    this.name = 'ScardError';
    this.code = code >>> 0;
  }
}

/** Translates the event state of SCardGetStatusChange. */
export function readerInfo(name: string, eventState: number, atr: Uint8Array): ReaderInfo {
  const present = (eventState & Scard.STATE_PRESENT) !== 0;
  const changes = eventState >>> 16;
  return {
    name,
    present,
    changes,
    state: stateOf(eventState),
    ...(present && atr.length > 0 ? { atr } : {}),
  };
}

function stateOf(eventState: number): ReaderInfo['state'] {
  if ((eventState & Scard.STATE_UNAVAILABLE) !== 0) return 'unavailable';
  if ((eventState & Scard.STATE_PRESENT) === 0) return 'empty';
  if ((eventState & Scard.STATE_MUTE) !== 0) return 'mute';
  if ((eventState & Scard.STATE_EXCLUSIVE) !== 0) return 'exclusive';
  return (eventState & Scard.STATE_INUSE) !== 0 ? 'in-use' : 'present';
}
