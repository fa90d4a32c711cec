/** Opens a card behind a PC/SC reader, found by the reader's name or by its EID. */
import { exchangeChained } from '../../src/protocol/apdu/exchange.js';
import { ISD_R_AID, TERMINAL_CAPABILITY_IPAD } from '../../src/protocol/apdu/commands.js';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError, type CardTransport } from '../contract.js';
import { readEid, startIsdr, startUpError, type SendCommand } from '../../src/protocol/apdu/isdr-start-up.js';
import type { BindingName } from './binding.js';
import { chooseReader, listReaders, matchReaders } from './readers.js';
import { PcscTransport } from './transport.js';

export interface OpenPcscOptions {
  /** The reader's name, or a glob over names. */
  readonly reader?: string;
  /** 32 hexadecimal digits: the card is looked for in all readers that match. */
  readonly eid?: string;
  readonly isdrAid?: Uint8Array;
  /** `auto` takes the npm package pcsclite where it was built, and the system's library otherwise. */
  readonly binding?: BindingName | 'auto';
  readonly protocol?: 'T=0' | 'T=1' | 'any';
  /** For each exchange, in ms, default 10000. A card that stays silent is given up and the reader let go. */
  readonly deadlineMs?: number;
}

/**
 * Connects to the card, exclusively, and resets it (cold).
 * @throws {TransportError} `pcsc-unavailable`, `reader-not-found`, `card-removed`, `timeout`, `communication`, `aborted`.
 */
export async function openPcsc(options: OpenPcscOptions = {}, signal?: AbortSignal): Promise<CardTransport> {
  const { binding = 'auto', protocol = 'any', deadlineMs = 10_000 } = options;
  const readers = await listReaders({ binding, deadlineMs, ...(signal === undefined ? {} : { signal }) });
  const open = async (reader: string): Promise<CardTransport> => {
    const transport = new PcscTransport({ reader, binding, protocol, deadlineMs });
    await transport.coldReset(signal);
    return transport;
  };
  if (options.eid === undefined) return open(chooseReader(readers, options.reader).name);

  const wanted = options.eid.toUpperCase();
  const seen: string[] = [];
  for (const reader of matchReaders(readers, options.reader)) {
    if (!reader.present) {
      seen.push(`"${reader.name}": no card`);
      continue;
    }
    const found = await tryReader(() => open(reader.name), wanted, options.isdrAid ?? ISD_R_AID, signal);
    if (typeof found !== 'string') return found;
    seen.push(`"${reader.name}": ${found}`);
  }
  throw new TransportError('reader-not-found', 'No reader holds the card', {
    expected: `EID ${wanted}`,
    actual: seen.join(', '),
    repair: 'Insert the card, or change the EID in the target.',
  });
}

/** The transport if the card is the one wanted; otherwise what is there instead, and the reader is let go. */
async function tryReader(
  open: () => Promise<CardTransport>,
  wanted: string,
  isdrAid: Uint8Array,
  signal?: AbortSignal,
): Promise<CardTransport | string> {
  let transport: CardTransport | undefined;
  try {
    transport = await open();
    const eid = await eidOf(transport, isdrAid, signal);
    if (eid === wanted) return transport;
    await transport.close();
    return `EID ${eid}`;
  } catch (error) {
    await transport?.close();
    // One reader in trouble must not hide the card in the next.
    if (error instanceof Sgp33Error && error.code !== 'aborted') return error.message;
    throw error;
  }
}

async function eidOf(transport: CardTransport, isdrAid: Uint8Array, signal?: AbortSignal): Promise<string> {
  const send: SendCommand = (command, case4) =>
    exchangeChained((bytes) => transport.transmit(bytes, signal), command, {
      protocol: transport.protocol,
      case4,
    });
  const started = await startIsdr(send, { isdrAid, terminalCapability: TERMINAL_CAPABILITY_IPAD }, () => {});
  if (started.step !== 'selected') throw startUpError(started, isdrAid, transport.name);
  return readEid(send, started.channel ?? 0, transport.name);
}
