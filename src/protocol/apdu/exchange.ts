/** One command and all that T=0 makes of it: GET RESPONSE after 61xx, repetition after 6Cxx (ETSI TS 102 221 Annex C). */
import { ApduError } from './apdu-error.js';
import { channelOf } from './class-byte.js';
import { getResponse } from './commands.js';

export type TransmitApdu = (command: Uint8Array) => Promise<Uint8Array>;

export interface RApdu {
  readonly data: Uint8Array;
  /** SW1 SW2 as one number, 0x9000. */
  readonly sw: number;
}

export interface ChainOptions {
  /** T=0 sends a case 4 command without Le; T=1 with Le 00. */
  readonly protocol: 'T=0' | 'T=1';
  /** The command has data and may be answered with data (case 4): under T=1 it gets Le 00 if it has none. */
  readonly case4?: boolean;
  /** Bound on the bytes put together, default 256 KiB. */
  readonly maxBytes?: number;
  /** Bound on GET RESPONSE rounds, default 4096. */
  readonly maxRounds?: number;
}

export interface ChainedResponse extends RApdu {
  /** Set when a bound ended the GET RESPONSE loop; `sw` is then the 61xx that was not followed. */
  readonly overflow?: 'bytes' | 'rounds';
}

/**
 * Splits an R-APDU into data and status word.
 * @throws {ApduError} `malformed-r-apdu` below two bytes.
 */
export function parseRApdu(bytes: Uint8Array): RApdu {
  const [sw1, sw2] = bytes.subarray(-2);
  if (sw1 === undefined || sw2 === undefined) throw new ApduError(bytes);
  return { data: bytes.subarray(0, -2), sw: (sw1 << 8) | sw2 };
}

/**
 * Sends a command and follows 61xx (GET RESPONSE on the same channel) and 6Cxx (once again with that Le).
 * Every other status word ends the exchange and is returned with the data so far, warnings 62xx/63xx and 91xx included.
 * @throws {ApduError} `malformed-r-apdu`; what `transmit` throws passes through.
 */
export async function exchangeChained(
  transmit: TransmitApdu,
  command: Uint8Array,
  { protocol, case4 = false, maxBytes = 256 * 1024, maxRounds = 4096 }: ChainOptions,
): Promise<ChainedResponse> {
  let response = await exchangeOnce(transmit, forProtocol(command, protocol, case4));
  const channel = channelOf(command[0] ?? 0);
  const parts = [response.data];
  let total = response.data.length;
  for (let round = 0; response.sw >> 8 === 0x61; round += 1) {
    if (total >= maxBytes) return { data: join(parts, maxBytes), sw: response.sw, overflow: 'bytes' };
    if (round >= maxRounds) return { data: join(parts, maxBytes), sw: response.sw, overflow: 'rounds' };
    response = await exchangeOnce(transmit, getResponse(channel, response.sw & 0xff));
    parts.push(response.data);
    total += response.data.length;
  }
  if (total > maxBytes) return { data: join(parts, maxBytes), sw: response.sw, overflow: 'bytes' };
  return { data: join(parts, total), sw: response.sw };
}

/** 9000, 91xx (a proactive command is pending) and the warnings 62xx/63xx: the command was carried out. */
export function isCarriedOut(sw: number): boolean {
  const sw1 = sw >> 8;
  return sw === 0x9000 || sw1 === 0x91 || sw1 === 0x62 || sw1 === 0x63;
}

async function exchangeOnce(transmit: TransmitApdu, command: Uint8Array): Promise<RApdu> {
  const response = parseRApdu(await transmit(command));
  if (response.sw >> 8 !== 0x6c || formOf(command) === 'other') return response;
  return parseRApdu(await transmit(withLe(command, response.sw & 0xff)));
}

function forProtocol(command: Uint8Array, protocol: 'T=0' | 'T=1', case4: boolean): Uint8Array {
  const form = formOf(command);
  if (protocol === 'T=0' && form === 'data+le') return command.subarray(0, -1);
  if (protocol === 'T=1' && case4 && form === 'data') return withLe(command, 0x00);
  return command;
}

function withLe(command: Uint8Array, le: number): Uint8Array {
  const form = formOf(command);
  const body = form === 'le' || form === 'data+le' ? command.subarray(0, -1) : command;
  return Uint8Array.of(...body, le);
}

/** The short ISO 7816-3 form; anything else (extended, wrong Lc) is `other` and stays as it is. */
function formOf(command: Uint8Array): 'header' | 'le' | 'data' | 'data+le' | 'other' {
  const p3 = command[4];
  if (p3 === undefined) return 'header';
  if (command.length === 5) return 'le';
  if (p3 !== 0 && command.length === 5 + p3) return 'data';
  return p3 !== 0 && command.length === 6 + p3 ? 'data+le' : 'other';
}

function join(parts: readonly Uint8Array[], limit: number): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts).subarray(0, limit));
}
