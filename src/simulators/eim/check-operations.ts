/** Which eUICC Packages the eIM refuses to build (SGP.32 2.11.1.1): told to the operator, nothing is queued. */
import { encodeOid } from '../../protocol/asn1/primitive.js';
import { checkEimConfiguration } from './check-eim-configuration.js';
import type { EimCore } from './core.js';
import { operatorHex, tagsOf } from './hex-input.js';
import { EimRefusal } from './refusals.js';
import type { PackageOperation } from './types.js';

export const ECO_OPERATIONS: ReadonlySet<string> = new Set(['addEim', 'updateEim', 'deleteEim', 'listEim']);
const NOT_IN_1_0_1: ReadonlySet<string> = new Set([
  'setFallbackAttribute',
  'unsetFallbackAttribute',
  'setDefaultDpAddress',
]);
const CHANGES: ReadonlySet<string> = new Set(['enable', 'disable', 'delete']);
const PROFILE_CLASSES = ['test', 'provisioning', 'operational'];

/**
 * @returns the operations with their hex in upper case.
 * @throws {EimRefusal} `empty-package`, `mixed-package`, `invalid-iccid`, `list-after-change`, `enable-twice`,
 *   `not-in-version`, `unknown-operation` and those of the fields.
 */
export function checkOperations(core: EimCore, operations: readonly PackageOperation[]): PackageOperation[] {
  const { defects, version } = core;
  if (operations.length === 0 && !defects.has('empty-package-accepted'))
    throw new EimRefusal('empty-package', 'a package without operations');
  const names = operations.map(({ operation }) => operation);
  const ecos = names.filter((name) => ECO_OPERATIONS.has(name)).length;
  if (ecos > 0 && ecos < names.length && !defects.has('mixed-package-accepted'))
    throw new EimRefusal('mixed-package', 'a package has profile operations or eIM operations, never both');
  if (version === '1.0.1')
    for (const name of names.filter((candidate) => NOT_IN_1_0_1.has(candidate)))
      throw new EimRefusal('not-in-version', `SGP.32 v1.0.1 has no ${name}`, { actual: name });
  checkOrder(core, names);
  return operations.map((operation) => checkOperation(core, operation));
}

function checkOrder({ defects }: EimCore, names: readonly string[]): void {
  for (const name of ['enable', 'disable'])
    if (names.filter((other) => other === name).length > 1 && !defects.has('two-enables-ordered'))
      throw new EimRefusal(
        name === 'enable' ? 'enable-twice' : 'disable-twice',
        `at most one ${name} in a package (SGP.32 2.11.1.1)`,
      );
  const change = names.findIndex((name) => CHANGES.has(name));
  if (
    change >= 0 &&
    names.lastIndexOf('listProfileInfo') > change &&
    !defects.has('list-after-change-ordered')
  )
    throw new EimRefusal(
      'list-after-change',
      'listProfileInfo can not follow enable, disable or delete in one package (SGP.32 2.11.1.1)',
    );
}

function checkOperation(core: EimCore, operation: PackageOperation): PackageOperation {
  switch (operation.operation) {
    case 'enable':
    case 'disable':
    case 'delete':
    case 'setFallbackAttribute':
      return { ...operation, iccid: iccid(core, operation.iccid) };
    case 'listProfileInfo':
      return checkList(core, operation);
    case 'configureImmediateEnable':
      if (operation.defaultSmdpOid !== undefined && encodeOid(operation.defaultSmdpOid) === undefined)
        throw new EimRefusal('invalid-oid', 'not an object identifier', { actual: operation.defaultSmdpOid });
      return operation;
    case 'setDefaultDpAddress':
      if (typeof operation.defaultDpAddress !== 'string')
        throw new EimRefusal('invalid-address', 'defaultDpAddress is no text');
      return operation;
    case 'addEim':
    case 'updateEim':
      return { ...operation, eim: checkEimConfiguration(core, operation.operation, operation.eim) };
    case 'deleteEim':
      if (typeof operation.eimId !== 'string' || operation.eimId === '')
        throw new EimRefusal('invalid-eim-id', 'deleteEim wants an eimId');
      return operation;
    case 'getRAT':
    case 'unsetFallbackAttribute':
    case 'listEim':
      return operation;
    default:
      throw new EimRefusal('unknown-operation', 'no operation of a package', {
        actual: JSON.stringify(operation).slice(0, 80),
      });
  }
}

type ListProfileInfo = Extract<PackageOperation, { operation: 'listProfileInfo' }>;

function checkList(core: EimCore, operation: ListProfileInfo): PackageOperation {
  const { searchCriteria: criteria, tagList } = operation;
  if (tagList !== undefined) tagsOf(tagList, 'invalid-tag-list');
  const upper = tagList?.toUpperCase();
  if (criteria === undefined) return { ...operation, tagList: upper };
  if ('iccid' in criteria)
    return { ...operation, tagList: upper, searchCriteria: { iccid: iccid(core, criteria.iccid) } };
  if ('isdpAid' in criteria) {
    const isdpAid = operatorHex(criteria.isdpAid, 'invalid-aid', 'an AID', 5, 16);
    return { ...operation, tagList: upper, searchCriteria: { isdpAid } };
  }
  if (!PROFILE_CLASSES.includes(criteria.profileClass))
    throw new EimRefusal('invalid-profile-class', 'no profileClass', {
      expected: PROFILE_CLASSES.join(', '),
      actual: criteria.profileClass,
    });
  return { ...operation, tagList: upper };
}

/** 10 bytes of nibble-swapped digits, padded with F (SGP.22 5.7.15). */
function iccid({ defects }: EimCore, text: string): string {
  if (defects.has('malformed-iccid-accepted'))
    return /^([0-9A-F]{2})+$/i.test(text) ? text.toUpperCase() : '';
  const value = operatorHex(text, 'invalid-iccid', 'an ICCID', 10, 10);
  const digits = value.replace(/(.)(.)/g, '$2$1');
  if (!/^\d{18,20}F{0,2}$/.test(digits))
    throw new EimRefusal('invalid-iccid', 'not an ICCID', {
      expected: '18 to 20 digits, nibbles swapped, padded with F',
      actual: value,
    });
  return value;
}
