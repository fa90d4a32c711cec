/** One unit of work on the store: records are drafts until `commit`, and a failure leaves everything as it was. */
import {
  counterKey,
  deviceKey,
  notificationKey,
  orderKey,
  type DeviceRecord,
  type NotificationRecord,
  type OrderRecord,
} from './records.js';
import type { OrderIndex } from './order-index.js';
import type { EimStore } from './store.js';

export interface WorkPlace {
  readonly store: EimStore;
  readonly index: OrderIndex;
}

const ORDERS = orderKey('');

export class Work {
  readonly #drafts = new Map<string, unknown>();
  readonly #removed: OrderRecord[] = [];

  readonly #place: WorkPlace;

  constructor(place: WorkPlace) {
    this.#place = place;
  }

  device(eid: string): DeviceRecord | undefined {
    return this.#draft(deviceKey(eid)) as DeviceRecord | undefined;
  }

  order(id: string): OrderRecord | undefined {
    return this.#draft(orderKey(id)) as OrderRecord | undefined;
  }

  notification(id: string): NotificationRecord | undefined {
    return this.#draft(notificationKey(id)) as NotificationRecord | undefined;
  }

  counter(eid: string): number | undefined {
    return this.#draft(counterKey(eid)) as number | undefined;
  }

  putDevice(device: DeviceRecord): void {
    this.#drafts.set(deviceKey(device.eid), device);
  }

  putOrder(order: OrderRecord): void {
    this.#drafts.set(orderKey(order.id), order);
  }

  putNotification(notification: NotificationRecord): void {
    this.#drafts.set(notificationKey(notification.id), notification);
  }

  putCounter(eid: string, value: number): void {
    this.#drafts.set(counterKey(eid), value);
  }

  removeDevice(eid: string): void {
    this.#drafts.set(deviceKey(eid), undefined);
  }

  removeOrder(order: OrderRecord): void {
    this.#removed.push(order);
    this.#drafts.set(orderKey(order.id), undefined);
  }

  /** Orders of a device that are pending or delivered, oldest first. */
  openOrders(device: DeviceRecord): OrderRecord[] {
    return device.open.flatMap((id) => this.order(id) ?? []);
  }

  /** Writes what differs. @throws {StoreFailure} */
  async commit(): Promise<void> {
    const { store, index } = this.#place;
    const changes = new Map<string, string | undefined>();
    for (const [key, draft] of this.#drafts) {
      const json = draft === undefined ? undefined : JSON.stringify(draft);
      if (json !== store.get(key)) changes.set(key, json);
    }
    await store.commit(changes);
    this.#removed.forEach((order) => index.remove(order));
    for (const [key, draft] of this.#drafts)
      if (draft !== undefined && key.startsWith(ORDERS)) index.put(draft as OrderRecord);
  }

  #draft(key: string): unknown {
    if (this.#drafts.has(key)) return this.#drafts.get(key);
    const json = this.#place.store.get(key);
    if (json === undefined) return undefined;
    const draft: unknown = JSON.parse(json);
    this.#drafts.set(key, draft);
    return draft;
  }
}
