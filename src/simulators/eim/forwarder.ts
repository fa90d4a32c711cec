/** Sends stored notifications to their SM-DP+ until it takes them, over restarts too (SGP.32 3.7). */
import { unhex } from '../tlv/writer.js';
import type { Defects } from './defects.js';
import type { OrderIndex } from './order-index.js';
import { notificationKey, type NotificationRecord } from './records.js';
import type { EimStore } from './store.js';
import { Work } from './work.js';

const LONGEST_PAUSE = 60_000;

type Forward = (address: string, pendingNotification: Uint8Array) => Promise<void>;

export interface ForwarderOptions {
  readonly store: EimStore;
  readonly index: OrderIndex;
  readonly defects: Defects;
  readonly forward: Forward | undefined;
  readonly retryMs: number;
}

export class Forwarder {
  /** Not forwarded, by id. */
  readonly #waiting = new Map<string, NotificationRecord>();
  /** What is under way, by address. */
  readonly #serving = new Map<string, Promise<void>>();
  /** Ends of pauses, by address. */
  readonly #wakers = new Map<string, () => void>();
  readonly #first = new Map<string, string>();
  #number = 0;
  #closed = false;

  constructor(private readonly options: ForwarderOptions) {
    const { store, defects } = options;
    for (const key of store.keys(notificationKey(''))) {
      const record = JSON.parse(store.get(key) as string) as NotificationRecord;
      this.#number = Math.max(this.#number, record.at);
      // Nothing of it was kept.
      if (!record.forwarded && !defects.has('notification-lost-on-restart'))
        this.#waiting.set(record.id, record);
    }
  }

  /** Order of arrival. */
  nextNumber(): number {
    return ++this.#number;
  }

  /** Notifications of a device that wait for their SM-DP+. */
  waitingOf(eid: string): number {
    return [...this.#waiting.values()].filter((record) => record.eid === eid).length;
  }

  /** Sends what is left from before. */
  start(): void {
    for (const record of this.#waiting.values()) this.#send(record.address);
  }

  /** Takes over records that are in the store. */
  take(records: readonly NotificationRecord[]): void {
    for (const record of records) this.#waiting.set(record.id, record);
    for (const record of records) this.#send(record.address);
  }

  /** @returns whether all of them were taken at the first try. */
  async sendOnce(records: readonly NotificationRecord[]): Promise<boolean> {
    const { forward } = this.options;
    for (const record of records) {
      const { address } = record;
      if (address === undefined || forward === undefined) return false;
      if (!(await this.#deliver(record, address, forward))) return false;
    }
    return true;
  }

  /** Ends after what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#wakers.values()) wake();
    await Promise.all(this.#serving.values());
  }

  #send(address: string | undefined): void {
    const { forward, defects } = this.options;
    if (address === undefined || forward === undefined || this.#closed) return;
    if (defects.has('notification-not-forwarded')) return;
    this.#wakers.get(address)?.();
    if (this.#serving.has(address)) return;
    const serving = this.#serve(address, forward).finally(() => {
      this.#serving.delete(address);
      if (this.#of(address).length > 0) this.#send(address);
    });
    this.#serving.set(address, serving);
  }

  /** All of one SM-DP+ in the order of arrival, with growing pauses while some are refused. */
  async #serve(address: string, forward: Forward): Promise<void> {
    const { defects, retryMs } = this.options;
    for (let pause = retryMs; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const refused: string[] = [];
      for (const record of this.#of(address)) {
        if (this.#closed) return;
        if (!(await this.#deliver(record, address, forward))) refused.push(record.id);
      }
      if (refused.length === 0) return;
      if (defects.has('notification-not-retried')) refused.forEach((id) => this.#waiting.delete(id));
      else await this.#pause(address, pause);
    }
  }

  #of(address: string): NotificationRecord[] {
    return [...this.#waiting.values()].filter((r) => r.address === address).sort((a, b) => a.at - b.at);
  }

  /** @returns false when it stays: refused, unreachable, or not to be written. */
  async #deliver(record: NotificationRecord, address: string, forward: Forward): Promise<boolean> {
    const { defects, store, index } = this.options;
    const data = unhex(record.data ?? '');
    const to = defects.has('notifications-to-one-smdp') ? this.#firstOf(record, address) : address;
    try {
      await forward(to, data);
      if (defects.has('notification-forwarded-twice')) await forward(to, data);
      const work = new Work({ store, index });
      work.putNotification({ ...record, data: undefined, forwarded: true });
      await work.commit();
    } catch {
      return false;
    }
    this.#waiting.delete(record.id);
    return true;
  }

  /** Address of the first notification of that device. */
  #firstOf({ eid = '' }: NotificationRecord, address: string): string {
    const first = this.#first.get(eid) ?? address;
    this.#first.set(eid, first);
    return first;
  }

  /** Ends early when something new comes for that address, or the eIM closes. */
  #pause(address: string, milliseconds: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(address);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#wakers.set(address, done);
    });
  }
}
