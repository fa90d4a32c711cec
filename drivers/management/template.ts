/**
 * What is sent, with placeholders: `/v1/devices/{eid}/profiles`, `{iccid|digits}`, `{rollbackFlag?|boolean}`. A text
 * that is one placeholder keeps the kind of its value (number, flag, map); any other text holds texts.
 */
import { meant } from '../../src/protocol/did-you-mean.js';
import { NotationError } from './errors.js';
import { FILTER_NAMES } from './filters.js';

export interface Placeholder {
  /** `eid`, `eim.eimId`, `env.TOKEN`; undefined for a literal. */
  readonly name?: readonly string[];
  /** `{"5"|number}` */
  readonly literal?: string;
  /** `?`: whatever holds it is left out when there is no value. */
  readonly optional: boolean;
  readonly filters: readonly string[];
  /** As written, for messages. */
  readonly written: string;
}

export type TextPart = string | Placeholder;

export type Template =
  | { readonly kind: 'text'; readonly parts: readonly TextPart[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Template])[] }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  /** One element for each of the list that `list` leads to; its members are values in `of`. */
  | { readonly kind: 'each'; readonly list: Placeholder; readonly of: Template }
  /** The template whose name is the value of `by`, `*` for every other value. */
  | { readonly kind: 'choose'; readonly by: Placeholder; readonly of: ReadonlyMap<string, Template> };

const NAME = '[A-Za-z_][A-Za-z0-9_-]*(?:\\.[A-Za-z0-9_-]+)*';
const INSIDE = new RegExp(`^\\s*(?:(${NAME})|"([^"{}]*)")\\s*(\\?)?\\s*((?:\\|\\s*[A-Za-z0-9]+\\s*)*)$`);

/** Names of the filters behind `|`. @throws {NotationError} for one that there is not. */
export function parseFilters(text: string): string[] {
  const names = text
    .split('|')
    .map((f) => f.trim())
    .filter((f) => f !== '');
  for (const name of names)
    if (!FILTER_NAMES.includes(name)) {
      const repair = meant(name, FILTER_NAMES);
      throw new NotationError(`there is no filter '${name}'`, {
        expected: FILTER_NAMES.join(', '),
        ...(repair === undefined ? {} : { repair }),
      });
    }
  return names;
}

/** What stands between braces. @throws {NotationError} */
export function parsePlaceholder(inside: string): Placeholder {
  const match = INSIDE.exec(inside);
  if (match === null)
    throw new NotationError(`'{${inside}}' is no placeholder`, {
      expected: '{name}, {name?}, {name|filter} or {"text"|filter}',
      repair: 'Write {{ and }} for braces.',
    });
  const [, name, literal, mark, filters = ''] = match;
  return {
    ...(name === undefined ? { literal: literal ?? '' } : { name: name.split('.') }),
    optional: mark === '?',
    filters: parseFilters(filters),
    written: `{${inside}}`,
  };
}

/** @throws {NotationError} for a brace without its other, and for what {@link parsePlaceholder} refuses. */
export function parseText(text: string): Template & { kind: 'text' } {
  const parts: TextPart[] = [];
  let plain = '';
  for (let at = 0; at < text.length;) {
    const c = text.charAt(at);
    if ((c === '{' || c === '}') && text.charAt(at + 1) === c) {
      plain += c;
      at += 2;
    } else if (c === '{') {
      const end = text.indexOf('}', at);
      if (end < 0) throw unpaired(text, '{');
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push(parsePlaceholder(text.slice(at + 1, end)));
      at = end + 1;
    } else if (c === '}') throw unpaired(text, '}');
    else {
      plain += c;
      at++;
    }
  }
  if (plain !== '') parts.push(plain);
  return { kind: 'text', parts };
}

const unpaired = (text: string, brace: string): NotationError =>
  new NotationError(`'${text}' has a single ${brace}`, { repair: 'Write {{ and }} for braces.' });

/** Text without placeholders, whatever is in it. */
export const literalText = (text: string): Template => ({ kind: 'text', parts: text === '' ? [] : [text] });

/** Every placeholder. */
export function* placeholdersOf(t: Template): Generator<Placeholder> {
  switch (t.kind) {
    case 'text':
      for (const part of t.parts) if (typeof part !== 'string') yield part;
      return;
    case 'map':
      for (const [, value] of t.entries) yield* placeholdersOf(value);
      return;
    case 'list':
      for (const item of t.items) yield* placeholdersOf(item);
      return;
    case 'each':
      yield t.list;
      yield* placeholdersOf(t.of);
      return;
    case 'choose':
      yield t.by;
      for (const value of t.of.values()) yield* placeholdersOf(value);
  }
}
