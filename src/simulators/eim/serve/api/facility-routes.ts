/** Order and poll: the second face of the management API. An order gives a resource id, which is looked up until done. */
import { z } from 'zod';
import type { Eim, OrderRequest, PackageOperation } from '../../types.js';
import { EimRefusal } from '../../refusals.js';
import { resourceIdJson, resourceJson, resourceToJson } from './answers.js';
import { eid } from './forms.js';
import * as form from './requests.js';
import { asking, taking, type Route } from './route.js';

const FACILITIES = ['psmo', 'eco', 'edr', 'download', 'euicc'] as const;
type Facility = (typeof FACILITIES)[number];

const ECO: readonly string[] = ['addEim', 'updateEim', 'deleteEim', 'listEim'];
const operations = z.union([form.operation, z.array(form.operation)]);

/** A device is known at once, so its resource id says all that there is to look up. */
const KNOWN = 'euicc-';

const CREATE: Readonly<Record<Facility, Route>> = {
  psmo: creating(
    'psmo',
    'Orders Profile State Management Operations',
    z.strictObject({ eidValue: eid, order: operations }),
    ({ order }) => packageOf('psmo', order),
  ),
  eco: creating(
    'eco',
    'Orders eIM Configuration Operations',
    z.strictObject({ eidValue: eid, order: operations }),
    ({ order }) => packageOf('eco', order),
  ),
  edr: creating(
    'edr',
    'Asks for eUICC data',
    z.strictObject({ eidValue: eid, order: form.dataRequest.default({}) }),
    ({ order }) => ({ kind: 'ipaEuiccData', ...order }),
  ),
  download: creating(
    'download',
    'Triggers the download of a Profile',
    z.strictObject({ eidValue: eid, order: form.download.default({}) }),
    ({ order }) => ({ kind: 'profileDownload', ...order }),
  ),
  euicc: taking({
    ...createOf('euicc', 'Makes a device known'),
    body: z.strictObject({ eidValue: eid, order: form.knownDevice }),
    refusals: { 409: 'A device with this EID is known', 422: 'EID or certificates are not good' },
    handle: async (eim, _, { eidValue, order }) => {
      await eim.operator.addDevice({ eid: eidValue, ...order });
      return { resourceId: `${KNOWN}${eidValue}` };
    },
  }),
};

export const FACILITY_ROUTES: readonly Route[] = FACILITIES.flatMap((facility) => [
  CREATE[facility],
  lookingUp(facility, 'GET'),
  lookingUp(facility, 'POST'),
]);

function createOf(
  facility: Facility,
  summary: string,
): Pick<Route, 'method' | 'path' | 'operationId' | 'summary' | 'tag'> & {
  readonly ok: { readonly status: number; readonly description: string; readonly schema: z.ZodType };
} {
  return {
    method: 'POST',
    path: `/${facility}/create`,
    operationId: `${facility}-create`,
    summary,
    tag: 'order-and-poll',
    ok: { status: 200, description: 'Where to look for the outcome', schema: resourceIdJson },
  };
}

function creating<B extends z.ZodType<{ eidValue: string }>>(
  facility: Facility,
  summary: string,
  body: B,
  requestOf: (body: z.output<B>) => OrderRequest,
): Route {
  return taking({
    ...createOf(facility, summary),
    body,
    refusals: {
      404: 'The device is not known',
      409: 'The state of the device does not allow it',
      422: 'The eIM refuses the order',
    },
    handle: async (eim, _, given) => {
      const view = await eim.operator.order(given.eidValue, requestOf(given));
      return { resourceId: view.id };
    },
  });
}

function packageOf(
  facility: 'psmo' | 'eco',
  order: PackageOperation | readonly PackageOperation[],
): OrderRequest {
  const list = 'operation' in order ? [order] : order;
  const foreign = list.find(({ operation }) => ECO.includes(operation) !== (facility === 'eco'));
  if (foreign !== undefined)
    throw new EimRefusal('wrong-facility', 'this operation is ordered elsewhere', {
      place: facility,
      actual: foreign.operation,
    });
  return { kind: 'package', operations: list };
}

function lookingUp(facility: Facility, method: 'GET' | 'POST'): Route {
  return asking({
    method,
    path: `/${facility}/lookup/{resourceId}`,
    operationId: `${facility}-lookup-${method.toLowerCase()}`,
    summary: 'What became of the order',
    tag: 'order-and-poll',
    ok: { status: 200, description: 'Its status and results', schema: resourceJson },
    refusals: { 404: 'There is no such resource' },
    handle: (eim, { resourceId = '' }) => lookUp(eim, facility, resourceId),
  });
}

async function lookUp(eim: Eim, facility: Facility, resourceId: string): Promise<object> {
  if (facility !== 'euicc') return resourceToJson(await eim.operator.orderView(resourceId));
  const { eid: eidValue } = await eim.operator.device(
    resourceId.startsWith(KNOWN) ? resourceId.slice(KNOWN.length) : '',
  );
  return { resourceId, eidValue, status: 'done', results: [] };
}
