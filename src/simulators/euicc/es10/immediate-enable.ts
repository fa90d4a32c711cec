/** Immediate Profile enabling (SGP.32 3.4.4, 3.4.5): its configuration by PSMO or BF59, and ImmediateEnable. */
import type { EuiccCore } from '../core.js';
import { Refused, SW } from '../os/status-word.js';
import { hex, int, wrap } from '../../tlv/writer.js';
import { must, readElements, readFields } from '../../tlv/reader.js';
import { isBusy, type Es10Function } from './function.js';

const OK = 0;
const INSUFFICIENT_MEMORY = 1;
const ALREADY_ASSOCIATED = 2;

/**
 * Flag absent switches off; OID and address that are given replace the stored ones.
 * @param unusable the code for a flag without any SM-DP+ (commandError for the PSMO).
 */
export function configureImmediateEnable(core: EuiccCore, content: Uint8Array, unusable: number): number {
  const { state } = core;
  const fields = readFields(content, [0x80, 0x81, 0x82]);
  const flag = fields.flag(0x80);
  const oid = fields.octets(0x81, 1);
  const address = fields.text(0x82);
  if (!state.capabilities.immediateEnableSupported) throw new Refused(SW.referencedDataNotFound);
  if (state.memoryFull) return INSUFFICIENT_MEMORY;
  if (!flag) {
    delete state.immediateEnable;
    return OK;
  }
  const smdpOid = oid === undefined ? state.immediateEnable?.smdpOid : hex(oid);
  const smdpAddress = address ?? state.immediateEnable?.smdpAddress;
  if (smdpOid === undefined && smdpAddress === undefined && state.defaultDpAddress === undefined)
    return unusable;
  state.immediateEnable = { smdpOid, smdpAddress };
  return OK;
}

/** SGP.32 5.9.17: for the IPA, as long as no eIM is associated. */
export const configureImmediateProfileEnabling: Es10Function = (core, { content }) => {
  const code = core.state.eims.length > 0 ? ALREADY_ASSOCIATED : configureImmediateEnable(core, content, 127);
  return wrap(0xbf59, int(0x80, code));
};

/** EnableUsingDD of v1.0.1: an empty request, and no code for a running session. */
export const enableUsingDd: Es10Function = (core, { content }) => {
  readElements(content);
  const code = core.state.immediateEnable === undefined ? 1 : isBusy(core) ? 127 : 4;
  return wrap(0xbf5a, int(0x80, code));
};

/** SGP.32 5.9.15. No download ran in this session: there is nothing to enable. */
export const immediateEnable: Es10Function = (core, { content }) => {
  must(readFields(content, [0x80]).boolean(0x80));
  const code = core.state.immediateEnable === undefined ? 1 : isBusy(core) ? 5 : 4;
  return wrap(0xbf5a, int(0x80, code));
};
