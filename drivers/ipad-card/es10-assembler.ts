/** Puts the APDUs of a device together: one command for each ES10 function, one for every other C-APDU. */
import { describeApdu, describeStatusWord } from '../../src/protocol/apdu/describe.js';
import { Ins, MAX_BLOCKS } from '../../src/protocol/apdu/commands.js';
import { bytesToHex, concat } from '../../src/protocol/asn1/index.js';
import type { TraceEvent } from '../contract.js';
import type { FactMap } from '../eim-contract.js';
import type { CardCommand } from '../ipad-contract.js';
import { ChannelTable } from './channel-table.js';
import { factsOf, type SeenCommand } from './seen-command.js';

const NOTHING = new Uint8Array(0);
const MORE = 0x11;
const LAST = 0x91;

/** One ES10 function under way. */
interface Chain {
  readonly at: number;
  readonly channel: number;
  readonly blocks: Uint8Array[];
  readonly response: Uint8Array[];
  readonly events: TraceEvent[];
  /** The whole request is there, and its answer is being read. */
  reading: boolean;
  /** The last block was answered 6Cxx, and comes again. */
  again: boolean;
  sw: number | null;
}

type End = 'whole' | 'unfetched' | 'unfinished' | 'refused';

/** What went over the wire for one C-APDU. */
export interface Exchange {
  readonly command: SeenCommand;
  /** The R-APDU; undefined: none. */
  readonly answer: Uint8Array | undefined;
  /** The kind of fault that made the answer. */
  readonly fault: string | undefined;
  /** When the command came, and when it was answered. */
  readonly at: number;
  readonly answeredAt: number;
}

export class Es10Assembler {
  readonly channels = new ChannelTable();
  readonly #chains = new Map<number, Chain>();

  constructor(private readonly emit: (command: CardCommand) => void) {}

  /** The whole ES10 request, when this command is its last block. */
  completes(command: SeenCommand): Uint8Array | undefined {
    if (!this.#isBlock(command) || command.p1 !== LAST) return undefined;
    const blocks = this.#chainFor(command)?.blocks ?? (command.p2 === 0 ? [] : undefined);
    return blocks === undefined ? undefined : concat([...blocks, command.data]);
  }

  saw(exchange: Exchange): void {
    const { command, answer } = exchange;
    const sw = statusOf(answer);
    const chain = this.#chains.get(command.channel);
    if (command.ins === Ins.GET_RESPONSE && command.valid) {
      if (chain?.reading === true) this.#read(chain, exchange, sw);
      else this.#other(exchange, sw);
      return;
    }
    // The card forgets an answer as soon as it is asked for something else.
    for (const other of [...this.#chains.values()]) if (other.reading) this.#finish(other, 'unfetched');
    if (this.#isBlock(command) && this.#block(exchange, sw)) return;
    const ok = sw !== null && (sw === 0x9000 || sw >> 8 === 0x91 || sw >> 8 === 0x61);
    const ended = command.valid ? this.channels.saw(command, answer ?? NOTHING, ok) : undefined;
    const gone = ended === undefined ? undefined : this.#chains.get(ended);
    if (gone !== undefined) this.#finish(gone, 'unfinished');
    this.#other(exchange, sw);
  }

  /** The card loses power or starts anew: nothing that was begun goes on. */
  interrupt(command: CardCommand): void {
    this.#finishAll();
    this.channels.reset();
    this.emit(command);
  }

  /** Forgets what is under way. */
  clear(): void {
    this.#chains.clear();
  }

  #isBlock({ ins, p1, channel, data, valid, bytes }: SeenCommand): boolean {
    const proprietary = ((bytes[0] ?? 0) & 0x80) !== 0;
    return (
      valid &&
      proprietary &&
      ins === Ins.STORE_DATA &&
      (p1 === MORE || p1 === LAST) &&
      data.length > 0 &&
      this.channels.hasIsdr(channel)
    );
  }

  /** The chain that this block goes on with. */
  #chainFor({ channel, p2 }: SeenCommand): Chain | undefined {
    const chain = this.#chains.get(channel);
    if (chain === undefined || chain.reading || chain.blocks.length !== p2) return undefined;
    return p2 > 0 || chain.again ? chain : undefined;
  }

  /** @returns false for a block that belongs to nothing. */
  #block(exchange: Exchange, sw: number | null): boolean {
    const { command, answer } = exchange;
    const going = this.#chainFor(command);
    const former = this.#chains.get(command.channel);
    if (going === undefined && former !== undefined) this.#finish(former, 'unfinished');
    if (going === undefined && command.p2 !== 0) return false;
    const chain = going ?? this.#begin(exchange);
    chain.events.push(...eventsOf(exchange));
    chain.sw = sw;
    chain.again = command.p1 === LAST && sw !== null && sw >> 8 === 0x6c;
    if (chain.again) return true;
    chain.blocks.push(command.data);
    if (command.p1 === MORE) {
      const goesOn = sw === 0x9000 || (sw !== null && sw >> 8 === 0x91);
      if (!goesOn || chain.blocks.length >= MAX_BLOCKS) this.#finish(chain, 'refused', exchange.fault);
      return true;
    }
    if (answer !== undefined) chain.response.push(answer.subarray(0, -2));
    chain.reading = sw !== null && sw >> 8 === 0x61;
    if (!chain.reading) this.#finish(chain, 'whole', exchange.fault);
    else if (exchange.fault !== undefined) this.#faults.set(chain, exchange.fault);
    return true;
  }

  readonly #faults = new WeakMap<Chain, string>();

  #begin({ command: { channel }, at }: Exchange): Chain {
    const chain: Chain = {
      at,
      channel,
      blocks: [],
      response: [],
      events: [],
      reading: false,
      again: false,
      sw: null,
    };
    this.#chains.set(channel, chain);
    return chain;
  }

  #read(chain: Chain, exchange: Exchange, sw: number | null): void {
    chain.events.push(...eventsOf(exchange));
    chain.sw = sw;
    if (exchange.answer !== undefined) chain.response.push(exchange.answer.subarray(0, -2));
    const sw1 = (sw ?? 0) >> 8;
    if (sw1 === 0x61 || sw1 === 0x6c) return;
    this.#finish(chain, sw1 === 0x90 || sw1 === 0x91 ? 'whole' : 'unfetched');
  }

  #finishAll(): void {
    for (const chain of [...this.#chains.values()])
      this.#finish(chain, chain.reading ? 'unfetched' : 'unfinished');
  }

  #finish(chain: Chain, end: End, fault = this.#faults.get(chain)): void {
    this.#chains.delete(chain.channel);
    const command = concat(chain.blocks);
    this.emit({
      at: chain.at,
      kind: 'es10',
      channel: chain.channel,
      command,
      response: concat(chain.response),
      sw: chain.sw,
      facts: {
        function: bytesToHex(command.subarray(0, tagLength(command))),
        blocks: String(chain.blocks.length),
        blockLengths: chain.blocks.map((b) => b.length).join(','),
        end,
        ...(fault === undefined ? {} : { fault }),
      },
      events: chain.events,
    });
  }

  #other(exchange: Exchange, sw: number | null): void {
    const { command, answer, at, fault } = exchange;
    const facts: FactMap = { ...factsOf(command), ...(fault === undefined ? {} : { fault }) };
    this.emit({
      at,
      kind: 'apdu',
      channel: command.channel,
      command: command.bytes,
      response: answer === undefined ? NOTHING : answer.subarray(0, -2),
      sw,
      facts,
      events: eventsOf(exchange),
    });
  }
}

/** Bytes of the tag at the beginning; at most three. */
export function tagLength(tlv: Uint8Array): number {
  const [first = 0, second = 0] = tlv;
  if ((first & 0x1f) !== 0x1f) return 1;
  return (second & 0x80) === 0 ? 2 : 3;
}

function statusOf(answer: Uint8Array | undefined): number | null {
  const [sw1, sw2] = answer?.subarray(-2) ?? [];
  return sw1 === undefined || sw2 === undefined ? null : (sw1 << 8) | sw2;
}

function eventsOf({ command, answer, at, answeredAt }: Exchange): TraceEvent[] {
  const sw = statusOf(answer);
  const asked: TraceEvent = { at, kind: 'c-apdu', bytes: command.bytes, text: describeApdu(command.bytes) };
  if (answer === undefined)
    return [asked, { at: answeredAt, kind: 'note', text: 'the card does not answer' }];
  const text = sw === null ? 'malformed R-APDU' : describeStatusWord(sw);
  return [asked, { at: answeredAt, kind: 'r-apdu', bytes: answer, text }];
}
