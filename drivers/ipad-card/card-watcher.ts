/** Stands between the reader and S_eUICC: tells what passes, and answers in its place where a fault says so. */
import { protocolOfAtr } from '../../src/protocol/apdu/atr.js';
import { interindustryClass } from '../../src/protocol/apdu/class-byte.js';
import { Ins, ISD_R_AID } from '../../src/protocol/apdu/commands.js';
import type { SEuicc } from '../../src/simulators/euicc/index.js';
import { ResponseBuffer } from '../../src/simulators/euicc/os/response-buffer.js';
import { Refused, statusBytes } from '../../src/simulators/euicc/os/status-word.js';
import type { SilentCard } from '../../src/simulators/virtual-card.js';
import type { CardCommand, CardFault } from '../ipad-contract.js';
import { Es10Assembler } from './es10-assembler.js';
import { CardFaults, kindOf, type FaultKind } from './faults.js';
import { seeCommand, type SeenCommand } from './seen-command.js';

const NOTHING = new Uint8Array(0);
const OK = 0x9000;

export interface WatcherOptions {
  /** Milliseconds. */
  readonly now: () => number;
  readonly emit: (command: CardCommand) => void;
  /** A fault wants the card to be silent, or gone. */
  readonly onFault: (kind: 'mute' | 'removed') => void;
}

export type Leaving = 'power-off' | 'disconnected' | 'pulled';

interface Answered {
  readonly answer: Uint8Array | undefined;
  readonly fault?: FaultKind;
}

export class CardWatcher implements SilentCard {
  readonly faults = new CardFaults();
  readonly assembler: Es10Assembler;
  /** What a fault gives as data and GET RESPONSE has not fetched. */
  readonly #own = new ResponseBuffer();

  constructor(
    public card: SEuicc,
    private readonly options: WatcherOptions,
  ) {
    this.assembler = new Es10Assembler(options.emit);
  }

  atr(): Uint8Array {
    return this.card.atr();
  }

  powerOn(): void {
    this.card.powerOn();
    this.#started('power-on');
  }

  reset(): void {
    this.card.reset();
    this.#started('reset');
  }

  powerOff(): void {
    this.left('power-off');
  }

  /** The card has no power any more. */
  left(how: Leaving): void {
    this.#own.clear();
    this.card.powerOff();
    this.#interrupt('removed', NOTHING, how);
  }

  transmit(bytes: Uint8Array): Uint8Array | undefined {
    const at = this.options.now();
    const command = seeCommand(bytes);
    const { answer, fault } = this.#answer(command);
    this.assembler.saw({ command, answer, fault, at, answeredAt: this.options.now() });
    if (fault === 'mute' || fault === 'removed') this.options.onFault(fault);
    return answer;
  }

  #started(how: 'power-on' | 'reset'): void {
    this.#own.clear();
    this.#interrupt('reset', this.card.atr(), how);
  }

  #interrupt(kind: 'reset' | 'removed', response: Uint8Array, how: string): void {
    const at = this.options.now();
    const text = kind === 'reset' ? how : `the card is gone: ${how}`;
    this.assembler.interrupt({
      at,
      kind,
      channel: 0,
      command: NOTHING,
      response,
      sw: null,
      facts: { how },
      events: [{ at, kind: kind === 'reset' ? 'reset' : 'note', bytes: response, text }],
    });
  }

  #answer(command: SeenCommand): Answered {
    if (command.ins === Ins.GET_RESPONSE) {
      if (!this.#own.isEmpty) return { answer: this.#fetchOwn(command) };
    } else this.#own.clear();
    const request = this.assembler.completes(command);
    const fault = isIsdrSelection(command)
      ? this.faults.takeSelection()
      : request === undefined
        ? undefined
        : this.faults.take(request);
    return fault === undefined
      ? { answer: this.card.transmit(command.bytes) }
      : { answer: this.#faulted(fault, command), fault: kindOf(fault) };
  }

  #faulted(fault: CardFault, command: SeenCommand): Uint8Array | undefined {
    if (fault.executed === true) this.#run(command);
    const { sw, response } = fault;
    if (sw === 'mute' || sw === 'removed') return undefined;
    if (sw !== undefined) return statusBytes(Number.parseInt(sw, 16));
    if (response === undefined || response.length === 0) return statusBytes(OK);
    if (this.#isT0 || command.le === undefined) return this.#own.hold(command.channel, response);
    return this.#own.give(command.channel, response, command.le, () => OK);
  }

  /** Runs a function to the end of its answer, which nobody gets. */
  #run({ bytes, channel }: SeenCommand): void {
    let answer = this.card.transmit(bytes);
    while (answer.at(-2) === 0x61)
      answer = this.card.transmit(
        Uint8Array.of(interindustryClass(channel), Ins.GET_RESPONSE, 0, 0, answer.at(-1) ?? 0),
      );
  }

  #fetchOwn({ channel, le }: SeenCommand): Uint8Array {
    try {
      return this.#own.getResponse(channel, le ?? 256, this.#isT0, () => OK);
    } catch (error) {
      return statusBytes(error instanceof Refused ? error.sw : 0x6f00);
    }
  }

  get #isT0(): boolean {
    return protocolOfAtr(this.card.atr()) === 'T=0';
  }
}

const isIsdrSelection = ({ ins, data }: SeenCommand): boolean =>
  ins === Ins.SELECT && Buffer.from(ISD_R_AID).equals(data);
