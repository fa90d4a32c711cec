/** What the management API tells: devices, orders and errors, and their forms for the OpenAPI description. */
import { z } from 'zod';
import type { DeviceView, Eim, OrderStatus, OrderView } from '../../types.js';
import { hexToBase64, iccidToPrinted, printIccids } from './forms.js';

const base64 = z.base64();
const text = z.string();

export const errorJson = z.object({ error: z.object({ code: text, message: text }) });

export const deviceJson = z.object({
  eid: text,
  associated: z.boolean(),
  associationToken: z.int().optional(),
  counterValue: z.int(),
  profiles: z.array(
    z.object({ iccid: text, state: z.enum(['enabled', 'disabled']), fallbackAttribute: z.boolean() }),
  ),
  eims: z.array(text),
  stateChangeCause: text.optional(),
  rPLMN: text.optional(),
  defaultDpAddress: text.optional(),
  ipaFeatures: z.array(text).optional(),
  ipaSupportedProtocols: z.array(text).optional(),
  euiccInfo1: base64.optional(),
  euiccInfo2: base64.optional(),
  deviceInfo: base64.optional(),
  euiccCertificate: base64.optional(),
  eumCertificate: base64.optional(),
  notificationsToForward: z.int(),
});

export const devicesJson = z.object({ devices: z.array(deviceJson) });

const STATUS = {
  pending: 'queued',
  delivered: 'sent',
  done: 'done',
  failed: 'failed',
} as const satisfies Record<OrderStatus, string>;
const status = z.enum(['queued', 'sent', 'done', 'failed']);

const outcome = {
  status,
  error: z.object({ name: text }).optional(),
  authenticated: z.boolean().optional(),
  results: z.array(z.object({ operation: text, code: text, data: z.unknown().optional() })),
  counterValue: z.int().optional(),
  eimTransactionId: text.optional(),
  errorResponse: text.optional(),
};

export const orderJson = z.object({
  id: text,
  eid: text,
  kind: z.enum(['package', 'ipaEuiccData', 'profileDownload']),
  ...outcome,
});

export const resourceIdJson = z.object({ resourceId: text });
export const resourceJson = z.object({ resourceId: text, eidValue: text, ...outcome });

export const configurationJson = z.object({
  eimId: text,
  eimFqdn: text.optional(),
  eimIdType: text.optional(),
  counterValue: z.int().optional(),
  associationToken: z.int().optional(),
  eimPublicKey: base64.optional(),
  eimCertificate: base64.optional(),
  trustedEimPkTls: base64.optional(),
  trustedCertificateTls: base64.optional(),
  eimSupportedProtocol: z.array(text).optional(),
  euiccCiPKId: text.optional(),
  indirectProfileDownload: z.boolean().optional(),
  eimConfigurationData: base64.meta({ description: 'DER of the EimConfigurationData, tag 30' }),
});

/** Members that hold DER: hex inside, base64 outside. */
const DER_MEMBERS = [
  ...['euiccInfo1', 'euiccInfo2', 'deviceInfo', 'euiccCertificate', 'eumCertificate'],
  ...['eimPublicKey', 'eimCertificate', 'trustedEimPkTls', 'trustedCertificateTls'],
];

const withBase64 = (view: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(view).map(([name, value]: [string, unknown]) => [
      name,
      DER_MEMBERS.includes(name) && typeof value === 'string' ? hexToBase64(value) : value,
    ]),
  );

export const deviceToJson = (view: DeviceView): object => ({
  ...withBase64(view),
  profiles: view.profiles.map((one) => ({ ...one, iccid: iccidToPrinted(one.iccid) })),
});

function outcomeToJson(view: OrderView): object {
  return {
    status: STATUS[view.status],
    ...(view.error === undefined ? {} : { error: { name: view.error } }),
    authenticated: view.authenticated,
    results: printIccids(view.results),
    counterValue: view.counterValue,
    eimTransactionId: view.eimTransactionId,
    errorResponse: view.errorResponse,
  };
}

export const orderToJson = (view: OrderView): object => ({
  id: view.id,
  eid: view.eid,
  kind: view.kind,
  ...outcomeToJson(view),
});

export const resourceToJson = (view: OrderView): object => ({
  resourceId: view.id,
  eidValue: view.eid,
  ...outcomeToJson(view),
});

export function configurationToJson(eim: Eim): object {
  const { der, ...fields } = eim.operator.eimConfiguration();
  return { ...withBase64(fields), eimConfigurationData: hexToBase64(der) };
}
