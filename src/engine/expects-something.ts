/** Whether an expectation can fail at all: a requirement on one that can not would be a test without teeth. */
import { unfold, type Definitions } from './message.js';
import { deref, type Bound, type Scope } from './scope.js';
import { asList, asMap, asText, find, type YMap } from './yaml/nodes.js';

/** True for a field, a code or a value; false for `!any`, `!bind X` and a map without fields. */
export function saysSomething(value: Bound): boolean {
  const { node, scope } = deref(value.node, value.scope);
  const inner = (n: typeof node): boolean => saysSomething({ node: n, scope });
  if (node.tag === 'any') return false;
  if (node.tag?.startsWith('bind') === true)
    return node.kind === 'map' && node.entries.some((e) => inner(e.value));
  if (node.tag === 'all' && node.kind === 'list') return node.items.some(inner);
  if (node.tag === 'oneOf' && node.kind === 'list') return node.items.every(inner);
  if (node.tag !== undefined) return true;
  if (node.kind === 'map') return node.entries.length > 0;
  return node.kind === 'list' || node.text !== '';
}

/** The same for all that an answer names; each alternative must say something. */
export function expectsSomething(from: Definitions, answer: YMap, scope: Scope): boolean {
  const alternatives = find(answer, 'oneOf');
  if (alternatives !== undefined)
    return asList(alternatives, 'oneOf').items.every((a) =>
      expectsSomething(from, asMap(a, 'an alternative'), scope),
    );
  const use = find(answer, 'use');
  const given = find(answer, 'with');
  if (use !== undefined) {
    const result = unfold(
      from,
      'result',
      asText(use, 'use'),
      given === undefined ? undefined : asMap(given, 'with'),
      scope,
      use.place,
    );
    if (saysSomething(result.value)) return true;
  }
  return answer.entries.some((e) => {
    if (['use', 'with', 'interpretation'].includes(e.key)) return false;
    if (['refused', 'accepted', 'noAnswer', 'silence'].includes(e.key)) return true;
    return saysSomething({ node: e.value, scope });
  });
}
