/** Which messages a step waits for: the ASN.1 types that its expectation names. */
import { ANSWER_KEYS } from './answer.js';
import { unfold, type Definitions } from './message.js';
import type { Scope } from './scope.js';
import { asList, asMap, asText, find, type YMap } from './yaml/nodes.js';

/** All alternatives together; empty where the step waits for whatever comes. */
export function typesIn(expected: YMap, from: Definitions, scope: Scope): string[] {
  const alternatives = find(expected, 'oneOf');
  if (alternatives !== undefined)
    return [
      ...new Set(
        asList(alternatives, 'oneOf').items.flatMap((a) => typesIn(asMap(a, 'an alternative'), from, scope)),
      ),
    ];
  const use = find(expected, 'use');
  if (use !== undefined) {
    const given = find(expected, 'with');
    const map = given === undefined ? undefined : asMap(given, 'with');
    return [unfold(from, 'result', asText(use, 'use'), map, scope, use.place).type];
  }
  const entry = expected.entries.find((e) => !ANSWER_KEYS.includes(e.key));
  return entry === undefined ? [] : [entry.key];
}
