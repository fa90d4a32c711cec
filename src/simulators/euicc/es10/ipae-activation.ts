/** IpaeActivation (SGP.32 3.8.4). The way back to the IPAd is a reset and its TERMINAL CAPABILITY. */
import { must, readFields } from '../../tlv/reader.js';
import { int, wrap } from '../../tlv/writer.js';
import type { Es10Function } from './function.js';

const OK = 0;
const NOT_SUPPORTED = 1;

export const ipaeActivation: Es10Function = ({ state }, { content }) => {
  const options = must(readFields(content, [0x80]).bits(0x80));
  if (!state.capabilities.ipaeSupported) return wrap(0xbf42, int(0x80, NOT_SUPPORTED));
  if (options.includes(0)) state.ipaMode = 'ipae';
  return wrap(0xbf42, int(0x80, OK));
};
