/** The ISD-R: its FCI, and one ES10 request in, one response out. */
import type { EuiccCore } from './core.js';
import { es10Functions } from './es10/index.js';
import { Refused, SW } from './os/status-word.js';
import { enabledProfile } from './state.js';
import { Malformed, readElement, readOne } from '../tlv/reader.js';
import { bitString, octets, wrap } from '../tlv/writer.js';

export const ISD_R_AID = 'A0000005591010FFFFFFFF8900000100';
export const ECASD_AID = 'A0000005591010FFFFFFFF8900000200';

/** First tags of the segments of a Bound Profile Package (SGP.22 2.5.5): they need a download session. */
const BPP_TAGS: ReadonlySet<number> = new Set([0xbf36, 0xa0, 0xa1, 0xa2, 0xa3, 0x86, 0x87, 0x88]);

/** Functions that only read: nothing is to be made lasting, or to be taken back. */
const READING: ReadonlySet<number> = new Set([
  0xbf20, 0xbf22, 0xbf28, 0xbf2b, 0xbf2d, 0xbf3c, 0xbf3e, 0xbf43, 0xbf55, 0xbf56, 0xbf5f,
]);

/**
 * Runs one function; its changes are lasting when this returns.
 * @throws {Refused} 6A80 for a request that is malformed, 6A88 for a function that the card has not.
 */
export function executeEs10(core: EuiccCore, request: Uint8Array): Uint8Array {
  if (BPP_TAGS.has(firstTag(request))) throw new Refused(SW.conditionsNotSatisfied);
  let reads = false;
  try {
    const element = readOne(request);
    reads = READING.has(element.tag);
    const run = es10Functions(core.version).get(element.tag);
    if (run === undefined) throw new Refused(SW.referencedDataNotFound);
    const response = run(core, element);
    if (!reads) core.commit();
    return response;
  } catch (error) {
    if (!core.dead && !reads) core.rollBack();
    if (error instanceof Malformed) throw new Refused(SW.wrongData, error.message);
    throw error;
  }
}

function firstTag(request: Uint8Array): number {
  // A BPP segment ends in the middle of its outer element, so that its length can not be checked here.
  if (request[0] === 0xbf && request[1] === 0x36) return 0xbf36;
  try {
    return readElement(request, 0).tag;
  } catch {
    return request[0] ?? 0;
  }
}

/** FCI with the templates E0 (SGP.22) and E1 (SGP.32 3.8, not in v1.0.1); enabledProfile from the state. */
export function isdrFci(core: EuiccCore): Uint8Array {
  const { state, defects, version } = core;
  const withoutE1 = version === '1.0.1' || defects.has('e1-missing');
  const known = defects.has('e1-enabled-bit-stale') ? core.atReset : state;
  const bits = [
    state.capabilities.ipaeSupported ? 0 : -1,
    enabledProfile(known) === undefined ? -1 : 1,
  ].filter((bit) => bit >= 0);
  const told = defects.has('e1-bits-swapped') ? bits.map((bit) => 1 - bit) : bits;
  return wrap(
    0x6f,
    octets(0x84, ISD_R_AID),
    wrap(0xa5, octets(0x9f65, 'FF')),
    defects.has('e0-missing') ? undefined : wrap(0xe0, octets(0x82, state.capabilities.svn)),
    withoutE1 ? undefined : wrap(0xe1, bitString(0x80, told)),
  );
}
