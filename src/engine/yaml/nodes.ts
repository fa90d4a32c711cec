/** YAML as the engine sees it: text, lists and maps, each with its tag and its place. */
import { Sgp33Error, type ErrorDetail } from '../../protocol/errors.js';
import { meant } from '../../protocol/did-you-mean.js';
import type { SourcePlace } from '../result.js';

interface Base {
  /** `!oneOf` without the exclamation mark; undefined when there is none. */
  readonly tag: string | undefined;
  readonly place: SourcePlace;
  /** Made from a value at run time: `$` and `<` in it mean nothing. */
  readonly literal?: boolean;
}
export interface YScalar extends Base {
  readonly kind: 'scalar';
  readonly text: string;
}
export interface YList extends Base {
  readonly kind: 'list';
  readonly items: readonly YNode[];
}
export interface YEntry {
  readonly key: string;
  readonly keyPlace: SourcePlace;
  readonly value: YNode;
}
export interface YMap extends Base {
  readonly kind: 'map';
  readonly entries: readonly YEntry[];
}
export type YNode = YScalar | YList | YMap;

/** `suites/a.yaml:8:5` */
export const placeText = (p: SourcePlace): string => `${p.file}:${p.line}:${p.column}`;

/** A mistake in what the user wrote: exit code 2. */
export class SuiteError extends Sgp33Error {
  constructor(code: string, what: string, place: SourcePlace, detail: Omit<ErrorDetail, 'place'> = {}) {
    super(code, what, { ...detail, place: placeText(place) });
  }
}

export const kindText = (n: YNode): string =>
  n.kind === 'map' ? 'a map' : n.kind === 'list' ? 'a list' : n.text === '' ? 'nothing' : `'${n.text}'`;

export function asMap(n: YNode, what: string): YMap {
  if (n.kind !== 'map')
    throw new SuiteError('yaml-shape', `${what} must be a map`, n.place, { actual: kindText(n) });
  return n;
}

export function asList(n: YNode, what: string): YList {
  if (n.kind !== 'list')
    throw new SuiteError('yaml-shape', `${what} must be a list`, n.place, { actual: kindText(n) });
  return n;
}

export function asText(n: YNode, what: string): string {
  if (n.kind !== 'scalar')
    throw new SuiteError('yaml-shape', `${what} must be a text`, n.place, { actual: kindText(n) });
  return n.text;
}

export const texts = (n: YNode, what: string): string[] => asList(n, what).items.map((i) => asText(i, what));

export const find = (m: YMap, key: string): YNode | undefined => m.entries.find((e) => e.key === key)?.value;

export function need(m: YMap, key: string, what: string): YNode {
  const value = find(m, key);
  if (value === undefined)
    throw new SuiteError('missing-key', `${what} has no '${key}'`, m.place, { expected: `a key '${key}'` });
  return value;
}

/** Refuses keys outside `known`, with the nearest known one. */
export function onlyKeys(m: YMap, known: readonly string[], what: string): void {
  for (const e of m.entries)
    if (!known.includes(e.key)) {
      const repair = meant(e.key, known);
      throw new SuiteError('unknown-key', `${what} has an unknown key '${e.key}'`, e.keyPlace, {
        expected: known.join(', '),
        ...(repair === undefined ? {} : { repair }),
      });
    }
}

/** A node that stands for a value made at run time. */
export function literalNode(value: unknown, place: SourcePlace): YNode {
  if (Array.isArray(value))
    return {
      kind: 'list',
      tag: undefined,
      place,
      literal: true,
      items: value.map((v) => literalNode(v, place)),
    };
  if (typeof value === 'object' && value !== null)
    return {
      kind: 'map',
      tag: undefined,
      place,
      literal: true,
      entries: Object.entries(value).map(([key, v]) => ({
        key,
        keyPlace: place,
        value: literalNode(v, place),
      })),
    };
  return { kind: 'scalar', tag: undefined, place, literal: true, text: String(value) };
}

/** The node in the notation of YAML flow style, for messages and tables. */
export function show(n: YNode, depth = 0): string {
  const tag = n.tag === undefined ? '' : `!${n.tag} `;
  if (depth > 12) return `${tag}...`;
  switch (n.kind) {
    case 'scalar':
      return (tag + n.text).trim();
    case 'list':
      return `${tag}[${n.items.map((i) => show(i, depth + 1)).join(', ')}]`;
    case 'map':
      return n.entries.length === 0
        ? `${tag}{}`
        : `${tag}{ ${n.entries.map((e) => `${e.key}: ${show(e.value, depth + 1)}`).join(', ')} }`;
  }
}
