/** Notifications on their way to an SM-DP+: stored before the IPA hears that it may forget them (SGP.32 3.7, 5.14.7). */
import { hex } from '../tlv/writer.js';
import { sha256 } from './build-package.js';
import type { EimCore } from './core.js';
import { changeState } from './notification-state.js';
import { expanded, type PendingNotification } from './pending-notification.js';
import type { NotificationRecord } from './records.js';
import type { Work } from './work.js';
import { tlv } from '../../protocol/asn1/index.js';
import { Malformed, readElements } from '../tlv/reader.js';

/**
 * Puts them into the unit of work. One that came before is not stored again.
 * @param eid of the device, where it is known.
 * @returns their sequence numbers, and the records that are new.
 */
export function takeNotifications(
  core: EimCore,
  work: Work,
  eid: string | undefined,
  notifications: readonly PendingNotification[],
): { seqNumbers: number[]; added: NotificationRecord[] } {
  const added: NotificationRecord[] = [];
  for (const notification of notifications) {
    const id = sha256(notification.raw);
    const owner = eid ?? ownerOf(core, notification);
    if (work.notification(id) !== undefined) {
      if (core.defects.has('repeated-notification-refused')) throw new Malformed('a notification again');
      if (!core.defects.has('repeated-notification-forwarded')) continue;
    }
    const data = toForward(core, work, owner, notification);
    const record: NotificationRecord = {
      id,
      at: core.forwarder.nextNumber(),
      eid: owner,
      seqNumber: notification.seqNumber,
      address: data === undefined ? undefined : notification.address,
      data: data === undefined ? undefined : hex(data),
      forwarded: false,
    };
    work.putNotification(record);
    if (core.defects.has('notification-changes-state')) changeState(work, owner, notification);
    added.push(record);
  }
  return { seqNumbers: notifications.map(({ seqNumber }) => seqNumber), added };
}

/** The device that a notification names itself. */
export const ownerOf = ({ trust }: EimCore, n: PendingNotification): string | undefined =>
  n.eidValue ?? (n.euiccCertificate === undefined ? undefined : trust.eidOf(n.euiccCertificate));

/** Byte for byte what the eUICC signed; of a compact one what it stands for. */
function toForward(
  { defects }: EimCore,
  work: Work,
  eid: string | undefined,
  notification: PendingNotification,
): Uint8Array | undefined {
  if (notification.compact !== undefined && defects.has('compact-not-expanded')) return notification.raw;
  const device = eid === undefined ? undefined : work.device(eid);
  const { euiccCertificate: euicc, eumCertificate: eum } = device ?? {};
  const known = euicc === undefined || eum === undefined ? undefined : ([euicc, eum] as const);
  const full = expanded(notification, known);
  return full !== undefined && defects.has('notification-reencoded') ? withoutSignature(full) : full;
}

/** What a server sends that knows the signature by another tag. */
function withoutSignature(full: Uint8Array): Uint8Array {
  const [whole] = readElements(full);
  if (whole === undefined) return full;
  const parts = readElements(whole.content).map(({ tag, raw, content }) =>
    tag === 0x5f37 ? tlv(0x04, content) : raw,
  );
  return tlv(whole.tag, Buffer.concat(parts));
}
