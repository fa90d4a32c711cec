/** From a card just reset to its ISD-R on a logical channel, and the EID (SGP.22 5.7.1, ETSI TS 102 221 11.1.17). */
import { isCarriedOut, type ChainedResponse } from './exchange.js';
import { MAX_CHANNEL } from './class-byte.js';
import { manageChannelOpen, select, storeDataBlocks, terminalCapability } from './commands.js';
import { describeStatusWord } from './describe.js';
import { hexOf } from './hex-text.js';
import { Sgp33Error } from '../errors.js';

/** Sends one command and follows 61xx and 6Cxx; `case4` as in ChainOptions. */
export type SendCommand = (command: Uint8Array, case4: boolean) => Promise<ChainedResponse>;

export interface StartUpOptions {
  readonly isdrAid: Uint8Array;
  /** The template A9 of TERMINAL CAPABILITY; null leaves the command out. */
  readonly terminalCapability: Uint8Array | null;
}

/** Where the start-up ended: `selected` with the channel, or the step whose answer stopped it. */
export interface StartUpResult {
  readonly step: 'manage-channel' | 'select' | 'selected';
  readonly channel: number | undefined;
  readonly response: ChainedResponse;
}

const GET_EID = Uint8Array.from(Buffer.from('BF3E035C015A', 'hex'));

/** TERMINAL CAPABILITY (whatever its answer), MANAGE CHANNEL open, SELECT ISD-R. */
export async function startIsdr(
  send: SendCommand,
  options: StartUpOptions,
  note: (text: string) => void,
): Promise<StartUpResult> {
  if (options.terminalCapability !== null) {
    const { sw } = await send(terminalCapability(options.terminalCapability), false);
    if (!isCarriedOut(sw))
      note(`TERMINAL CAPABILITY was refused with ${describeStatusWord(sw)}; going on without`);
  }
  const opened = await send(manageChannelOpen(), false);
  const channel = opened.data[0];
  if (!isCarriedOut(opened.sw) || opened.data.length !== 1 || channel === undefined || !isOpenable(channel)) {
    return { step: 'manage-channel', channel: undefined, response: opened };
  }
  const selected = await send(select(options.isdrAid, { channel }), true);
  return { step: isCarriedOut(selected.sw) ? 'selected' : 'select', channel, response: selected };
}

/**
 * ES10c.GetEID on a channel where the ISD-R is selected (SGP.22 5.7.20).
 * @returns 32 hexadecimal digits, upper case.
 * @throws {Sgp33Error} `not-an-euicc` when the answer holds no EID.
 */
export async function readEid(send: SendCommand, channel: number, place: string): Promise<string> {
  const [command = new Uint8Array(0)] = storeDataBlocks(GET_EID, channel);
  const { data, sw } = await send(command, true);
  const hex = hexOf(data);
  const eid = /^BF3E125A10([0-9A-F]{32})$/.exec(hex)?.[1];
  if (!isCarriedOut(sw) || eid === undefined) {
    throw new Sgp33Error('not-an-euicc', 'The card does not tell its EID', {
      place,
      expected: 'BF3E125A10 and 16 bytes, 9000',
      actual: `${hex.slice(0, 80) || 'no data'}, ${describeStatusWord(sw)}`,
    });
  }
  return eid;
}

/** What a start-up that did not reach the ISD-R means to somebody who wants to use the card. */
export function startUpError(result: StartUpResult, aid: Uint8Array, place: string): Sgp33Error {
  const actual = describeStatusWord(result.response.sw);
  if (result.step === 'select') {
    return new Sgp33Error('not-an-euicc', 'The card has no ISD-R', {
      place,
      expected: `SELECT ${hexOf(aid)} carried out`,
      actual,
      repair: 'If the product uses another AID for its ISD-R, name it in the target.',
    });
  }
  const data = result.response.data.length === 0 ? '' : ` and ${hexOf(result.response.data).slice(0, 40)}`;
  return new Sgp33Error('no-logical-channel', 'The card opens no logical channel', {
    place,
    expected: 'MANAGE CHANNEL answered with a channel between 1 and 19',
    actual: `${actual}${data}`,
  });
}

function isOpenable(channel: number): boolean {
  return channel >= 1 && channel <= MAX_CHANNEL;
}
