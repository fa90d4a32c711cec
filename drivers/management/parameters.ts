/** What each operation is called with (names as in docs/management-api.md) and what its answer must tell. */
import type { ManagementOperation } from '../eim-contract.js';

export interface OperationShape {
  /** Always given. Names with a dot are members of a map. */
  readonly needed: readonly string[];
  readonly optional: readonly string[];
  /** Answers `order`: what becomes of it is asked with `outcome`. */
  readonly order: boolean;
}

const EIM_MEMBERS = [
  ...['eimFqdn', 'eimIdType', 'counterValue', 'associationToken', 'eimPublicKey', 'eimCertificate'],
  ...['trustedEimPkTls', 'trustedCertificateTls', 'eimSupportedProtocol', 'euiccCiPKId'],
  'indirectProfileDownload',
].map((name) => `eim.${name}`);

const shape = (
  order: boolean,
  needed: readonly string[],
  optional: readonly string[] = [],
): OperationShape => ({
  needed,
  optional,
  order,
});
const order = (needed: readonly string[] = [], optional: readonly string[] = []): OperationShape =>
  shape(true, ['eid', ...needed], optional);

export const OPERATION_SHAPES: Readonly<Record<ManagementOperation, OperationShape>> = {
  addDevice: shape(
    false,
    ['eid'],
    ['eumCertificate', 'euiccCertificate', 'associationToken', 'counterValue', 'maxCounterValue'],
  ),
  removeDevice: shape(false, ['eid']),
  exportEimConfiguration: shape(false, [], ['eid']),
  enable: order(['iccid'], ['rollbackFlag']),
  disable: order(['iccid']),
  delete: order(['iccid']),
  listProfileInfo: order(
    [],
    [
      ...['searchCriteria', 'searchCriteria.iccid', 'searchCriteria.isdpAid', 'searchCriteria.profileClass'],
      'tagList',
    ],
  ),
  getRAT: order(),
  configureImmediateEnable: order([], ['immediateEnableFlag', 'defaultSmdpOid', 'defaultSmdpAddress']),
  setFallbackAttribute: order(['iccid']),
  unsetFallbackAttribute: order(),
  setDefaultDpAddress: order(['defaultDpAddress']),
  addEim: order(['eim', 'eim.eimId'], EIM_MEMBERS),
  updateEim: order(['eim', 'eim.eimId'], EIM_MEMBERS),
  deleteEim: order(['eimId']),
  listEim: order(),
  package: order(['operations']),
  ipaEuiccData: order(
    [],
    [
      ...['tagList', 'euiccCiPKIdentifierToBeUsed'],
      ...['searchCriteriaNotification', 'searchCriteriaNotification.seqNumber'],
      'searchCriteriaNotification.profileManagementOperation',
      ...['searchCriteriaEuiccPackageResult', 'searchCriteriaEuiccPackageResult.seqNumber'],
    ],
  ),
  profileDownload: order([], ['activationCode', 'contactDefaultSmdp', 'smdsAddress']),
  outcome: shape(false, ['order'], ['wanted', 'deadlineMs']),
  device: shape(false, ['eid']),
  restart: shape(false, []),
};

/** Values that every operation has: its name, all parameters as a map, a text that is new for each call. */
export const COMMON_NAMES: readonly string[] = ['operation', 'parameters', 'uuid'];

/** What `outcome` has besides, from the call that made the order: its operation and EID; and what that call bound. */
export const OUTCOME_NAMES: readonly string[] = ['ordered', 'eid'];

/** Operations that a package may hold. */
const IN_PACKAGE: readonly ManagementOperation[] = [
  ...(['enable', 'disable', 'delete', 'listProfileInfo', 'getRAT', 'configureImmediateEnable'] as const),
  ...(['setFallbackAttribute', 'unsetFallbackAttribute', 'setDefaultDpAddress'] as const),
  ...(['addEim', 'updateEim', 'deleteEim', 'listEim'] as const),
];

/** Members of the elements of `operations`. */
export const PACKAGE_MEMBERS: readonly string[] = [
  ...new Set([
    'operation',
    ...IN_PACKAGE.flatMap((o) => [...OPERATION_SHAPES[o].needed, ...OPERATION_SHAPES[o].optional]),
  ]),
];
