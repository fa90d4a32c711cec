/** ES10a.GetEuiccConfiguredAddresses and SetDefaultDpAddress (SGP.22 5.7.3, 5.7.4, SGP.32 5.9.25). */
import type { EuiccCore } from '../core.js';
import { must, readFields } from '../../tlv/reader.js';
import { int, maybe, utf8, wrap } from '../../tlv/writer.js';
import type { Es10Function } from './function.js';

export const getEuiccConfiguredAddresses: Es10Function = ({ state }) =>
  wrap(
    0xbf3c,
    maybe(state.defaultDpAddress, (address) => utf8(0x80, address)),
    utf8(0x81, state.rootDsAddress),
  );

/** Serves BF3F and BF65, and the PSMO: they have one shape. */
export const setDefaultDpAddress: Es10Function = (core, { tag, content }) => {
  const address = must(readFields(content, [0x80]).text(0x80, 0, 255));
  storeAddress(core, address);
  return wrap(tag, int(0x80, 0));
};

function storeAddress({ state, defects }: EuiccCore, address: string): void {
  if (defects.has('set-dp-address-not-stored')) return;
  if (address === '' && !defects.has('empty-dp-address-kept')) delete state.defaultDpAddress;
  else state.defaultDpAddress = address;
}
