/** eIM Package Injection: which eIM a package is from, and who carries it out (SGP.32 3.1.1.2, 5.14.4). */
import { read } from '../ipa/read-answer.js';
import type { Transferred } from '../ipa/transfers.js';
import { must, readFields, readOne } from '../tlv/reader.js';
import type { IpadCore } from './core.js';
import { EimLine } from './eim-line.js';
import type { EimEntry } from './network/eim-entry.js';
import type { StartUp } from './start-up.js';
import { Ipa } from '../ipa/index.js';

/** @throws what the card throws. */
export async function injectedInto(
  message: Uint8Array,
  found: StartUp,
  core: IpadCore,
): Promise<Transferred> {
  const entry = senderOf(message, found.entries);
  const line = entry === undefined ? undefined : EimLine.to(entry, found.entries, core, found.eid);
  if (line instanceof EimLine) {
    const { response, afterwards } = await line.ipa.transfer(message);
    if (afterwards === undefined) return { response };
    return {
      response,
      afterwards: async () => {
        try {
          await afterwards();
        } finally {
          await line.close();
        }
      },
    };
  }
  // Who is not associated gets the answer of the eUICC all the same.
  const { version } = core.options;
  const ipa = new Ipa({
    version,
    eid: found.eid,
    es10: core.card.es10,
    reset: () => core.card.switched(),
    esipa: () => Promise.reject(new Error('nobody to answer to')),
    defects: core.defects,
  });
  return ipa.transfer(message);
}

/** Of an eUICC Package the eIM that signed it, of anything else the first one. */
function senderOf(message: Uint8Array, entries: readonly EimEntry[]): EimEntry | undefined {
  const eimId = read<string | undefined>(undefined, () => {
    const signed = readFields(readOne(readOne(message).content).content, [0x30]).octets(0x30);
    return must(readFields(must(signed), [0x80]).text(0x80));
  });
  return entries.find((entry) => entry.eimId === eimId) ?? entries[0];
}
