/** The orders of a device: taken, kept in order, ended. */
import { randomUUID } from 'node:crypto';
import { checkOrder } from './check-order.js';
import type { EimCore } from './core.js';
import type { AutoOrder, DeviceRecord, OrderRecord } from './records.js';
import { EimRefusal, unknownDevice } from './refusals.js';
import type { OperationOutcome, OrderRequest, OrderView, PackageOperation } from './types.js';
import { Work } from './work.js';

/** Puts an order at the end of the queue. */
export function queueOrder(
  work: Work,
  device: DeviceRecord,
  request: OrderRequest,
  auto?: AutoOrder,
): OrderRecord {
  const order: OrderRecord = {
    id: randomUUID(),
    nr: ++device.lastOrder,
    eid: device.eid,
    request,
    ...(auto === undefined ? {} : { auto }),
    status: 'pending',
    results: [],
    answers: [],
    resultData: [],
  };
  device.open.push(order.id);
  work.putOrder(order);
  return order;
}

/**
 * Takes an order. When it resolves, the order is in the store.
 * @throws {EimRefusal} `device-unknown`, `not-associated`, `counter-exhausted`, `needless-order`, and those of `checkOrder`.
 */
export async function takeOrder(core: EimCore, eid: string, request: OrderRequest): Promise<OrderView> {
  const checked = checkOrder(core, request);
  return core.store.exclusively(eid, async () => {
    const work = new Work(core);
    const device = work.device(eid);
    if (device === undefined) {
      if (core.defects.has('unknown-eid-accepted')) return lostOrder(eid, checked);
      return unknownDevice(eid);
    }
    if (checked.kind === 'package') {
      checkPackageRoom(core, work, device);
      checkNeed(core, device, checked.operations);
    }
    const order = queueOrder(work, device, checked);
    await work.commit();
    return orderViewOf(order);
  });
}

function checkPackageRoom(core: EimCore, work: Work, device: DeviceRecord): void {
  if (!device.associated)
    throw new EimRefusal('not-associated', 'the eIM is not associated with this eUICC', {
      place: device.eid,
      repair: 'Associate it again, remove the device and add it with its new association token.',
    });
  const waiting = work
    .openOrders(device)
    .filter((order) => order.request.kind === 'package' && order.status === 'pending').length;
  if (device.counterValue + waiting >= maxCounter(core, device))
    throw new EimRefusal('counter-exhausted', 'no counterValue is left for this eUICC', {
      place: device.eid,
      actual: `${device.counterValue} of ${device.maxCounterValue}`,
      repair: 'Order an updateEim with a new key, or delete the eIM and add it again.',
    });
}

/** @throws {EimRefusal} `needless-order`, where the eIM is one that looks at that. */
function checkNeed(core: EimCore, device: DeviceRecord, operations: readonly PackageOperation[]): void {
  const [first, ...more] = operations;
  if (!core.refuseNeedless || first?.operation !== 'enable' || more.length > 0) return;
  const known = device.profiles.find(({ iccid }) => iccid === first.iccid);
  if (known?.state !== 'enabled' || core.defects.has('needless-enable-taken')) return;
  throw new EimRefusal('needless-order', 'the Profile is enabled already', { place: first.iccid });
}

/** Greatest counterValue that a package for this eUICC may have. */
export const maxCounter = ({ defects }: EimCore, device: DeviceRecord): number =>
  defects.has('counter-limit-unchecked') ? Infinity : device.maxCounterValue;

const lostOrder = (eid: string, request: OrderRequest): OrderView => ({
  id: randomUUID(),
  eid,
  kind: request.kind,
  status: 'pending',
  results: [],
});

/** @throws {EimRefusal} `order-unknown`. */
export function orderView(core: EimCore, id: string): OrderView {
  const order = new Work(core).order(id);
  if (order === undefined)
    throw new EimRefusal('order-unknown', 'no order of that id', { actual: id.slice(0, 64) });
  return orderViewOf(order);
}

const orderViewOf = (order: OrderRecord): OrderView => ({
  id: order.id,
  eid: order.eid,
  kind: order.request.kind,
  status: order.status,
  error: order.error,
  results: order.results,
  authenticated: order.authenticated,
  counterValue: order.counterValue,
  eimTransactionId: order.eimTransactionId,
  errorResponse: order.errorResponse,
});

/** Ends an order; it leaves the queue. */
export function finish(
  device: DeviceRecord,
  order: OrderRecord,
  error: string | undefined,
  results: OperationOutcome[] = order.results,
): void {
  order.status = error === undefined && results.every(isSuccess) ? 'done' : 'failed';
  order.error = error;
  order.results = results;
  device.open = device.open.filter((id) => id !== order.id);
}

/** lastEimDeleted is a success too (SGP.32 2.11.2.1). */
export const isSuccess = ({ code }: OperationOutcome): boolean => code === 'ok' || code === 'lastEimDeleted';
