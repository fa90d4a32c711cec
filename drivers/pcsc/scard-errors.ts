/** PC/SC result codes as transport errors with a repair (winscard.h, pcsclite.h; the same values on all platforms). */
import { TransportError, type TransportErrorCode } from '../contract.js';

export const ScardCode = {
  NO_SERVICE: 0x8010001d,
  NO_SMARTCARD: 0x8010000c,
  NO_READERS_AVAILABLE: 0x8010002e,
  SHARING_VIOLATION: 0x8010000b,
  UNKNOWN_READER: 0x80100009,
  REMOVED_CARD: 0x80100069,
} as const;

interface Meaning {
  readonly code: TransportErrorCode;
  readonly symbol: string;
  readonly what: string;
  readonly repair?: string;
}

const START_DAEMON = 'Start the PC/SC service: `systemctl start pcscd`, or `pcscd -f` by hand.';
const INSERT_AGAIN = 'Insert the card again.';

const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [
    ScardCode.NO_SERVICE,
    meaning('pcsc-unavailable', 'SCARD_E_NO_SERVICE', 'The PC/SC service is not running', START_DAEMON),
  ],
  [
    0x8010001e,
    meaning('pcsc-unavailable', 'SCARD_E_SERVICE_STOPPED', 'The PC/SC service has stopped', START_DAEMON),
  ],
  [
    0x80100013,
    meaning('reader-gone', 'SCARD_F_COMM_ERROR', 'The PC/SC service does not answer any more', START_DAEMON),
  ],
  [
    ScardCode.NO_READERS_AVAILABLE,
    meaning(
      'reader-not-found',
      'SCARD_E_NO_READERS_AVAILABLE',
      'No reader is connected',
      'Plug a reader in, and check it with `pcsc_scan`.',
    ),
  ],
  [
    ScardCode.UNKNOWN_READER,
    meaning('reader-gone', 'SCARD_E_UNKNOWN_READER', 'There is no such reader', 'Plug the reader in again.'),
  ],
  [
    0x80100017,
    meaning('reader-gone', 'SCARD_E_READER_UNAVAILABLE', 'The reader is gone', 'Plug the reader in again.'),
  ],
  [0x80100003, meaning('reader-gone', 'SCARD_E_INVALID_HANDLE', 'The connection to the card is gone')],
  [
    ScardCode.NO_SMARTCARD,
    meaning('card-removed', 'SCARD_E_NO_SMARTCARD', 'No card is in the reader', 'Insert the card.'),
  ],
  [
    ScardCode.REMOVED_CARD,
    meaning('card-removed', 'SCARD_W_REMOVED_CARD', 'The card was removed', INSERT_AGAIN),
  ],
  [
    0x80100066,
    meaning(
      'communication',
      'SCARD_W_UNRESPONSIVE_CARD',
      'The card does not answer the reset',
      'Clean its contacts, and check which way it is inserted.',
    ),
  ],
  [0x80100067, meaning('card-removed', 'SCARD_W_UNPOWERED_CARD', 'The card has no power', INSERT_AGAIN)],
  [
    0x80100068,
    meaning(
      'communication',
      'SCARD_W_RESET_CARD',
      'Another program reset the card',
      'Stop other programs that use the card.',
    ),
  ],
  [
    ScardCode.SHARING_VIOLATION,
    meaning(
      'communication',
      'SCARD_E_SHARING_VIOLATION',
      'Another program holds the card',
      'Stop other programs that use the card (a modem manager, gpg, a browser).',
    ),
  ],
  [
    0x8010000f,
    meaning(
      'communication',
      'SCARD_E_PROTO_MISMATCH',
      'The card does not speak the protocol asked for',
      'Choose protocol `any`.',
    ),
  ],
  [
    0x80100016,
    meaning('communication', 'SCARD_E_NOT_TRANSACTED', 'The exchange failed between reader and card'),
  ],
  [0x8010000a, meaning('timeout', 'SCARD_E_TIMEOUT', 'The PC/SC service gave up waiting')],
]);

/** The transport error that a PC/SC result stands for; an unknown result is `communication`. */
export function transportErrorOf(result: number, call: string, reader: string | undefined): TransportError {
  const known = MEANINGS.get(result >>> 0);
  return new TransportError(known?.code ?? 'communication', known?.what ?? 'PC/SC reported an error', {
    ...(reader === undefined ? {} : { place: reader }),
    actual: known === undefined ? call : `${known.symbol} (${call})`,
    ...(known?.repair === undefined ? {} : { repair: known.repair }),
  });
}

function meaning(code: TransportErrorCode, symbol: string, what: string, repair?: string): Meaning {
  return { code, symbol, what, ...(repair === undefined ? {} : { repair }) };
}
