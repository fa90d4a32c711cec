/** Devices as the operator sees them: made known, looked at, removed. */
import { isValidEid } from '../../protocol/pki/eid.js';
import { FIRST_COUNTER, MAX_COUNTER, type EimCore } from './core.js';
import { derSequence } from './hex-input.js';
import { queueOrder } from './queue.js';
import { deviceKey, type DeviceRecord, type OrderRecord } from './records.js';
import { EimRefusal, unknownDevice } from './refusals.js';
import type { DeviceView, NewDevice } from './types.js';
import { Work } from './work.js';

/** @throws {EimRefusal} `invalid-eid`, `invalid-certificate`, `invalid-counter`, `device-exists`. */
export async function addDevice(core: EimCore, added: NewDevice): Promise<DeviceView> {
  const { eid } = added;
  if (typeof eid !== 'string' || !isValidEid(eid))
    throw new EimRefusal('invalid-eid', 'not an EID', {
      expected: '32 digits, 1 modulo 97',
      actual: JSON.stringify(eid),
    });
  const certificates = knownCertificates(core, added);
  checkNumbers(added);
  return core.store.exclusively(eid, async () => {
    const work = new Work(core);
    if (work.device(eid) !== undefined)
      throw new EimRefusal('device-exists', 'a device of that EID is known already', { place: eid });
    const counterValue = added.counterValue ?? Math.max(FIRST_COUNTER, work.counter(eid) ?? 0);
    const token = core.defects.has('registered-token-ignored') ? undefined : added.associationToken;
    const device: DeviceRecord = {
      eid,
      associated: true,
      ...(token === undefined ? {} : { associationToken: token }),
      counterValue,
      initialCounterValue: counterValue,
      maxCounterValue: added.maxCounterValue ?? MAX_COUNTER,
      profiles: [],
      eims: [core.eimId],
      emergency: false,
      ...certificates,
      open: [],
      lastOrder: 0,
    };
    work.putDevice(device);
    if (certificates.euiccCertificate === undefined) queueCertificates(core, work, device);
    await work.commit();
    return view(core, device);
  });
}

/** No result can be verified without them (SGP.32 2.11.2.1). */
export function queueCertificates(core: EimCore, work: Work, device: DeviceRecord): OrderRecord | undefined {
  if (core.defects.has('certificates-not-requested')) return undefined;
  return queueOrder(work, device, { kind: 'ipaEuiccData', tagList: 'A5A6' }, 'certificates');
}

function knownCertificates(
  { trust }: EimCore,
  { eid, eumCertificate: eum, euiccCertificate: euicc }: NewDevice,
): { eumCertificate?: string; euiccCertificate?: string } {
  if (eum === undefined && euicc === undefined) return {};
  if (eum === undefined || euicc === undefined)
    throw new EimRefusal('invalid-certificate', 'the certificates of the EUM and of the eUICC go together');
  const found = {
    eumCertificate: derSequence(eum, 'invalid-certificate', 'a Certificate'),
    euiccCertificate: derSequence(euicc, 'invalid-certificate', 'a Certificate'),
  };
  const verdict = trust.verdict(found.eumCertificate, found.euiccCertificate, eid);
  if (verdict === 'ok') return found;
  const why = {
    malformed: 'a certificate that can not be read',
    chain: 'a chain that does not lead to a CI of this eIM',
    eid: 'the eUICC certificate of another EID',
  };
  throw new EimRefusal('invalid-certificate', why[verdict], { place: eid });
}

function checkNumbers({ associationToken, counterValue, maxCounterValue }: NewDevice): void {
  for (const [name, value] of Object.entries({ associationToken, counterValue, maxCounterValue }))
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0))
      throw new EimRefusal('invalid-counter', `${name} is no number that it can have`, {
        actual: String(value),
      });
}

/** Its orders go with it; its notifications are sent all the same. @throws {EimRefusal} `device-unknown`. */
export const removeDevice = (core: EimCore, eid: string): Promise<void> =>
  core.store.exclusively(eid, async () => {
    const work = new Work(core);
    const device = work.device(eid) ?? unknownDevice(eid);
    for (const id of core.index.ofDevice(eid)) {
      const order = work.order(id);
      if (order !== undefined) work.removeOrder(order);
    }
    work.removeDevice(eid);
    // Counters never go back: who comes again without saying from where goes on here.
    work.putCounter(eid, device.counterValue);
    await work.commit();
  });

/** @throws {EimRefusal} `device-unknown`. */
export const deviceView = (core: EimCore, eid: string): DeviceView =>
  view(core, new Work(core).device(eid) ?? unknownDevice(eid));

export const deviceViews = (core: EimCore): DeviceView[] =>
  [...core.store.keys(deviceKey(''))].map((key) => deviceView(core, key.slice(deviceKey('').length)));

function view(core: EimCore, device: DeviceRecord): DeviceView {
  const { eid, associated, counterValue, profiles, eims } = device;
  return {
    eid,
    associated,
    associationToken: device.associationToken,
    counterValue,
    profiles,
    eims,
    stateChangeCause: device.stateChangeCause,
    rPLMN: device.rPLMN,
    defaultDpAddress: device.defaultDpAddress,
    ipaFeatures: device.ipaFeatures,
    ipaSupportedProtocols: device.ipaSupportedProtocols,
    euiccInfo1: device.euiccInfo1,
    euiccInfo2: device.euiccInfo2,
    deviceInfo: device.deviceInfo,
    euiccCertificate: device.euiccCertificate,
    eumCertificate: device.eumCertificate,
    notificationsToForward: core.forwarder.waitingOf(eid),
  };
}
