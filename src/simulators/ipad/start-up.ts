/** What the IPAd reads from its eUICC at the beginning of a cycle (SGP.32 3.8). */
import { Sgp33Error } from '../../protocol/errors.js';
import { read } from '../ipa/read-answer.js';
import { must, readElements, readFields, readOne } from '../tlv/reader.js';
import { hex, unhex, wrap } from '../tlv/writer.js';
import type { IpadCore } from './core.js';
import { readEimEntries, type EimEntry } from './network/eim-entry.js';
import { CAUSE } from './state/memory.js';

const GET_EID = unhex('BF3E035C015A');
const GET_EIM_CONFIGURATION_DATA = wrap(0xbf55);
const RETRIEVE_NOTIFICATIONS_LIST = wrap(0xbf2b);

export interface StartUp {
  /** 32 digits. */
  readonly eid: string;
  /** In the order of the eUICC. */
  readonly entries: readonly EimEntry[];
  /** Notifications waited in the eUICC. */
  readonly pending: boolean;
}

/** @throws {Sgp33Error} `ipa-euicc-answer`, and what the card throws. */
export async function startUp(core: IpadCore): Promise<StartUp> {
  const { card, defects, memory, log } = core;
  const known = defects.has('eid-from-memory') ? memory.state.eid : undefined;
  const eid = known ?? eidIn(await card.es10(GET_EID));
  const entries = await readEntries(core);
  const pending =
    !defects.has('notifications-not-looked-for') &&
    hasNotifications(await card.es10(RETRIEVE_NOTIFICATIONS_LIST));
  if (eid === undefined) throw unreadable(core, 'BF3E with 5A');
  log(`EID ${eid}, eIMs ${entries.map(({ eimId }) => eimId).join(' ') || 'none'}`);
  noteDevice(core, eid, entries);
  return { eid, entries, pending };
}

/** The associated eIMs as the eUICC has them now. */
export async function readEntries(core: IpadCore): Promise<readonly EimEntry[]> {
  const { card, defects, memory } = core;
  const known = defects.has('eims-from-memory') ? memory.state.eims : undefined;
  const answer = known === undefined ? await card.es10(GET_EIM_CONFIGURATION_DATA) : unhex(known);
  const entries = readEimEntries(answer);
  if (entries === undefined) throw unreadable(core, 'BF55 with A0');
  memory.change({ eims: hex(answer) });
  return entries;
}

/** Another eUICC in this device, or this eUICC in another device (SGP.32 5.14.5, deviceChange). */
function noteDevice({ memory, options, changes }: IpadCore, eid: string, entries: readonly EimEntry[]): void {
  const { eid: lastEid, deviceId: lastDevice } = memory.state;
  const { deviceId } = options;
  const otherEuicc = lastEid !== undefined && lastEid !== eid;
  const otherDevice = lastDevice !== undefined && deviceId !== undefined && lastDevice !== deviceId;
  if (otherEuicc) memory.change({ changes: {}, rollback: undefined, initialEim: undefined });
  if (otherEuicc || otherDevice)
    changes.record(
      CAUSE.deviceChange,
      entries.map(({ eimId }) => eimId),
    );
  memory.change({ eid, ...(deviceId === undefined ? {} : { deviceId }) });
}

function eidIn(answer: Uint8Array): string | undefined {
  return read<string | undefined>(undefined, () => {
    const outer = must(readFields(answer, [0xbf3e]).octets(0xbf3e));
    return hex(must(readFields(outer, [0x5a]).octets(0x5a, 16, 16)));
  });
}

const hasNotifications = (answer: Uint8Array): boolean =>
  read(false, () => {
    const list = readFields(readOne(answer).content, [0xa0]).octets(0xa0);
    return list !== undefined && readElements(list).length > 0;
  });

const unreadable = ({ card }: IpadCore, expected: string): Sgp33Error =>
  new Sgp33Error('ipa-euicc-answer', 'the eUICC does not tell its EID and its eIMs', {
    place: card.place,
    expected,
  });
