import { expect, test } from 'vitest';
import { concerns, partition } from '../../../src/cli/teeth/targets.js';

const CASE = 'TC_eIM_ESipa.GetEimPackage_Nominal';
const parts = (...names: string[]) =>
  new Map(partition(names, [CASE]).parts.map((part) => [part.target, part]));

test('a sequence is proven on the first target, in whatever order they are named', () => {
  const found = parts('builtin-eim', 'builtin-eim-in-process');
  const first = found.get('builtin-eim-in-process')?.sequences.map(({ id }) => id) ?? [];
  expect(first).toContain(`${CASE}#01`);
  expect(found.get('builtin-eim')?.sequences.map(({ id }) => id) ?? []).not.toContain(`${CASE}#01`);
});

test('what only the JSON binding can show is proven on the target that speaks it, and nothing else there', () => {
  const found = parts('builtin-eim-in-process', 'builtin-eim-json');
  const [first, json] = ['builtin-eim-in-process', 'builtin-eim-json'].map((name) => found.get(name));
  const sequence = first?.sequences.find(({ id }) => id === `${CASE}#01`);
  if (sequence === undefined || first === undefined || json === undefined) throw new Error('no such part');
  const own = [...sequence.kills.keys()].filter((name) => name.startsWith('json-'));
  const others = [...sequence.kills.keys()].filter((name) => !name.startsWith('json-'));
  expect(own).not.toEqual([]);
  expect(others).not.toEqual([]);
  expect(json.again).toContain(sequence.id);
  expect(json.sequences).toContainEqual(expect.objectContaining({ id: sequence.id }));
  for (const name of own)
    expect([concerns(first, sequence, name), concerns(json, sequence, name)]).toEqual([false, true]);
  for (const name of others)
    expect([concerns(first, sequence, name), concerns(json, sequence, name)]).toEqual([true, false]);
});

test('what one target showed is not shown again on another that speaks the same', () => {
  const { parts: found } = partition(
    ['builtin-eim-coap', 'builtin-eim-v101-coap'],
    ['TC_eIM_ESipa_CoAPs_Server_*'],
  );
  const [first, second] = found;
  expect(first?.sequences.some(({ kills }) => kills.has('coap-any-resource'))).toBe(true);
  expect([...(second?.again ?? [])]).toEqual([]);
});

test('a sequence of an IPAd is proven where it applies, and only over CoAP that takes a process', () => {
  const names = ['builtin-ipad', 'builtin-ipad-start', 'builtin-ipad-coap'];
  const found = new Map(partition(names, ['TC_IPAd_*']).parts.map((part) => [part.target, part]));
  const at = (name: string): string[] => found.get(name)?.sequences.map(({ id }) => id) ?? [];
  expect(at('builtin-ipad')).toContain('TC_IPAd_GetEimPackage_Nominal#01');
  expect(at('builtin-ipad-start')).toContain('TC_IPAd_EuiccPackage_HandleNotification#01');
  expect(at('builtin-ipad-coap')).not.toContain('TC_IPAd_GetEimPackage_Nominal#01');
  expect(names.map((name) => found.get(name)?.heavy)).toEqual([false, false, true]);
});
