/** What a defect does: the picture of a device follows its notifications, which nobody verified (SGP.32 3.7). */
import { hex } from '../tlv/writer.js';
import { bitsOfContent, elements } from './ber.js';
import type { PendingNotification } from './pending-notification.js';
import type { DeviceProfile } from './types.js';
import type { Work } from './work.js';

const ENABLE = 1;
const DISABLE = 2;

export function changeState(work: Work, eid: string | undefined, { raw }: PendingNotification): void {
  const device = eid === undefined ? undefined : work.device(eid);
  const [whole] = elements(raw);
  const metadata = elements(whole?.content ?? new Uint8Array(0)).find(({ tag }) => tag === 0xbf2f);
  if (device === undefined || metadata === undefined) return;
  const found = new Map(elements(metadata.content).map(({ tag, content }) => [tag, content]));
  const iccid = hex(found.get(0x5a) ?? new Uint8Array(0));
  const events = bitsOfContent(found.get(0x81) ?? new Uint8Array(0));
  if (iccid === '' || !(events.includes(ENABLE) || events.includes(DISABLE))) return;
  const told: DeviceProfile = {
    iccid,
    state: events.includes(ENABLE) ? 'enabled' : 'disabled',
    fallbackAttribute: false,
  };
  device.profiles = [...device.profiles.filter((p) => p.iccid !== iccid), told];
}
