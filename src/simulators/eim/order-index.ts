/** Finds orders by what an answer of a device tells. Made from the store, kept up with every commit. */
import { orderKey, type OrderRecord } from './records.js';
import type { EimStore } from './store.js';

export class OrderIndex {
  readonly #byTransaction = new Map<string, string>();
  readonly #byCounter = new Map<string, string>();
  readonly #byAnswer = new Map<string, string>();
  readonly #byDevice = new Map<string, Set<string>>();
  readonly #waiting = new Map<number, Set<string>>();

  constructor(store: EimStore) {
    for (const key of store.keys(orderKey(''))) this.put(JSON.parse(store.get(key) as string) as OrderRecord);
  }

  put(order: OrderRecord): void {
    const { id, eid, eimTransactionId: transaction, counterValue: counter } = order;
    add(this.#byDevice, eid, id);
    if (transaction !== undefined) this.#byTransaction.set(transaction, id);
    if (counter !== undefined) {
      this.#byCounter.set(`${eid} ${counter}`, id);
      if (order.status === 'delivered') add(this.#waiting, counter, eid);
      else this.#waiting.get(counter)?.delete(eid);
    }
    for (const { hash } of order.answers) this.#byAnswer.set(`${eid} ${hash}`, id);
  }

  remove(order: OrderRecord): void {
    const { id, eid, eimTransactionId: transaction, counterValue: counter } = order;
    this.#byDevice.get(eid)?.delete(id);
    if (transaction !== undefined) this.#byTransaction.delete(transaction);
    if (counter !== undefined) {
      this.#byCounter.delete(`${eid} ${counter}`);
      this.#waiting.get(counter)?.delete(eid);
    }
    for (const { hash } of order.answers) this.#byAnswer.delete(`${eid} ${hash}`);
  }

  /** Id of an order. */
  byTransaction(eimTransactionId: string): string | undefined {
    return this.#byTransaction.get(eimTransactionId);
  }

  byCounter(eid: string, counterValue: number): string | undefined {
    return this.#byCounter.get(`${eid} ${counterValue}`);
  }

  byAnswer(eid: string, hash: string): string | undefined {
    return this.#byAnswer.get(`${eid} ${hash}`);
  }

  ofDevice(eid: string): readonly string[] {
    return [...(this.#byDevice.get(eid) ?? [])];
  }

  /** EIDs of devices that owe the result of a package with that counterValue. */
  devicesWaiting(counterValue: number): readonly string[] {
    return [...(this.#waiting.get(counterValue) ?? [])];
  }
}

function add<K>(map: Map<K, Set<string>>, key: K, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}
