/** Answers of the vendor to facts. */
import type { Facts, FactMap } from '../eim-contract.js';
import { answerError } from './errors.js';
import { textOf, type Value } from './filters.js';
import type { AnswerTemplate } from './mapping.js';
import { follow, type PathExpression } from './path.js';
import { render, type Scope } from './render.js';

/** What paths start from. */
export interface Answered {
  /** HTTP status, or exit code of a command. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What the JSON says; null for none. */
  readonly body: Value;
  /** The body as it came. */
  readonly text: string;
}

const MAX_DEPTH = 40;

/** Plain texts: numbers decimal, flags `true` or `false`; null and empty members are left out. */
export function factsOf(value: Value | undefined, depth = 0): Facts | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return textOf(value);
  if (depth > MAX_DEPTH) throw answerError('the answer is nested too deep');
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap((v) => factsOf(v, depth + 1) ?? []);
  return mapFacts(Object.entries(value).map(([name, v]) => [name, factsOf(v, depth + 1)]));
}

/** No member of an answer may reach a prototype. */
const mapFacts = (entries: readonly (readonly [string, Facts | undefined])[]): FactMap =>
  Object.fromEntries(entries.filter(([name, v]) => v !== undefined && name !== '__proto__')) as FactMap;

const first = (paths: readonly PathExpression[], from: Value): Value | undefined => {
  for (const path of paths) {
    const value = follow(path, from);
    if (value !== undefined) return value;
  }
  return undefined;
};

/**
 * @param from what paths start from; an element, inside `each`.
 * @throws {Sgp33Error} `management-answer` for a text that `map` does not know, and for another form.
 */
export function readAnswer(t: AnswerTemplate, from: Value, scope: Scope): Facts | undefined {
  switch (t.kind) {
    case 'value': {
      const found = first(t.from, from);
      if (found === undefined) return t.otherwise;
      if (t.map === undefined) return factsOf(found);
      const mapped = t.map.get(textOf(found)) ?? t.map.get('*');
      if (mapped !== undefined) return mapped;
      throw answerError('the mapping does not know this value', {
        place: t.from.map((p) => p.written).join(', '),
        expected: [...t.map.keys()].join(', '),
        actual: textOf(found).slice(0, 200),
        repair: "Add it to `map` in the target, or '*' for every other value.",
      });
    }
    case 'text':
      return factsOf(render(t.template, scope));
    case 'each': {
      const list = first(t.list, from);
      if (list === undefined) return undefined;
      const elements = elementsOf(list);
      if (elements === undefined)
        throw answerError('a list was expected', {
          place: t.list.map((p) => p.written).join(', '),
          actual: textOf(list).slice(0, 200),
        });
      const of = t.of;
      return elements.flatMap((e) => (of === undefined ? factsOf(e) : readAnswer(of, e, scope)) ?? []);
    }
    case 'list':
      return t.items.flatMap((item) => readAnswer(item, from, scope) ?? []);
    case 'map':
      return mapFacts(t.entries.map(([name, value]) => [name, readAnswer(value, from, scope)]));
  }
}

/** A map is a list of its members, each with a name (`@key`) and a value (`@value`). */
const elementsOf = (value: Value): readonly Value[] | undefined =>
  Array.isArray(value)
    ? (value as readonly Value[])
    : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, v]) => ({ [name]: v }))
      : undefined;

/** The answer as paths see it. */
export const answeredValue = (a: Answered): Value => ({
  status: a.status,
  exitCode: a.status,
  headers: a.headers,
  body: a.body,
  text: a.text,
});
