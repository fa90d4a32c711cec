/** ListNotification, RetrieveNotificationsList, RemoveNotificationFromList (SGP.22 5.7.9 to 5.7.11, SGP.32 5.9.11). */
import type { EuiccCore } from '../core.js';
import { notificationMetadata } from '../notifications.js';
import { EVENTS } from '../state.js';
import { Malformed, must, readFields, readOne } from '../../tlv/reader.js';
import { int, unhex, wrap } from '../../tlv/writer.js';
import type { Es10Function } from './function.js';

export const listNotification: Es10Function = ({ state, defects }, { content }) => {
  const filter = readFields(content, [0x81]).bits(0x81);
  const all = filter === undefined || defects.has('notification-filter-ignored');
  const wanted = state.notifications.filter((n) => all || filter.includes(EVENTS.indexOf(n.event)));
  return wrap(0xbf28, wrap(0xa0, ...wanted.map(notificationMetadata)));
};

/**
 * Without criteria: the pending notifications, not the eUICC Package Results. No match is an empty list. v1.0.1 has an
 * arm for both, notificationAndEprList: there it is the answer without criteria as long as results are stored.
 */
export const retrieveNotificationsList: Es10Function = (core, { content }) => {
  const { state, defects } = core;
  const criteria = readFields(content, [0xa0]).octets(0xa0);
  if (criteria === undefined)
    return core.version === '1.0.1' && state.results.length > 0 ? both(core) : answer(core, () => true);
  const arm = readFields(readOne(criteria).raw, [0x80, 0x81, 0x82]);
  if (arm.flag(0x82)) return results(core, state.results);
  const events = arm.bits(0x81);
  if (events !== undefined) return answer(core, (n) => events.includes(EVENTS.indexOf(n.event)));
  const seqNumber = must(arm.integer(0x80));
  const found = state.results.filter((r) => r.seqNumber === seqNumber);
  if (found.length > 0 && !defects.has('retrieve-number-misses-results')) return results(core, found);
  return answer(core, (n) => n.seqNumber === seqNumber || defects.has('retrieve-by-number-ignored'));
};

type Stored = EuiccCore['state']['notifications'][number];

const answer = ({ state }: EuiccCore, wanted: (n: Stored) => boolean): Uint8Array =>
  wrap(0xbf2b, wrap(0xa0, ...state.notifications.filter(wanted).map((n) => unhex(n.signed))));

const both = ({ state }: EuiccCore): Uint8Array =>
  wrap(
    0xbf2b,
    wrap(
      0xa3,
      wrap(0xa0, ...state.notifications.map((n) => unhex(n.signed))),
      wrap(0xa1, ...state.results.map((r) => unhex(r.signed))),
    ),
  );

const results = ({ defects }: EuiccCore, found: readonly { signed: string }[]): Uint8Array =>
  wrap(
    0xbf2b,
    wrap(defects.has('results-listed-as-notifications') ? 0xa0 : 0xa2, ...found.map((r) => unhex(r.signed))),
  );

/** Serves notifications and eUICC Package Results alike. A result that is removed was delivered: no rollback then. */
export const removeNotificationFromList: Es10Function = ({ state, defects }, { content }) => {
  const seqNumber = must(readFields(content, [0x80]).integer(0x80));
  if (seqNumber < 0) throw new Malformed('seqNumber is negative');
  const before = state.notifications.length + state.results.length;
  state.notifications = state.notifications.filter((n) => n.seqNumber !== seqNumber);
  const kept = state.results.filter((r) => r.seqNumber !== seqNumber);
  const removed = state.notifications.length + kept.length < before;
  if (!defects.has('result-not-removed')) state.results = kept;
  if (state.rollback?.resultSeqNumber === seqNumber) delete state.rollback;
  return wrap(0xbf30, int(0x80, removed || defects.has('remove-unknown-ok') ? 0 : 1));
};
