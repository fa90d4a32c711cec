/** Notifications: one for each address that a Profile configures for an event (SGP.22 3.5, SGP.32 2.11.2). */
import type { EuiccCore } from './core.js';
import { EVENTS, type NotificationEvent, type Profile, type StoredNotification } from './state.js';
import { bitString, hex, int, octets, utf8, wrap } from '../tlv/writer.js';

/**
 * Generates and stores the notifications of one event.
 * @returns their sequence numbers.
 */
export function notify(core: EuiccCore, profile: Profile, event: NotificationEvent): number[] {
  const addresses = profile.notificationConfigurationInfo
    .filter((entry) => entry.profileManagementOperation.includes(event))
    .map((entry) => entry.notificationAddress);
  if (addresses.length === 0 && core.defects.has('notification-unconfigured'))
    addresses.push(core.state.defaultDpAddress ?? core.state.rootDsAddress);
  return addresses.map((address) => {
    const metadata = { seqNumber: core.nextSeqNumber(), event, iccid: profile.iccid, address };
    core.state.notifications.push({ ...metadata, signed: hex(sign(core, notificationMetadata(metadata))) });
    return metadata.seqNumber;
  });
}

/** NotificationMetadata, `BF2F`. */
export function notificationMetadata(n: Omit<StoredNotification, 'signed'>): Uint8Array {
  return wrap(
    0xbf2f,
    int(0x80, n.seqNumber),
    bitString(0x81, [EVENTS.indexOf(n.event)]),
    utf8(0x0c, n.address),
    octets(0x5a, n.iccid),
  );
}

/** otherSignedNotification (SGP.22 5.7.10): the signature covers tbsOtherNotification. */
function sign(core: EuiccCore, tbs: Uint8Array): Uint8Array {
  const { first } = core.ecasd;
  const scope = core.defects.has('notification-signature-wrong-scope') ? tbs.subarray(3) : tbs;
  const signature = core.ecasd.sign(first.ciPkId, scope);
  return wrap(0x30, tbs, octets(0x5f37, signature), first.euiccCertificate, first.eumCertificate);
}
