import { expect, it } from 'vitest';
import { newEid } from '../../src/simulators/euicc/index.js';
import { bytesToHex } from '../../src/protocol/asn1/index.js';
import { JUDGED, NO_PACKAGE, prepare, told } from './support/eim-sequence.js';
import { answered, ScriptedEim } from './support/scripted-eim.js';

/** BF4F { BF52 { 5C tagList, 83 eimTransactionId } } */
const DATA_REQUEST = 'BF4F0ABF52075C02BF22830107';
const EMPTY_RESPONSE = 'BF50023000';

const sentBy = ({ sent }: ScriptedEim): string[] =>
  sent.map((r) => bytesToHex(r.message ?? new Uint8Array(0)));
const isPoll = (message: Uint8Array | undefined): boolean =>
  bytesToHex(message ?? new Uint8Array(0)).startsWith('BF4F');

it('what is left for a device of the list is refused before its next sequence begins', async () => {
  const eid = newEid();
  const left = [DATA_REQUEST];
  const { driver, run } = prepare(
    JUDGED,
    ({ message }) => answered(isPoll(message) ? (left.shift() ?? NO_PACKAGE) : EMPTY_RESPONSE),
    undefined,
    new ScriptedEim([eid]),
  );
  expect(told(await run())).toEqual(['PASS']);
  const messages = sentBy(driver);
  // Poll, refusal with the eimTransactionId, poll; poll once the eIM was told of the device; then the sequence.
  expect(messages.map((m) => m.slice(0, 4))).toEqual(['BF4F', 'BF50', 'BF4F', 'BF4F', 'BF4F']);
  expect(messages[1]).toBe(`BF501A5A10${eid}A006800107020102`);
});

it('the sequence is INCONCLUSIVE with the reason where the eIM does not let go of it', async () => {
  const { run } = prepare(
    JUDGED,
    ({ message }) => answered(isPoll(message) ? DATA_REQUEST : EMPTY_RESPONSE),
    undefined,
    new ScriptedEim([newEid()]),
  );
  const { result } = await run();
  expect(told({ result, timeline: [] })).toEqual(['INCONCLUSIVE', 'initial-condition']);
  expect(result.problems[0]?.message).toContain('delivers it again after it was refused');
});

it('a device of its own is left alone', async () => {
  const { driver, run } = prepare(JUDGED, () => answered(NO_PACKAGE));
  expect(told(await run())).toEqual(['PASS']);
  expect(driver.sent).toHaveLength(1);
});
