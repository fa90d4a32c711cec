/** ES10b.AddInitialEim (SGP.32 5.9.4) and GetEimConfigurationData (5.9.18). */
import {
  checkNewEim,
  EIM_RESULT,
  isFull,
  readEimConfiguration,
  storeNewEim,
  writeEimConfiguration,
  type EimInput,
} from '../eim-configuration.js';
import type { EuiccCore } from '../core.js';
import { Refused, SW } from '../os/status-word.js';
import { Malformed, must, readElements, readFields, readOne } from '../../tlv/reader.js';
import { int, nothing, wrap } from '../../tlv/writer.js';
import type { Es10Function } from './function.js';

const UNDEFINED_ERROR = 127;

export const addInitialEim: Es10Function = (core, { content }) => {
  const entries = readElements(must(readFields(content, [0xa0]).octets(0xa0))).map(
    ({ tag, content: entry }) => {
      if (tag !== 0x30) throw new Malformed('an entry of eimConfigurationDataList');
      return readEimConfiguration(entry);
    },
  );
  const code = checkList(core, entries);
  // v1.0.1 has no commandError here, and its 2 is unsignedEimConfigDisallowed.
  const told = code === EIM_RESULT.commandError && core.version === '1.0.1' ? UNDEFINED_ERROR : code;
  if (told !== EIM_RESULT.ok) return wrap(0xbf57, int(0x81, told));
  const stored = core.defects.has('second-eim-dropped') ? entries.slice(0, 1) : entries;
  const tokens = stored.map((entry) => storeNewEim(core, entry));
  const results = entries.map((_, i) => (tokens[i] === undefined ? nothing(0x05) : int(0x84, tokens[i])));
  return wrap(0xbf57, wrap(0xa0, ...results));
};

/** All or nothing: an error leaves the eUICC as it was. */
function checkList(core: EuiccCore, entries: readonly EimInput[]): number {
  const { state, defects } = core;
  const associated = state.eims.length > 0 || (state.eimSeen && defects.has('add-initial-eim-never-again'));
  if (associated && !defects.has('add-initial-eim-twice')) return EIM_RESULT.associatedEimAlreadyExists;
  if (entries.length === 0) return EIM_RESULT.commandError;
  for (const [i, entry] of entries.entries()) {
    const code = checkNewEim(core, entry);
    if (code === EIM_RESULT.ok) continue;
    if (defects.has('partial-add-on-error')) entries.slice(0, i).forEach((good) => storeNewEim(core, good));
    return code;
  }
  const ids = new Set(entries.map((entry) => entry.eimId));
  if (ids.size < entries.length && !defects.has('duplicate-eim-id-accepted'))
    return EIM_RESULT.associatedEimAlreadyExists;
  return isFull(core, entries.length) ? EIM_RESULT.insufficientMemory : EIM_RESULT.ok;
}

export const getEimConfigurationData: Es10Function = (core, { content }) => {
  const { state, defects } = core;
  // The request of v1.0.1 is empty: what stands in it is passed over.
  const known = core.version === '1.0.1' ? [] : [0xa0];
  const criteria = readFields(content, known).octets(0xa0);
  const eimId =
    criteria === undefined ? undefined : must(readFields(readOne(criteria).raw, [0x80]).text(0x80, 1, 128));
  const all = eimId === undefined || defects.has('eim-search-ignored');
  const found = state.eims.filter((eim) => all || eim.eimId === eimId);
  if (found.length === 0 && eimId !== undefined && defects.has('eim-search-status-word'))
    throw new Refused(SW.referencedDataNotFound);
  if (state.eims.length === 0 && defects.has('empty-eim-list-without-a0')) return wrap(0xbf55);
  const told = defects.has('first-eim-only') ? found.slice(0, 1) : found;
  return wrap(0xbf55, wrap(0xa0, ...told.map((eim) => writeEimConfiguration(core, eim))));
};
