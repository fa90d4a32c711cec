/** The eIM configuration operations of a package (SGP.32 2.11.1.1.2, 5.13). */
import type { EuiccCore } from '../core.js';
import {
  checkCi,
  checkNewEim,
  EIM_RESULT,
  isFull,
  readEimConfiguration,
  removeEims,
  storeNewEim,
  type EimInput,
} from '../eim-configuration.js';
import { publicKeyOf } from '../eim-keys.js';
import { eimById, type AssociatedEim } from '../state.js';
import { Malformed, must, readElements, readFields, type Tlv } from '../../tlv/reader.js';
import { int, maybe, utf8, wrap } from '../../tlv/writer.js';
import type { OperationResult, PackageRun } from './package-run.js';

const ID_TYPE_OID = 1;
const ID_TYPE_FQDN = 2;

/** @throws {Malformed} for an operation that is unknown or damaged. */
export function executeEco(run: PackageRun, operation: Tlv): OperationResult {
  switch (operation.tag) {
    case 0xa8:
      return addEim(run.core, readEimConfiguration(operation.content));
    case 0xa9:
      return deleteEim(run.core, must(readFields(operation.content, [0x80]).text(0x80)));
    case 0xaa:
      return updateEim(run.core, readEimConfiguration(operation.content));
    case 0xab:
      readElements(operation.content);
      return listEim(run);
    default:
      throw new Malformed('unknown eCO');
  }
}

function addEim(core: EuiccCore, input: EimInput): OperationResult {
  const code = checkAddEim(core, input);
  if (code !== EIM_RESULT.ok) return { element: wrap(0xa8, int(0x02, code)), ok: false };
  const token = storeNewEim(core, input);
  return { element: wrap(0xa8, token === undefined ? int(0x02, EIM_RESULT.ok) : int(0x84, token)), ok: true };
}

function checkAddEim(core: EuiccCore, input: EimInput): number {
  if (input.eimId !== undefined && eimById(core.state, input.eimId) !== undefined)
    return core.version === '1.0.1' || core.defects.has('add-known-eim-command-error')
      ? EIM_RESULT.commandError
      : EIM_RESULT.associatedEimAlreadyExists;
  const code = checkNewEim(core, input);
  if (code !== EIM_RESULT.ok) return code;
  return isFull(core, 1) ? EIM_RESULT.insufficientMemory : EIM_RESULT.ok;
}

function deleteEim(core: EuiccCore, eimId: string): OperationResult {
  const { state, defects } = core;
  const outcome = (code: number, ok: boolean): OperationResult => ({ element: int(0x89, code), ok });
  if (eimById(state, eimId) === undefined) {
    const known = defects.has('delete-unknown-eim-ok');
    return outcome(known ? EIM_RESULT.ok : EIM_RESULT.eimNotFound, known);
  }
  const last = state.eims.length === 1;
  if (last && defects.has('delete-last-eim-refused')) return outcome(127, false);
  if (!defects.has('delete-eim-not-effective')) removeEims(core, (eim) => eim.eimId === eimId);
  return outcome(
    last && !defects.has('delete-last-eim-ok') ? EIM_RESULT.lastEimDeleted : EIM_RESULT.ok,
    true,
  );
}

function updateEim(core: EuiccCore, input: EimInput): OperationResult {
  const eim = eimById(core.state, must(input.eimId));
  const code = checkUpdate(core, eim, input);
  if (code === EIM_RESULT.ok && eim !== undefined) update(core, eim, input);
  return { element: int(0x8a, code), ok: code === EIM_RESULT.ok };
}

/** A new key makes signatures of old packages worthless, so the counter may start anew; it must be given then. */
function checkUpdate(core: EuiccCore, eim: AssociatedEim | undefined, input: EimInput): number {
  const { state, defects } = core;
  if (eim === undefined) return defects.has('update-unknown-eim-ok') ? EIM_RESULT.ok : EIM_RESULT.eimNotFound;
  const { counterValue: counter, eimPublicKeyData: key } = input;
  if (input.associationToken !== undefined) return EIM_RESULT.commandError;
  if (key !== undefined && (counter === undefined || publicKeyOf(key) === undefined))
    return EIM_RESULT.commandError;
  if (counter !== undefined) {
    if (counter < 0) return EIM_RESULT.commandError;
    const tooHigh = counter > state.limits.maxCounterValue && !defects.has('update-counter-unchecked');
    const tooLow =
      counter < eim.counterValue && key === undefined && !defects.has('update-lower-counter-accepted');
    if (tooHigh || tooLow) return EIM_RESULT.counterValueOutOfRange;
  }
  return checkCi(core, input);
}

function update({ defects, version }: EuiccCore, eim: AssociatedEim, input: EimInput): void {
  const clear = defects.has('update-clears-absent-fields');
  const choose = <T>(now: T | undefined, given: T | undefined): T | undefined =>
    given ?? (clear ? undefined : now);
  eim.eimFqdn = choose(eim.eimFqdn, input.eimFqdn);
  eim.eimIdType = choose(eim.eimIdType, input.eimIdType);
  eim.counterValue = Math.min(input.counterValue ?? eim.counterValue, Number.MAX_SAFE_INTEGER);
  eim.initialCounterValue = input.counterValue === undefined ? eim.initialCounterValue : eim.counterValue;
  eim.eimPublicKeyData = input.eimPublicKeyData ?? eim.eimPublicKeyData;
  eim.trustedPublicKeyDataTls = choose(eim.trustedPublicKeyDataTls, input.trustedPublicKeyDataTls);
  eim.eimSupportedProtocol = choose(eim.eimSupportedProtocol, input.eimSupportedProtocol);
  eim.euiccCiPKId = input.euiccCiPKId ?? eim.euiccCiPKId;
  // A NULL can only be set: its absence says "unchanged".
  eim.indirectProfileDownload =
    (input.indirectProfileDownload && version !== '1.0.1') || (eim.indirectProfileDownload && !clear);
}

/** eimIdType is told for identifiers of the types OID and FQDN only. */
function listEim({ core, before }: PackageRun): OperationResult {
  const { state, defects, version } = core;
  const typeTag = version === '1.0.1' ? 0x84 : 0x82;
  const always = defects.has('list-eim-type-always');
  const tellsType = (type: number | undefined): boolean =>
    type === ID_TYPE_OID || type === ID_TYPE_FQDN || always;
  const eims = defects.has('list-eim-stale') ? before.eims : state.eims;
  const entries = eims.map((eim) =>
    wrap(
      0x30,
      utf8(0x80, eim.eimId),
      tellsType(eim.eimIdType) ? maybe(eim.eimIdType, (t) => int(typeTag, t)) : undefined,
    ),
  );
  if (defects.has('listed-eim-wrong-order')) entries.reverse();
  return { element: wrap(0xab, wrap(0xa0, ...entries)), ok: true };
}
