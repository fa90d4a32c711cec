/** One resource an operation: the first face of the management API. */
import type { z } from 'zod';
import type { OrderRequest, PackageOperation } from '../../types.js';
import {
  configurationJson,
  configurationToJson,
  deviceJson,
  devicesJson,
  deviceToJson,
  orderJson,
  orderToJson,
} from './answers.js';
import * as form from './requests.js';
import { asking, taking, type Route } from './route.js';

const NO_DEVICE = 'The device is not known';
const ORDER_REFUSALS = {
  404: NO_DEVICE,
  409: 'The state of the device does not allow it',
  422: 'The eIM refuses the order: its parameters make no package',
};

/** `POST /v1/devices/{eid}/...`, which makes an order. */
function ordering<B extends z.ZodType>(
  path: string,
  operationId: string,
  summary: string,
  body: B,
  requestOf: (body: z.output<B>) => OrderRequest,
): Route {
  return taking({
    method: 'POST',
    path: `/v1/devices/{eid}/${path}`,
    operationId,
    summary,
    tag: 'orders',
    body,
    ok: { status: 202, description: 'The order is queued', schema: orderJson },
    refusals: ORDER_REFUSALS,
    handle: async (eim, { eid = '' }, given) => orderToJson(await eim.operator.order(eid, requestOf(given))),
  });
}

const packageOf = (...operations: readonly PackageOperation[]): OrderRequest => ({
  kind: 'package',
  operations,
});

const DEVICE_ROUTES: readonly Route[] = [
  taking({
    method: 'POST',
    path: '/v1/devices',
    operationId: 'addDevice',
    summary: 'Makes a device known',
    tag: 'devices',
    body: form.newDevice,
    ok: { status: 201, description: 'The device', schema: deviceJson },
    refusals: { 409: 'A device with this EID is known', 422: 'EID or certificates are not good' },
    handle: async (eim, _, device) => deviceToJson(await eim.operator.addDevice(device)),
  }),
  asking({
    method: 'GET',
    path: '/v1/devices',
    operationId: 'listDevices',
    summary: 'All devices',
    tag: 'devices',
    ok: { status: 200, description: 'What the eIM knows of them', schema: devicesJson },
    handle: async (eim) => ({ devices: (await eim.operator.devices()).map(deviceToJson) }),
  }),
  asking({
    method: 'GET',
    path: '/v1/devices/{eid}',
    operationId: 'getDevice',
    summary: 'One device',
    tag: 'devices',
    ok: { status: 200, description: 'What the eIM knows of it', schema: deviceJson },
    refusals: { 404: NO_DEVICE },
    handle: async (eim, { eid = '' }) => deviceToJson(await eim.operator.device(eid)),
  }),
  asking({
    method: 'DELETE',
    path: '/v1/devices/{eid}',
    operationId: 'removeDevice',
    summary: 'Forgets a device',
    tag: 'devices',
    ok: { status: 204, description: 'It is forgotten' },
    refusals: { 404: NO_DEVICE },
    handle: (eim, { eid = '' }) => eim.operator.removeDevice(eid),
  }),
];

const ORDER_ROUTES: readonly Route[] = [
  ordering('profiles/enable', 'enable', 'Enables a Profile', form.enableBody, (body) =>
    packageOf({ operation: 'enable', ...body }),
  ),
  ordering('profiles/disable', 'disable', 'Disables a Profile', form.profile, (body) =>
    packageOf({ operation: 'disable', ...body }),
  ),
  ordering('profiles/delete', 'delete', 'Deletes a Profile', form.profile, (body) =>
    packageOf({ operation: 'delete', ...body }),
  ),
  ordering('profiles/list', 'listProfileInfo', 'Lists Profiles', form.listProfileInfoBody, (body) =>
    packageOf({ operation: 'listProfileInfo', ...body }),
  ),
  ordering('rat', 'getRAT', 'Reads the Rules Authorisation Table', form.nothing, () =>
    packageOf({ operation: 'getRAT' }),
  ),
  ordering('fallback/set', 'setFallbackAttribute', 'Sets the Fallback Attribute', form.profile, (body) =>
    packageOf({ operation: 'setFallbackAttribute', ...body }),
  ),
  ordering('fallback/unset', 'unsetFallbackAttribute', 'Unsets the Fallback Attribute', form.nothing, () =>
    packageOf({ operation: 'unsetFallbackAttribute' }),
  ),
  ordering(
    'immediate-enable',
    'configureImmediateEnable',
    'Configures immediate enabling',
    form.immediateEnableBody,
    (body) => packageOf({ operation: 'configureImmediateEnable', ...body }),
  ),
  ordering(
    'default-dp-address',
    'setDefaultDpAddress',
    'Sets the default SM-DP+ address',
    form.defaultDpAddressBody,
    (body) => packageOf({ operation: 'setDefaultDpAddress', ...body }),
  ),
  ordering('eims/add', 'addEim', 'Adds an eIM to the eUICC', form.eimBody, (body) =>
    packageOf({ operation: 'addEim', ...body }),
  ),
  ordering('eims/update', 'updateEim', 'Updates an eIM of the eUICC', form.eimBody, (body) =>
    packageOf({ operation: 'updateEim', ...body }),
  ),
  ordering('eims/delete', 'deleteEim', 'Deletes an eIM from the eUICC', form.deleteEimBody, (body) =>
    packageOf({ operation: 'deleteEim', ...body }),
  ),
  ordering('eims/list', 'listEim', 'Lists the eIMs of the eUICC', form.nothing, () =>
    packageOf({ operation: 'listEim' }),
  ),
  ordering('packages', 'package', 'Several operations in one package', form.packageBody, (body) =>
    packageOf(...body.operations),
  ),
  ordering('data-requests', 'ipaEuiccData', 'Asks for eUICC data', form.dataRequest, (body) => ({
    kind: 'ipaEuiccData',
    ...body,
  })),
  ordering('downloads', 'profileDownload', 'Triggers the download of a Profile', form.download, (body) => ({
    kind: 'profileDownload',
    ...body,
  })),
  asking({
    method: 'GET',
    path: '/v1/orders/{id}',
    operationId: 'outcome',
    summary: 'What became of an order',
    tag: 'orders',
    ok: { status: 200, description: 'The order', schema: orderJson },
    refusals: { 404: 'The order is not known' },
    handle: async (eim, { id = '' }) => orderToJson(await eim.operator.orderView(id)),
  }),
];

/** The first face, and what both need. */
export const ENDPOINT_ROUTES: readonly Route[] = [
  ...DEVICE_ROUTES,
  ...ORDER_ROUTES,
  asking({
    method: 'GET',
    path: '/v1/eim-configuration',
    operationId: 'exportEimConfiguration',
    summary: 'EimConfigurationData with which an eUICC becomes associated',
    tag: 'eim',
    ok: { status: 200, description: 'As members, and as DER', schema: configurationJson },
    handle: async (eim) => configurationToJson(eim),
  }),
];
