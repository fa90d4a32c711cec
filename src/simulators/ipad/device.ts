/** The device around an IPAd: what triggers it, one thing after the other. */
import { Sgp33Error } from '../../protocol/errors.js';
import { PACKAGE_RESULT_ERROR, transferError, transferResponse } from '../ipa/messages.js';
import type { Ipad } from './ipad.js';
import { LOCAL_FUNCTIONS, type LocalFunction } from './local-functions.js';

export const TRIGGERS = ['start', 'poll', 'restart', 'stop', 'deviceChange', ...LOCAL_FUNCTIONS] as const;
export type Trigger = (typeof TRIGGERS)[number];

export interface DeviceOptions {
  /** An IPAd as it is after power on: what it remembers is in its state file. */
  readonly make: () => Ipad;
  /** What start and restart do: read the eUICC and poll (default), or read it only. */
  readonly boot?: 'poll' | 'start-up';
}

export class Device {
  #ipad: Ipad;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(private readonly options: DeviceOptions) {
    this.#ipad = options.make();
  }

  /** Something goes on. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /**
   * Does one thing when those before it are done.
   * @throws {Sgp33Error} what kept the device from it; it goes on.
   */
  fire(trigger: Trigger): Promise<void> {
    return this.#inTurn(() => this.#do(trigger));
  }

  /**
   * TransferEimPackageRequest in, TransferEimPackageResponse out. A device that is at work refuses (SGP.32 5.14.4).
   * @param onLater gets what the package leaves to be done once its answer is out.
   */
  async transfer(message: Uint8Array, onLater: (work: Promise<void>) => void): Promise<Uint8Array> {
    const refusal = transferResponse(transferError(PACKAGE_RESULT_ERROR.undefinedError));
    if (this.busy) return refusal;
    try {
      const { response, afterwards } = await this.#inTurn(() => this.#ipad.transfer(message));
      if (afterwards !== undefined) onLater(this.#inTurn(() => this.#ipad.afterwards(afterwards)));
      return response;
    } catch (error) {
      if (error instanceof Sgp33Error) return refusal;
      throw error;
    }
  }

  /** Power off, after what goes on; all that is not in the state file is forgotten, and nothing is done until it is told. */
  reset(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#ipad.close();
      this.#ipad = this.options.make();
    });
  }

  /** Power off, after what goes on. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#ipad.close());
  }

  async #do(trigger: Trigger): Promise<void> {
    switch (trigger) {
      case 'poll':
        return this.#ipad.poll();
      case 'restart':
        await this.#ipad.close();
        this.#ipad = this.options.make();
        return this.#boot();
      case 'start':
        return this.#boot();
      case 'stop':
        return this.#ipad.close();
      case 'deviceChange':
        return this.#ipad.deviceChanged();
      default:
        return this.#ipad.call(trigger satisfies LocalFunction);
    }
  }

  async #boot(): Promise<void> {
    await (this.options.boot === 'start-up' ? this.#ipad.boot() : this.#ipad.start());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const mine = this.#turn.then(work).finally(() => this.#waiting--);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
