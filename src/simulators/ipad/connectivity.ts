/** How the enabled Profile reaches a network (SGP.32 5.9.24). */
import { read } from '../ipa/read-answer.js';
import { readFields, readOne } from '../tlv/reader.js';
import { hex, wrap } from '../tlv/writer.js';
import { StatusWordError } from '../ipa/index.js';
import type { IpadCore } from './core.js';

const GET_CONNECTIVITY_PARAMETERS = wrap(0xbf5f);

/** Asks after each change of the enabled Profile; what it says holds until the next. */
export async function readConnectivity({ card, options, memory, defects, log }: IpadCore): Promise<void> {
  if (options.version === '1.0.1' || defects.has('connectivity-not-read')) return;
  const httpParams = await card.es10(GET_CONNECTIVITY_PARAMETERS).then(httpParamsIn, (error: unknown) => {
    // A card without the function leaves the device with what it has.
    if (error instanceof StatusWordError) return undefined;
    throw error;
  });
  memory.change({ httpParams });
  log(`httpParams ${httpParams ?? 'none'}`);
}

const httpParamsIn = (answer: Uint8Array): string | undefined =>
  read<string | undefined>(undefined, () => {
    const parameters = readFields(readOne(answer).content, [0xa0]).octets(0xa0);
    const params = parameters === undefined ? undefined : readFields(parameters, [0x81]).octets(0x81);
    return params === undefined ? undefined : hex(params);
  });
