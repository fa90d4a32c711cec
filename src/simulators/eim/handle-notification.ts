/** ESipa.HandleNotification (SGP.32 5.14.7): no answer; what it brought is in the store when it returns. */
import { Malformed } from '../tlv/reader.js';
import { nothing } from '../tlv/writer.js';
import { oneElement } from './ber.js';
import type { EimCore } from './core.js';
import { StoreFailure } from './refusals.js';
import { readPendingNotification, type PendingNotification } from './pending-notification.js';
import { provideEimPackageResult } from './provide-eim-package-result.js';
import { takeNotifications } from './take-notifications.js';
import { sha256 } from './build-package.js';
import { Work } from './work.js';

/** @param content of BF3D. @throws {Malformed}, {StoreFailure}. */
export async function handleNotification(
  core: EimCore,
  content: Uint8Array,
  polled: string | undefined,
): Promise<Uint8Array | undefined> {
  const { defects, version } = core;
  const arm = oneElement(content);
  const resultArm = version === '1.2' ? 0xbf50 : 0xa1;
  if (arm.tag === resultArm) {
    if (defects.has('notified-result-ignored')) return undefined;
    const answer = await provideEimPackageResult(core, arm.content, polled);
    if (defects.has('notified-result-answered')) return answer;
  } else if (arm.tag === 0xa0) await store(core, readPendingNotification(oneElement(arm.content)));
  // Without the arm around it, as some IPAs send it.
  else if (arm.tag === 0xbf37 || arm.tag === 0x30) await store(core, readPendingNotification(arm));
  else throw new Malformed('no arm of HandleNotificationEsipa');
  return defects.has('notification-answered') ? nothing(0xbf3d) : undefined;
}

async function store(core: EimCore, notification: PendingNotification): Promise<void> {
  if (core.defects.has('pending-notification-dropped')) return;
  await core.store.exclusively(`notification ${sha256(notification.raw)}`, async () => {
    const work = new Work(core);
    const { added } = takeNotifications(core, work, undefined, [notification]);
    await work.commit();
    if (!core.defects.has('notification-sent-before-answer')) core.forwarder.take(added);
    else if (!(await core.forwarder.sendOnce(added)))
      throw new StoreFailure('es9-delivery', 'the SM-DP+ did not take the notification');
  });
}
