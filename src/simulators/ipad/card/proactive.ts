/** Proactive commands of the eUICC: FETCH, TERMINAL RESPONSE, and whether a reset is wanted (ETSI TS 102 223). */
import { isCarriedOut, type ChainedResponse } from '../../../protocol/apdu/exchange.js';
import { read } from '../../ipa/read-answer.js';
import { must, readElements, readOne } from '../../tlv/reader.js';

const REFRESH = 0x01;
/** Qualifier: file change notification needs no reset. */
const FILE_CHANGE = 0x01;
const PERFORMED = 0x00;
const BEYOND_CAPABILITIES = 0x30;
/** A card that always has one more is not listened to any longer. */
const MAX_COMMANDS = 8;

export type Send = (command: Uint8Array, case4: boolean) => Promise<ChainedResponse>;

interface ProactiveCommand {
  readonly number: number;
  readonly type: number;
  readonly qualifier: number;
}

/**
 * Takes the proactive commands that wait, one after the other.
 * @param length as `91xx` told it.
 * @returns true when one of them was a REFRESH after which the card is reset.
 */
export async function takeProactive(send: Send, length: number): Promise<boolean> {
  let refresh = false;
  let waiting: number | undefined = length;
  for (let n = 0; waiting !== undefined && n < MAX_COMMANDS; n++) {
    const fetched = await send(Uint8Array.of(0x80, 0x12, 0x00, 0x00, waiting), false);
    if (!isCarriedOut(fetched.sw)) break;
    const command = readCommand(fetched.data);
    if (command === undefined) break;
    const known = command.type === REFRESH;
    if (known && command.qualifier !== FILE_CHANGE) refresh = true;
    const { sw } = await send(terminalResponse(command, known ? PERFORMED : BEYOND_CAPABILITIES), true);
    waiting = sw >> 8 === 0x91 ? sw & 0xff : undefined;
  }
  return refresh;
}

function readCommand(data: Uint8Array): ProactiveCommand | undefined {
  return read<ProactiveCommand | undefined>(undefined, () => {
    const { tag, content } = readOne(data);
    if (tag !== 0xd0) return undefined;
    // Bit 8 of a simple TLV tag says only whether it must be understood.
    const details = readElements(content).find((element) => (element.tag & 0x7f) === 0x01);
    const [number, type, qualifier] = must(details).content;
    return { number: must(number), type: must(type), qualifier: must(qualifier) };
  });
}

function terminalResponse({ number, type, qualifier }: ProactiveCommand, result: number): Uint8Array {
  const data = [0x81, 0x03, number, type, qualifier, 0x82, 0x02, 0x82, 0x81, 0x83, 0x01, result];
  return Uint8Array.of(0x80, 0x14, 0x00, 0x00, data.length, ...data);
}
