/** S_eUICC in the slot of a device, with all that the device does to it. */
import { performance } from 'node:perf_hooks';
import { createEuicc, type EuiccOptions, type SEuicc } from '../../src/simulators/euicc/index.js';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError, type PersonalisationRequest } from '../contract.js';
import type { CardCommand, CardFault, WatchedCard } from '../ipad-contract.js';
import { CardWatcher, type Leaving } from './card-watcher.js';
import { CommandQueue } from './command-queue.js';
import type { Slot } from './slot.js';
import { openSocketSlot } from './slot-socket.js';
import { VpcdSlot } from './slot-vpcd.js';

export type CardOffer =
  /** A slot of the virtual PC/SC reader; port 35963 and the next are the defaults of its driver. */
  | { readonly kind: 'vpcd'; readonly host?: string; readonly port?: number }
  /** A TCP port of this machine, 0 for any, where a program connects that plays the reader. */
  | { readonly kind: 'socket'; readonly port?: number };

export interface WatchedCardOptions {
  readonly offer: CardOffer;
  /** The card as new: identity, personalisation, version, protocol. It keeps no state file. */
  readonly euicc?: Omit<EuiccOptions, 'stateFile'>;
  /** Milliseconds since the driver was opened. */
  readonly now?: () => number;
  /** With vpcd: a card that does not answer is pulled and put in again after that many milliseconds, default 3000. */
  readonly muteMs?: number;
}

export interface OfferedCard extends WatchedCard {
  /** Of the slot. */
  readonly port: number;
}

/**
 * Offers a card to the device.
 * @throws {Sgp33Error} those of {@link createEuicc}, `card-listener`; {TransportError} `reader-gone`, `timeout`,
 *   `aborted`.
 */
export async function offerCard(options: WatchedCardOptions, signal?: AbortSignal): Promise<OfferedCard> {
  const start = performance.now();
  const now = options.now ?? ((): number => performance.now() - start);
  const make = (): SEuicc => createEuicc(options.euicc);
  const queue = new CommandQueue();
  const left = (how: Leaving): void => watcher.left(how);
  const slot = await openSlot(options, left);
  const watcher: CardWatcher = new CardWatcher(make(), {
    now,
    emit: (command) => queue.add(command),
    onFault: (kind) => (kind === 'mute' ? slot.mute(true) : slot.drop()),
  });
  const card = new CardInSlot(slot, watcher, queue, make);
  try {
    await card.insert(signal);
  } catch (error) {
    await card.close();
    throw error;
  }
  return card;
}

async function openSlot(
  { offer, muteMs = 3000 }: WatchedCardOptions,
  left: (how: Leaving) => void,
): Promise<Slot> {
  if (offer.kind === 'socket') return openSocketSlot(offer.port ?? 0, left);
  const { host = '127.0.0.1', port = 35963 } = offer;
  return new VpcdSlot({ host, port, muteMs, onLeft: left });
}

class CardInSlot implements OfferedCard {
  /** One thing at a time happens to the slot. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly slot: Slot,
    private readonly watcher: CardWatcher,
    private readonly queue: CommandQueue,
    private readonly make: () => SEuicc,
  ) {}

  get eid(): string {
    return this.watcher.card.eid;
  }

  get place(): string {
    return this.slot.place;
  }

  get port(): number {
    return this.slot.port;
  }

  get openChannels(): readonly number[] {
    return this.watcher.assembler.channels.open;
  }

  async renew(actions: readonly PersonalisationRequest[], signal?: AbortSignal): Promise<void> {
    const fresh = this.make();
    for (const { action, parameters } of actions) fresh.applyPersonalisation(action, parameters);
    await this.#next(signal, async () => {
      await this.slot.pull();
      this.watcher.card = fresh;
      this.clear();
      await this.slot.insert(this.watcher, signal);
    });
  }

  async personalise({ action, parameters }: PersonalisationRequest): Promise<void> {
    this.watcher.card.applyPersonalisation(action, parameters);
  }

  async inspect(request: Uint8Array): Promise<{ readonly data: Uint8Array; readonly sw: number }> {
    return this.watcher.card.es10(request);
  }

  fault(faults: readonly CardFault[]): void {
    this.watcher.faults.replace(faults);
  }

  pull(signal?: AbortSignal): Promise<void> {
    return this.#next(signal, () => this.slot.pull());
  }

  insert(signal?: AbortSignal): Promise<void> {
    return this.#next(signal, () => this.slot.insert(this.watcher, signal));
  }

  next(deadlineMs: number, signal?: AbortSignal): Promise<CardCommand | undefined> {
    return this.queue.next(deadlineMs, signal);
  }

  clear(): void {
    this.watcher.faults.replace([]);
    this.slot.mute(false);
    this.watcher.assembler.clear();
    this.queue.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.slot.close();
    this.queue.close();
  }

  #next(signal: AbortSignal | undefined, act: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(async () => {
      if (signal?.aborted === true) throw new TransportError('aborted', 'the card was left as it is');
      if (this.#closed)
        throw new Sgp33Error('driver-not-open', 'the slot of the card is closed', { place: this.slot.place });
      await act();
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
