/**
 * A slot of the virtual PC/SC reader. Its driver looks about every 0.4 s whether a card is there, and the PC/SC service
 * knows of a change only if such a look shows it: so a card is taken out under the eyes of the reader, or stays out
 * long enough.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { attachToVpcd, type VpcdAttachment } from '../../src/simulators/vpcd-client.js';
import type { SilentCard } from '../../src/simulators/virtual-card.js';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError } from '../contract.js';
import type { OnLeft, Slot } from './slot.js';

/** So long a card stays out that the reader did not see go. */
const OUT_MS = 1000;
/** So long the reader may take to look. */
const LOOK_MS = 2000;
const SEEN_MS = 10_000;
/**
 * A service that is late takes a card that was pulled and put in again for the one of before, of which it knows that it
 * does not answer: it never switches it on. Only a card that was away for long is seen then.
 */
const POWERED_MS = 2500;
const ATTEMPTS = 3;
/** Between attempts to find a reader that went away. */
const RETRY_MS = 500;

export interface VpcdSlotOptions {
  readonly host: string;
  readonly port: number;
  /** A card that does not answer is pulled and put in again after that many milliseconds. */
  readonly muteMs: number;
  readonly onLeft: OnLeft;
}

export class VpcdSlot implements Slot {
  #attached: VpcdAttachment | undefined;
  #card: SilentCard | undefined;
  /** When it was taken out without the reader's notice. */
  #unseen = -OUT_MS;
  #mute: NodeJS.Timeout | undefined;
  #closed = false;
  /** The end of what brings the card back by itself. */
  #return: AbortController | undefined;

  constructor(private readonly options: VpcdSlotOptions) {}

  get place(): string {
    return `vpcd ${this.options.host}:${this.options.port}`;
  }

  get port(): number {
    return this.options.port;
  }

  async insert(card: SilentCard, signal?: AbortSignal): Promise<void> {
    if (this.#attached !== undefined) return;
    this.#return?.abort();
    this.#card = card;
    await this.#attach(card, signal);
  }

  async pull(): Promise<void> {
    const attached = this.#forget();
    if (attached === undefined) return;
    const noticed = await attached.pull(LOOK_MS);
    if (!noticed) this.#unseen = performance.now();
    this.options.onLeft('pulled');
  }

  drop(): void {
    const attached = this.#forget();
    if (attached === undefined) return;
    attached.detach();
    this.#unseen = performance.now();
    this.options.onLeft('pulled');
  }

  mute(on: boolean): void {
    if (on) this.#mute ??= setTimeout(() => this.#reinsert(), this.options.muteMs);
    else if (this.#mute !== undefined) this.#reinsert();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const attached = this.#forget();
    attached?.detach();
    await attached?.closed;
  }

  #forget(): VpcdAttachment | undefined {
    this.#return?.abort();
    clearTimeout(this.#mute);
    this.#mute = undefined;
    const attached = this.#attached;
    this.#attached = undefined;
    this.#card = undefined;
    return attached;
  }

  async #attach(card: SilentCard, signal: AbortSignal | undefined): Promise<void> {
    for (let left = ATTEMPTS; ; left--) {
      const attached = await this.#place(card, signal);
      const known = await isPowered(attached, POWERED_MS);
      if (signal?.aborted === true || this.#closed || this.#card !== card) {
        attached.detach();
        throw aborted();
      }
      if (known || left <= 1) return this.#keep(card, attached);
      attached.detach();
      await attached.closed;
      this.#unseen = performance.now();
    }
  }

  async #place(card: SilentCard, signal: AbortSignal | undefined): Promise<VpcdAttachment> {
    const { host, port } = this.options;
    await waited(OUT_MS - (performance.now() - this.#unseen), signal);
    let attached: VpcdAttachment;
    try {
      attached = await attachToVpcd(card, { host, port });
    } catch (cause) {
      throw cause instanceof Sgp33Error
        ? new TransportError('reader-gone', 'there is no virtual reader for the card', {
            place: this.place,
            repair: 'Start pcscd with the vsmartcard-vpcd driver, and use the port of its DEVICENAME.',
            cause,
          })
        : cause;
    }
    try {
      await seenInTime(attached, this.place, signal);
    } catch (error) {
      attached.detach();
      throw error;
    }
    return attached;
  }

  #keep(card: SilentCard, attached: VpcdAttachment): void {
    this.#attached = attached;
    void attached.closed.then(() => {
      if (this.#attached !== attached) return;
      this.#attached = undefined;
      clearTimeout(this.#mute);
      this.#mute = undefined;
      this.#unseen = performance.now();
      this.options.onLeft('disconnected');
      this.#comeBack(card);
    });
  }

  /** The reader waits for an answer that does not come: only so is it freed. */
  #reinsert(): void {
    const card = this.#card;
    this.drop();
    if (card !== undefined) this.#comeBack(card);
  }

  /** Tries until it is in, or somebody wants something else. */
  #comeBack(card: SilentCard): void {
    const stop = new AbortController();
    this.#return = stop;
    this.#card = card;
    void (async () => {
      while (!stop.signal.aborted && !this.#closed)
        try {
          await this.#attach(card, stop.signal);
          return;
        } catch {
          await waited(RETRY_MS, stop.signal).catch(() => undefined);
        }
    })();
  }
}

/** Whether the card is switched on in time, or gone. */
function isPowered({ powered }: VpcdAttachment, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void powered.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

const aborted = (): TransportError => new TransportError('aborted', 'the card was not put in');

async function waited(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) throw aborted();
  if (ms <= 0) return;
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw aborted();
  }
}

/** @throws {TransportError} `reader-gone`, `timeout`, `aborted`. */
function seenInTime(
  { seen, closed }: VpcdAttachment,
  place: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (error: TransportError): void => {
      end();
      reject(error);
    };
    const abort = (): void => fail(aborted());
    const timer = setTimeout(
      () =>
        fail(
          new TransportError('timeout', `the reader did not look at its slot in ${SEEN_MS} ms`, {
            place,
            repair: 'Is another card in this slot already, or does the PC/SC service hang?',
          }),
        ),
      SEEN_MS,
    );
    signal?.addEventListener('abort', abort, { once: true });
    void closed.then(() =>
      fail(new TransportError('reader-gone', 'the reader closed the connection', { place })),
    );
    void seen.then(() => {
      end();
      resolve();
    });
  });
}
