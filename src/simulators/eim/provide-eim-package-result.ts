/** ESipa.ProvideEimPackageResult (SGP.32 5.14.6): what is acknowledged is in the store before the answer goes out. */
import { Malformed, type Tlv } from '../tlv/reader.js';
import { hex, int, nothing, wrap } from '../tlv/writer.js';
import { elements } from './ber.js';
import { sha256 } from './build-package.js';
import type { EimCore } from './core.js';
import { eidOf } from './eid.js';
import { readEimPackageResult, type EimPackageResult } from './eim-package-result.js';
import { deviceBehind } from './find-device.js';
import { finish } from './queue.js';
import type { NotificationRecord, OrderRecord } from './records.js';
import { StoreFailure } from './refusals.js';
import { takeAnswer } from './take-answer.js';
import { takeNotifications } from './take-notifications.js';
import { takePackageResult, type Place } from './take-package-result.js';
import { Work } from './work.js';

const ERROR = { eidNotFound: 2, invalidEid: 3, missingEid: 4, undefinedError: 127 } as const;

/**
 * @param content of BF50.
 * @param polled EID of the device that asked last over the same connection; v1.0.1 tells nothing better.
 * @throws {Malformed}
 */
export async function provideEimPackageResult(
  core: EimCore,
  content: Uint8Array,
  polled: string | undefined,
): Promise<Uint8Array> {
  const parts = elements(content);
  const told = core.version === '1.2' && parts[0]?.tag === 0x5a ? parts.shift()?.content : undefined;
  const arm = parts[0];
  if (arm === undefined) throw new Malformed('no EimPackageResult');
  const result = await read(core, told, arm);
  if (result === undefined)
    return core.defects.has('unknown-result-choice-accepted')
      ? acknowledged(core, [])
      : failed(core, 'undefinedError');
  const eid = deviceOf(core, result, told, polled);
  if (eid === undefined) {
    const missing = core.defects.has('missing-eid-as-unknown-eid') ? 'eidNotFound' : 'missingEid';
    return failed(core, told === undefined ? missing : 'invalidEid');
  }
  if (eid !== polled && core.defects.has('result-needs-its-connection')) return failed(core, 'eidNotFound');
  try {
    return await core.store.exclusively(eid, () => take(core, eid, result));
  } catch (error) {
    if (error instanceof StoreFailure) return failed(core, 'undefinedError');
    throw error;
  }
}

/** By what the result says of itself; in v1.0.1, where that is nothing, by who asked last over the connection. */
function deviceOf(
  core: EimCore,
  result: EimPackageResult,
  told: Uint8Array | undefined,
  polled: string | undefined,
): string | undefined {
  if (polled !== undefined && core.defects.has('result-of-polled-device')) return polled;
  if (told !== undefined) return eidOf(core, told);
  return deviceBehind(core, result) ?? (core.version === '1.0.1' ? polled : undefined);
}

/** @throws {Malformed}: the order goes on waiting. */
async function read(
  core: EimCore,
  told: Uint8Array | undefined,
  arm: Tlv,
): Promise<EimPackageResult | undefined> {
  try {
    return readEimPackageResult(core.version, arm);
  } catch (error) {
    const ends = error instanceof Malformed && core.defects.has('undecodable-result-ends-order');
    if (ends && told !== undefined) await endOutstanding(core, hex(told));
    throw error;
  }
}

/** What a defect does that gives up at a result which it can not read. */
const endOutstanding = (core: EimCore, eid: string): Promise<void> =>
  core.store.exclusively(eid, async () => {
    const work = new Work(core);
    const device = work.device(eid);
    const order = device === undefined ? undefined : work.openOrders(device).find(isDelivered);
    if (device === undefined || order === undefined) return;
    finish(device, order, 'undefinedError');
    await work.commit();
  });

const isDelivered = ({ status }: OrderRecord): boolean => status === 'delivered';

async function take(core: EimCore, eid: string, result: EimPackageResult): Promise<Uint8Array> {
  const { defects } = core;
  const work = new Work(core);
  const device = work.device(eid);
  if (device === undefined)
    return failed(core, defects.has('foreign-result-as-missing-eid') ? 'missingEid' : 'eidNotFound');
  const open = [...device.open];
  const hash = sha256(result.raw);
  const taken = takeAll({ core, work, device }, result);
  if (taken === undefined) return acknowledged(core, takenBefore(core, work, eid, hash));
  const ended = open.find((id) => !device.open.includes(id));
  const order = ended === undefined ? undefined : work.order(ended);
  order?.answers.push({ hash, acknowledged: taken.seqNumbers });
  await work.commit();
  core.forwarder.take(taken.added);
  return acknowledged(core, taken.seqNumbers);
}

/** What was acknowledged when the same answer came first: its acknowledgement may have been lost. */
function takenBefore({ index }: EimCore, work: Work, eid: string, hash: string): readonly number[] {
  const id = index.byAnswer(eid, hash);
  const order = id === undefined ? undefined : work.order(id);
  return order?.answers.find((answer) => answer.hash === hash)?.acknowledged ?? [];
}

interface Taken {
  readonly seqNumbers: number[];
  readonly added: readonly NotificationRecord[];
}

/** Undefined for an answer that no open order asked for: nothing was applied. */
function takeAll(place: Place, result: EimPackageResult): Taken | undefined {
  const { core, work, device } = place;
  const { defects } = core;
  const { packages, answer } = result;
  const none: Taken = { seqNumbers: [], added: [] };
  if (!takeAnswer(place, result)) return undefined;
  const read = answer !== undefined && defects.has('results-in-data-ignored') ? [] : packages;
  const numbers = read.map((one) => takePackageResult(place, one));
  // A bundle whose result is discarded is not worth more than its result.
  if (answer === undefined && numbers.every((taken) => taken === undefined)) return none;
  const refused = answer?.kind === 'profileDownload' && defects.has('installation-result-not-forwarded');
  const notified = takeNotifications(core, work, device.eid, refused ? [] : result.notifications);
  const results = defects.has('package-result-not-acknowledged')
    ? []
    : numbers.flatMap((taken) => taken ?? []);
  const notifications = defects.has('notifications-not-acknowledged') ? [] : notified.seqNumbers;
  const invented =
    answer?.kind === 'ipaEuiccData' && defects.has('data-answer-acknowledged') ? [device.lastOrder] : [];
  const seqNumbers = [...new Set([...results, ...notifications, ...invented])];
  return { seqNumbers, added: notified.added };
}

function acknowledged({ version, defects }: EimCore, seqNumbers: readonly number[]): Uint8Array {
  const tag = defects.has('acknowledgement-universal-tag') ? 0x02 : 0x80;
  if (seqNumbers.length > 0 || defects.has('empty-acknowledgements'))
    return wrap(0xbf50, wrap(0xbf53, ...seqNumbers.map((number) => int(tag, number))));
  return emptyResponse((version === '1.2') !== defects.has('empty-response-of-other-version'));
}

/** Nothing to acknowledge: an emptyResponse in v1.2, nothing at all in v1.0.1. */
const emptyResponse = (chosen: boolean): Uint8Array =>
  chosen ? wrap(0xbf50, nothing(0x30)) : nothing(0xbf50);

/** v1.0.1 has no error here. */
const failed = ({ version }: EimCore, error: keyof typeof ERROR): Uint8Array =>
  version === '1.2' ? wrap(0xbf50, int(0x02, ERROR[error])) : emptyResponse(false);
