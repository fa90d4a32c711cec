/** ES10b.ProfileRollback (SGP.32 3.4.1, 5.9.16). */
import { concat } from '../../../protocol/asn1/index.js';
import type { EuiccCore } from '../core.js';
import { signedResult, storedContext } from '../esep/package-result.js';
import { requestSwitch } from '../profile-switch.js';
import { profileByIccid, type RollbackAuthorisation } from '../state.js';
import { must, readFields } from '../../tlv/reader.js';
import { hex, int, unhex, wrap } from '../../tlv/writer.js';
import { isBusy, type Es10Function } from './function.js';

const OK = 0;
const NOT_ALLOWED = 1;
const CAT_BUSY = 5;

/** Goes back once; the new result takes the place of the one that could not be delivered. */
export const profileRollback: Es10Function = (core, { content }) => {
  const { state } = core;
  const refresh = must(readFields(content, [0x80]).boolean(0x80));
  const allowed = state.rollback;
  if (allowed === undefined) return wrap(0xbf58, int(0x02, NOT_ALLOWED));
  const gone = profileByIccid(state, allowed.previousIccid) === undefined;
  if (gone && allowed.unchecked !== true) return wrap(0xbf58, int(0x02, NOT_ALLOWED));
  if (isBusy(core)) return wrap(0xbf58, int(0x02, CAT_BUSY));
  delete state.rollback;
  requestSwitch(core, allowed.previousIccid, { refresh, notifications: false });
  state.notifications = state.notifications.filter((n) => !allowed.notifications.includes(n.seqNumber));
  return wrap(0xbf58, int(0x02, OK), replaceResult(core, allowed));
};

function replaceResult(core: EuiccCore, allowed: RollbackAuthorisation): Uint8Array {
  const { state, defects } = core;
  const rollbackResult = defects.has('rollback-result-missing') ? new Uint8Array(0) : int(0x8c, OK);
  const results = [concat([unhex(allowed.results), rollbackResult])];
  const { response, seqNumber } = signedResult(core, storedContext(allowed), results);
  if (!defects.has('rollback-keeps-old-result'))
    state.results = state.results.filter((r) => r.seqNumber !== allowed.resultSeqNumber);
  state.results.push({ seqNumber, signed: hex(response) });
  return response;
}
