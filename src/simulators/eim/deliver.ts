/** Which eIM Package a device gets next, and the same one again until its result is there (SGP.32 3.1.1.1). */
import { buildPackage } from './build-package.js';
import { ECO_OPERATIONS } from './check-operations.js';
import type { EimCore } from './core.js';
import { buildDataRequest } from './data-request.js';
import { queueCertificates } from './devices.js';
import { buildTrigger } from './download-trigger.js';
import { finish } from './queue.js';
import { deviceKey, type DeviceRecord, type OrderRecord } from './records.js';
import type { Work } from './work.js';

/**
 * @param connection on which the device asks; equal objects, one connection.
 * @returns the order to answer with, its bytes made; undefined when nothing waits.
 */
export function nextOrder(
  core: EimCore,
  work: Work,
  device: DeviceRecord,
  connection: object | undefined,
): OrderRecord | undefined {
  const { defects } = core;
  for (;;) {
    const order = choose(core, work, device);
    if (order === undefined)
      return defects.has('delivered-after-done') ? lastDone(core, work, device) : undefined;
    const moved = hasMoved(core, order, connection);
    const again = order.status === 'delivered' && !moved && !defects.has('package-rebuilt-on-redelivery');
    if (again || build(core, device, order)) {
      order.status = 'delivered';
      return order;
    }
    finish(device, order, 'counterExhausted');
  }
}

/** Whether another connection got the package last: for the seeded defect, which is forgotten with the process. */
function hasMoved(core: EimCore, { id }: OrderRecord, connection: object | undefined): boolean {
  if (!core.defects.has('package-rebuilt-on-new-connection')) return false;
  const moved = core.deliveredOn.get(id) !== connection;
  core.deliveredOn.set(id, connection);
  return moved;
}

function build(core: EimCore, device: DeviceRecord, order: OrderRecord): boolean {
  const { request } = order;
  if (request.kind === 'package') return buildPackage(core, device, order);
  if (request.kind === 'ipaEuiccData') buildDataRequest(core, order, request);
  else buildTrigger(core, order, request);
  return true;
}

/** eUICC Packages ahead of the rest, then in the order given; what was delivered comes before what was not. */
function choose(core: EimCore, work: Work, device: DeviceRecord): OrderRecord | undefined {
  const { defects } = core;
  const open = work.openOrders(device).filter((order) => !isHeld(core, device, order));
  const packages = open.filter((order) => order.request.kind === 'package');
  const others = open.filter((order) => order.request.kind !== 'package');
  if (packages.length > 0 && device.euiccCertificate === undefined) {
    const asked = others.find((order) => order.auto === 'certificates');
    const certificates = asked ?? queueCertificates(core, work, device);
    if (certificates !== undefined) return certificates;
  }
  if (defects.has('package-of-another-device')) {
    const foreign = foreignPackage(core, work, device);
    if (foreign !== undefined) return foreign;
  }
  const outstanding = packages.find((order) => order.status === 'delivered');
  if (outstanding !== undefined) return outstanding;
  const line = defects.has('data-request-before-package')
    ? [...others, ...packages]
    : [...packages, ...others];
  return defects.has('last-order-first') ? line.at(-1) : line[0];
}

/** An Emergency Profile lets no PSMO pass; without an association no package is worth anything. */
function isHeld({ defects }: EimCore, device: DeviceRecord, order: OrderRecord): boolean {
  if (order.status === 'delivered' && defects.has('redelivery-missing')) return true;
  if (order.request.kind !== 'package') return false;
  if (!device.associated && order.auto !== 'refresh') return true;
  const psmos = order.request.operations.some(({ operation }) => !ECO_OPERATIONS.has(operation));
  return device.emergency && psmos;
}

function foreignPackage(core: EimCore, work: Work, { eid }: DeviceRecord): OrderRecord | undefined {
  const prefix = deviceKey('');
  const others = [...core.store.keys(prefix)].map((key) => key.slice(prefix.length)).filter((e) => e !== eid);
  return others
    .flatMap((other) => work.device(other)?.open ?? [])
    .flatMap((id) => work.order(id) ?? [])
    .find((order) => order.status === 'delivered' && order.request.kind === 'package');
}

function lastDone(core: EimCore, work: Work, { eid }: DeviceRecord): OrderRecord | undefined {
  const orders = core.index.ofDevice(eid).flatMap((id) => work.order(id) ?? []);
  return orders.findLast((order) => order.status === 'done' && order.message !== undefined);
}
