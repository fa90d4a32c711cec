/** Templates and values to what is sent. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import { parameterError } from './errors.js';
import { filtered } from './path.js';
import { textOf, type Value } from './filters.js';
import type { Placeholder, Template } from './template.js';

/** Values by name; the first that has the name gives it. */
export type Scope = readonly Readonly<Record<string, Value | undefined>>[];

function lookUp(scope: Scope, name: readonly string[]): Value | undefined {
  const [first = '', ...rest] = name;
  for (const values of scope) {
    let value: Value | undefined = Object.hasOwn(values, first) ? values[first] : undefined;
    if (value === undefined) continue;
    for (const part of rest) value = member(value, part);
    return value ?? undefined;
  }
  return undefined;
}

function member(value: Value | undefined, name: string): Value | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return (value as readonly Value[])[Number(name)];
  const map = value as { readonly [name: string]: Value };
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** @returns undefined when the placeholder is optional and has no value. @throws {Sgp33Error} `management-parameter`. */
export function valueOf(p: Placeholder, scope: Scope): Value | undefined {
  const value = p.literal ?? lookUp(scope, p.name ?? []);
  if (value === undefined) {
    if (p.optional) return undefined;
    throw parameterError('a placeholder has no value in this call', {
      place: p.written,
      repair: 'Write {name?} where it may be left out.',
    });
  }
  return filtered(value, p.filters, (expected, actual) =>
    parameterError('a value does not fit its filter', { place: p.written, expected, actual }),
  );
}

/**
 * @param encode for each value inside a longer text: percent-encoding in a path.
 * @returns undefined for what is left out.
 * @throws {Sgp33Error} `management-parameter`; `operation-not-mapped` for a `choose` that has no such name.
 */
export function render(t: Template, scope: Scope, encode?: (text: string) => string): Value | undefined {
  switch (t.kind) {
    case 'text': {
      const [only] = t.parts;
      if (t.parts.length === 1 && only !== undefined && typeof only !== 'string') {
        const value = valueOf(only, scope);
        return encode === undefined || value === undefined ? value : encode(textOf(value));
      }
      let text = '';
      for (const part of t.parts) {
        if (typeof part === 'string') {
          text += part;
          continue;
        }
        const value = valueOf(part, scope);
        if (value === undefined) return undefined;
        text += encode === undefined ? textOf(value) : encode(textOf(value));
      }
      return text;
    }
    case 'map': {
      const entries: [string, Value][] = [];
      for (const [name, template] of t.entries) {
        const value = render(template, scope, encode);
        // A map of which nothing is left is left out as well; one that is written empty stays.
        if (value !== undefined && !isEmptied(template, value)) entries.push([name, value]);
      }
      return Object.fromEntries(entries);
    }
    case 'list':
      return t.items.flatMap((item) => {
        const value = render(item, scope, encode);
        return value === undefined ? [] : [value];
      });
    case 'each': {
      const list = valueOf(t.list, scope);
      if (list === undefined) return undefined;
      if (!Array.isArray(list))
        throw parameterError('each needs a list', { place: t.list.written, actual: textOf(list) });
      return (list as readonly Value[]).flatMap((element) => {
        const own = typeof element === 'object' && element !== null && !Array.isArray(element);
        const members = own ? (element as { readonly [name: string]: Value }) : {};
        const value = render(t.of, [members, { item: element }, ...scope], encode);
        return value === undefined ? [] : [value];
      });
    }
    case 'choose': {
      const by = valueOf(t.by, scope);
      const chosen = by === undefined ? undefined : (t.of.get(textOf(by)) ?? t.of.get('*'));
      if (chosen !== undefined) return render(chosen, scope, encode);
      if (by === undefined) return undefined;
      throw new Sgp33Error('operation-not-mapped', 'the target does not say how this is written', {
        place: t.by.written,
        expected: [...t.of.keys()].join(', '),
        actual: textOf(by),
      });
    }
  }
}

const isEmptied = (template: Template, value: Value): boolean =>
  template.kind === 'map' && template.entries.length > 0 && Object.keys(value as object).length === 0;

export const renderText = (
  t: Template,
  scope: Scope,
  encode?: (text: string) => string,
): string | undefined => {
  const value = render(t, scope, encode);
  return value === undefined ? undefined : textOf(value);
};

/** A text for a person: what has no value is not said. */
export const renderProse = (t: Template, scope: Scope): string =>
  t.kind !== 'text'
    ? (renderText(t, scope) ?? '')
    : t.parts.map((part) => (typeof part === 'string' ? part : textOf(valueOf(part, scope) ?? ''))).join('');

/** Names and texts; those without a value are left out. */
export const renderPairs = (
  pairs: readonly (readonly [string, Template])[],
  scope: Scope,
): (readonly [string, string])[] =>
  pairs.flatMap(([name, template]) => {
    const text = renderText(template, scope);
    return text === undefined ? [] : [[name, text] as const];
  });
