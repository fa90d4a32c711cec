/** `bind` and `answer` of a mapping. */
import type { AnswerTemplate } from '../../../drivers/management/mapping.js';
import type { PathExpression } from '../../../drivers/management/path.js';
import {
  asMap,
  asText,
  find,
  need,
  onlyKeys,
  SuiteError,
  type YMap,
  type YNode,
} from '../../engine/yaml/nodes.js';
import { pathOf, templateOf, type Names } from './management-notation.js';

/** Keys that make a map one of the forms; any other map has facts as its members. */
const FORM_KEYS = { from: ['from', 'map', 'default'], each: ['each', 'of'], text: ['text'] } as const;

const formOf = (m: YMap): keyof typeof FORM_KEYS | undefined =>
  (['from', 'each', 'text'] as const).find(
    (key) => find(m, key) !== undefined && m.entries.every((e) => isOf(key, e.key)),
  );

const isOf = (form: keyof typeof FORM_KEYS, key: string): boolean =>
  (FORM_KEYS[form] as readonly string[]).includes(key);

/**
 * A path (`body.id`), `{ from, map, default }`, `{ each, of }`, `{ text }`, a list or a map of these.
 * @param relative inside `each`, where paths start at the element.
 * @throws {SuiteError}
 */
export function answerTemplate(n: YNode, what: string, names: Names, relative = false): AnswerTemplate {
  if (n.kind === 'scalar') return { kind: 'value', from: [pathOf(n, what, relative)] };
  if (n.kind === 'list')
    return { kind: 'list', items: n.items.map((item) => answerTemplate(item, what, names, relative)) };
  switch (formOf(n)) {
    case 'from': {
      const map = find(n, 'map');
      const otherwise = find(n, 'default');
      return {
        kind: 'value',
        from: pathsOf(need(n, 'from', what), relative),
        ...(map === undefined ? {} : { map: wordsOf(map) }),
        ...(otherwise === undefined ? {} : { otherwise: asText(otherwise, 'default') }),
      };
    }
    case 'each': {
      const of = find(n, 'of');
      return {
        kind: 'each',
        list: pathsOf(need(n, 'each', what), relative),
        ...(of === undefined ? {} : { of: answerTemplate(of, what, names, true) }),
      };
    }
    case 'text':
      return { kind: 'text', template: templateOf(need(n, 'text', what), 'text', names) };
    case undefined:
      for (const [key, form] of Object.entries(FORM_KEYS))
        if (find(n, key) !== undefined && key !== 'text') onlyKeys(n, form, `${key} in ${what}`);
      return {
        kind: 'map',
        entries: n.entries.map((e) => [e.key, answerTemplate(e.value, e.key, names, relative)] as const),
      };
  }
}

/** One path or a list of them. */
function pathsOf(n: YNode, relative: boolean): PathExpression[] {
  if (n.kind !== 'list') return [pathOf(n, 'a path', relative)];
  if (n.items.length === 0) throw new SuiteError('management-notation', 'there is no path', n.place);
  return n.items.map((item) => pathOf(item, 'a path', relative));
}

const wordsOf = (n: YNode): ReadonlyMap<string, string> =>
  new Map(asMap(n, 'map').entries.map((e) => [e.key, asText(e.value, e.key)]));

/** What each name is bound to. */
export const bindings = (n: YNode | undefined, names: Names): (readonly [string, AnswerTemplate])[] =>
  n === undefined
    ? []
    : asMap(n, 'bind').entries.map((e) => [e.key, answerTemplate(e.value, e.key, names)] as const);
