/** What the management API takes: bodies of requests. Their outputs are what the eIM's operator interface takes. */
import { z } from 'zod';
import { count, der, eid, hexBytes, iccid } from './forms.js';

/** EimConfigurationData (SGP.32 2.11.1.1.1). */
const eim = z.strictObject({
  eimId: z.string(),
  eimFqdn: z.string().optional(),
  eimIdType: z.enum(['oid', 'fqdn', 'proprietary']).optional(),
  counterValue: count.optional(),
  associationToken: z.int().optional().meta({ description: '-1 asks the eUICC for a token' }),
  eimPublicKey: der.optional(),
  eimCertificate: der.optional(),
  trustedEimPkTls: der.optional(),
  trustedCertificateTls: der.optional(),
  eimSupportedProtocol: z.array(z.string()).optional(),
  euiccCiPKId: hexBytes.optional(),
  indirectProfileDownload: z.boolean().optional(),
});

export const profile = z.strictObject({ iccid });

const enable = { iccid, rollbackFlag: z.boolean().optional() };
export const enableBody = z.strictObject(enable);

const listProfileInfo = {
  searchCriteria: z
    .union([
      z.strictObject({ iccid }),
      z.strictObject({ isdpAid: hexBytes }),
      z.strictObject({ profileClass: z.enum(['test', 'provisioning', 'operational']) }),
    ])
    .optional(),
  tagList: hexBytes.optional().meta({ description: 'Tags of ProfileInfo one after the other, hex' }),
};
export const listProfileInfoBody = z.strictObject(listProfileInfo);

const immediateEnable = {
  immediateEnableFlag: z.boolean().optional(),
  defaultSmdpOid: z.string().optional(),
  defaultSmdpAddress: z.string().optional(),
};
export const immediateEnableBody = z.strictObject(immediateEnable);

const defaultDpAddress = { defaultDpAddress: z.string() };
export const defaultDpAddressBody = z.strictObject(defaultDpAddress);

export const eimBody = z.strictObject({ eim });

const deleteEim = { eimId: z.string() };
export const deleteEimBody = z.strictObject(deleteEim);

export const nothing = z.strictObject({});

/** One operation of an eUICC Package, named as in SGP.32. */
export const operation = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('enable'), ...enable }),
  z.strictObject({ operation: z.enum(['disable', 'delete', 'setFallbackAttribute']), iccid }),
  z.strictObject({ operation: z.literal('listProfileInfo'), ...listProfileInfo }),
  z.strictObject({ operation: z.enum(['getRAT', 'unsetFallbackAttribute', 'listEim']) }),
  z.strictObject({ operation: z.literal('configureImmediateEnable'), ...immediateEnable }),
  z.strictObject({ operation: z.literal('setDefaultDpAddress'), ...defaultDpAddress }),
  z.strictObject({ operation: z.enum(['addEim', 'updateEim']), eim }),
  z.strictObject({ operation: z.literal('deleteEim'), ...deleteEim }),
]);

export const packageBody = z.strictObject({ operations: z.array(operation) });

export const dataRequest = z.strictObject({
  tagList: hexBytes.optional().meta({ description: 'Tags of IpaEuiccData one after the other, hex' }),
  euiccCiPKIdentifierToBeUsed: hexBytes.optional(),
  searchCriteriaNotification: z
    .union([
      z.strictObject({ seqNumber: count }),
      z.strictObject({ profileManagementOperation: z.enum(['install', 'enable', 'disable', 'delete']) }),
    ])
    .optional(),
  searchCriteriaEuiccPackageResult: z.strictObject({ seqNumber: count }).optional(),
});

export const download = z.strictObject({
  activationCode: z.string().optional(),
  contactDefaultSmdp: z.boolean().optional(),
  smdsAddress: z.string().optional(),
});

const deviceFields = {
  eumCertificate: der.optional(),
  euiccCertificate: der.optional(),
  associationToken: z.int().optional(),
  counterValue: count.optional(),
  maxCounterValue: count.optional(),
};
export const knownDevice = z.strictObject(deviceFields);
export const newDevice = z.strictObject({ eid, ...deviceFields });
