/** The operations of an eUICC Package on the wire (SGP.32 2.11.1.1.2, 2.11.1.1.3). */
import { encodeOid } from '../../protocol/asn1/primitive.js';
import { int, maybe, nothing, octets, utf8, wrap } from '../tlv/writer.js';
import type { EimCore } from './core.js';
import type { PackageOperation } from './types.js';
import { eimConfigurationFields } from './write-eim-configuration.js';

const PROFILE_CLASSES = ['test', 'provisioning', 'operational'];

/** One Psmo or Eco. */
export function writeOperation(core: EimCore, operation: PackageOperation): Uint8Array {
  const { defects } = core;
  switch (operation.operation) {
    case 'enable':
      return enable(core, operation.iccid, operation.rollbackFlag === true);
    case 'disable':
      return wrap(0xa4, iccid(core, operation.iccid));
    case 'delete':
      return wrap(0xa5, iccid(core, operation.iccid));
    case 'listProfileInfo':
      return listProfileInfo(core, operation);
    case 'getRAT':
      return nothing(defects.has('get-rat-primitive') ? 0x86 : 0xa6);
    case 'configureImmediateEnable':
      return immediateEnable(core, operation);
    case 'setFallbackAttribute':
      return wrap(defects.has('fallback-tags-exchanged') ? 0xa9 : 0xa8, iccid(core, operation.iccid));
    case 'unsetFallbackAttribute':
      return nothing(defects.has('unset-fallback-tag-wrong') ? 0xa8 : 0xa9);
    case 'setDefaultDpAddress':
      return wrap(
        0xbf65,
        utf8(defects.has('dp-address-universal-tag') ? 0x0c : 0x80, operation.defaultDpAddress),
      );
    case 'addEim':
      return wrap(0xa8, ...eimConfigurationFields(core, operation.eim));
    case 'updateEim': {
      const all = defects.has('update-sends-every-field')
        ? { counterValue: 0, ...operation.eim }
        : operation.eim;
      return wrap(defects.has('update-eim-as-add') ? 0xa8 : 0xaa, ...eimConfigurationFields(core, all));
    }
    case 'deleteEim':
      return wrap(0xa9, utf8(0x80, defects.has('delete-eim-names-itself') ? core.eimId : operation.eimId));
    case 'listEim':
      return nothing(0xab);
  }
}

function iccid({ defects }: EimCore, value: string): Uint8Array {
  const unswapped = defects.has('iccid-not-swapped') ? value.replace(/(.)(.)/g, '$2$1') : value;
  return octets(0x5a, unswapped);
}

/** rollbackFlag keeps its universal tag: its sibling has a written one. */
function enable(core: EimCore, target: string, rollbackFlag: boolean): Uint8Array {
  const { defects } = core;
  const wanted = rollbackFlag && !defects.has('rollback-flag-missing');
  const flag = wanted ? nothing(defects.has('rollback-flag-context-tag') ? 0x81 : 0x05) : undefined;
  const id = iccid(core, target);
  return defects.has('rollback-flag-before-iccid') ? wrap(0xa3, flag, id) : wrap(0xa3, id, flag);
}

type ListProfileInfo = Extract<PackageOperation, { operation: 'listProfileInfo' }>;

function listProfileInfo(core: EimCore, { searchCriteria: given, tagList }: ListProfileInfo): Uint8Array {
  const { defects } = core;
  const tags = tagList ?? (defects.has('list-with-own-tag-list') ? '5A9F70' : undefined);
  const criteria = defects.has('list-criteria-missing') ? undefined : given;
  const empty = given === undefined && defects.has('list-with-empty-criteria');
  return wrap(
    0xbf2d,
    empty ? wrap(0xa0) : maybe(criteria, (v) => wrap(0xa0, criterion(core, v))),
    defects.has('list-tag-list-missing') ? undefined : maybe(tags, (v) => octets(0x5c, v)),
  );
}

function criterion(core: EimCore, criteria: NonNullable<ListProfileInfo['searchCriteria']>): Uint8Array {
  if ('iccid' in criteria) return iccid(core, criteria.iccid);
  if ('isdpAid' in criteria) return octets(0x4f, criteria.isdpAid);
  const first = core.defects.has('profile-class-off-by-one') ? 1 : 0;
  return int(0x95, PROFILE_CLASSES.indexOf(criteria.profileClass) + first);
}

type ConfigureImmediateEnable = Extract<PackageOperation, { operation: 'configureImmediateEnable' }>;

/** configureAutoEnable in v1.0.1: other names, the same bytes. */
function immediateEnable({ defects }: EimCore, o: ConfigureImmediateEnable): Uint8Array {
  const flag = o.immediateEnableFlag === true || defects.has('immediate-enable-flag-always');
  const oid = defects.has('immediate-enable-oid-missing') ? undefined : o.defaultSmdpOid;
  return wrap(
    0xa7,
    flag ? nothing(0x80) : undefined,
    maybe(oid, (v) => octets(0x81, encodeOid(v) ?? new Uint8Array(0))),
    maybe(o.defaultSmdpAddress, (v) => utf8(0x82, v)),
  );
}
