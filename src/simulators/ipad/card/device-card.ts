/** The eUICC as the IPAd has it: power, a channel to the ISD-R, ES10 functions, and resets (SGP.22 5.7.1, SGP.32 3.8). */
import { protocolOfAtr } from '../../../protocol/apdu/atr.js';
import { manageChannelClose, select, terminalCapability } from '../../../protocol/apdu/commands.js';
import {
  exchangeChained,
  isCarriedOut,
  type ChainedResponse,
  type ChainOptions,
} from '../../../protocol/apdu/exchange.js';
import { startIsdr, startUpError } from '../../../protocol/apdu/isdr-start-up.js';
import { hexOf } from '../../../protocol/apdu/hex-text.js';
import { StatusWordError } from '../../ipa/index.js';
import type { IpadDefects } from '../defects.js';
import { CardGone, type CardPort } from './card-port.js';
import { isWhole } from './is-whole.js';
import { takeProactive } from './proactive.js';
import { StoreData } from './store-data.js';

export interface DeviceCardOptions {
  readonly port: CardPort;
  readonly isdrAid: Uint8Array;
  /** null: the command is not sent, as by a device without a toolkit. */
  readonly terminalProfile: Uint8Array | null;
  /** The template A9; null: the command is not sent. */
  readonly terminalCapability: Uint8Array | null;
  /** Bytes of a STORE DATA command. */
  readonly blockSize: number;
  readonly defects: IpadDefects;
  readonly log: (line: string) => void;
}

const NOTHING = new Uint8Array(0);

export class DeviceCard {
  readonly #options: DeviceCardOptions;
  readonly #storeData: StoreData;
  #protocol: ChainOptions['protocol'] = 'T=0';
  #powered = false;
  #channel: number | undefined;
  /** A REFRESH came, and the card was not reset yet. */
  #refresh = false;
  /** The last ES10 function ended in a reset. */
  #wasReset = false;

  constructor(options: DeviceCardOptions) {
    this.#options = options;
    this.#storeData = new StoreData(options.defects);
  }

  get place(): string {
    return this.#options.port.place;
  }

  /**
   * A channel with the ISD-R selected; a card without power is reset first, and one that was pulled in between and put
   * in again.
   * @throws {CardGone}, {Sgp33Error} `not-an-euicc`, `no-logical-channel`.
   */
  async open(): Promise<void> {
    if (this.#powered)
      try {
        return await this.#select();
      } catch (error) {
        if (!(error instanceof CardGone)) throw error;
      }
    await this.#powerOn();
    await this.#select();
  }

  async #select(): Promise<void> {
    const { isdrAid, defects, log } = this.#options;
    if (defects.has('es10-on-basic-channel')) {
      await this.#carriedOut(select(isdrAid), true);
      this.#channel = 0;
      return;
    }
    const started = await startIsdr(this.#send, { isdrAid, terminalCapability: null }, log);
    this.#channel = started.channel;
    if (started.step !== 'selected') throw startUpError(started, isdrAid, this.place);
  }

  /** The channel is given back; the card keeps its power. */
  async closeChannel(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel === undefined || channel === 0 || this.#options.defects.has('channel-left-open')) return;
    await this.#send(manageChannelClose(channel), false);
  }

  /** Power off. The next {@link open} begins with a reset. */
  async powerOff(): Promise<void> {
    this.#powered = false;
    this.#channel = undefined;
    await this.#options.port.close();
  }

  /**
   * One ES10 function. Proactive commands that it leaves are taken, and a REFRESH is followed.
   * @throws {StatusWordError}, {CardGone}, {Sgp33Error} `es10-request-too-long` and those of {@link open}.
   */
  readonly es10 = async (command: Uint8Array): Promise<Uint8Array> => {
    this.#wasReset = false;
    let answer: Uint8Array = NOTHING;
    for (const block of this.#storeData.blocks(command, this.#channel ?? 1, this.#options.blockSize)) {
      const response = await this.#send(block, true);
      answer = response.data;
      if (!isCarriedOut(response.sw) && !this.#options.defects.has('store-data-status-ignored'))
        throw new StatusWordError(response.sw);
    }
    if (this.#refresh) await this.#refreshed();
    return isWhole(answer, this.#options.defects) ? answer : NOTHING;
  };

  /** After a change of the enabled Profile: a card that asked for no REFRESH is reset now. */
  async switched(): Promise<void> {
    if (!this.#wasReset && !this.#options.defects.has('no-reset-after-switch')) await this.#restart();
  }

  async #refreshed(): Promise<void> {
    this.#refresh = false;
    if (this.#options.defects.has('no-reset-after-refresh')) this.#wasReset = true;
    else await this.#restart();
  }

  async #restart(): Promise<void> {
    this.#powered = false;
    this.#channel = undefined;
    await this.open();
    this.#wasReset = true;
  }

  async #powerOn(): Promise<void> {
    const { port, terminalProfile, defects, log } = this.#options;
    const atr = await port.coldReset();
    log(`ATR ${hexOf(atr)}`);
    this.#protocol = protocolOfAtr(atr);
    this.#refresh = false;
    this.#powered = true;
    if (terminalProfile !== null)
      await this.#send(Uint8Array.of(0x80, 0x10, 0, 0, terminalProfile.length, ...terminalProfile), false);
    const template = this.#options.terminalCapability;
    // A card that does not know the command goes on without it (ETSI TS 102 221 11.1.19).
    if (template !== null && !defects.has('terminal-capability-missing'))
      await this.#send(terminalCapability(template), false);
  }

  async #carriedOut(command: Uint8Array, case4: boolean): Promise<Uint8Array> {
    const { data, sw } = await this.#send(command, case4);
    if (!isCarriedOut(sw)) throw new StatusWordError(sw);
    return data;
  }

  readonly #send = async (command: Uint8Array, case4: boolean): Promise<ChainedResponse> => {
    const response = await this.#exchange(command, case4);
    if (response.sw >> 8 === 0x91 && !this.#options.defects.has('proactive-command-ignored'))
      this.#refresh = (await takeProactive(this.#exchange, response.sw & 0xff)) || this.#refresh;
    return response;
  };

  readonly #exchange = async (command: Uint8Array, case4: boolean): Promise<ChainedResponse> => {
    const { port, defects } = this.#options;
    const once = defects.has('one-get-response-only');
    const response = await exchangeChained((apdu) => port.transmit(apdu), command, {
      protocol: this.#protocol,
      case4,
      ...(once ? { maxRounds: 1 } : {}),
    });
    return once && response.overflow !== undefined ? { data: response.data, sw: 0x9000 } : response;
  };
}
