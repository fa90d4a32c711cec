import { expect, it } from 'vitest';
import { mergeConditions } from '../../src/engine/merge-conditions.js';
import { asList, asMap, show, type YMap } from '../../src/engine/yaml/nodes.js';
import { parseYaml } from '../../src/engine/yaml/parse.js';

const conditions = (text: string): YMap[] =>
  asList(parseYaml(`[${text}]`, 'c.yaml'), 'conditions').items.map((i) => asMap(i, 'a condition'));

const merged = (ofCase: string, ofSequence: string): string =>
  mergeConditions(conditions(ofCase), conditions(ofSequence))
    .map((c) => show(c))
    .join(', ');

it.each([
  ['with other keys', '{ eIM: associated }', '{ eIM: associated, token: none }'],
  ['that it can not hold beside', '{ eIM: associated }', '{ eIM: unknown-device }'],
  ['of the same device, named or not', '{ eIM: associated }', '{ eIM: associated, device: 1 }'],
  ['of the same Profile', '{ eUICC: profile-enabled, iccid: $A }', '{ eUICC: profile-enabled, iccid: $A }'],
  ['about the eIMs of a card', '{ eUICC: associated-eim, with: $X }', '{ eUICC: no-associated-eim }'],
])('a condition of a sequence replaces one of its test case %s', (_, ofCase, ofSequence) => {
  expect(merged(ofCase, ofSequence)).toBe(ofSequence);
});

it.each([
  ['another device', '{ eIM: associated }', '{ eIM: associated, device: 2 }'],
  ['another Profile', '{ S_eUICC: profile-disabled, iccid: $A }', '{ S_eUICC: profile-disabled, iccid: $B }'],
  ['another role', '{ eIM: associated }', '{ S_eUICC: no-enabled-profile }'],
  ['procedures', '{ use: PROC_A }', '{ use: PROC_A }'],
  ['personalisations', '{ S_eUICC: personalised, action: a }', '{ S_eUICC: personalised, action: a }'],
])('conditions about %s add up, those of the test case first', (_, ofCase, ofSequence) => {
  expect(merged(ofCase, ofSequence)).toBe(`${ofCase}, ${ofSequence}`);
});
