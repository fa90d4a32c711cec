/** Texts of a mapping, each read with its place, and every name in a placeholder looked up before anything is sent. */
import { NotationError } from '../../../drivers/management/errors.js';
import type { ManagementOperation } from '../../../drivers/eim-contract.js';
import {
  COMMON_NAMES,
  OPERATION_SHAPES,
  OUTCOME_NAMES,
  PACKAGE_MEMBERS,
} from '../../../drivers/management/parameters.js';
import { parsePath, type PathExpression } from '../../../drivers/management/path.js';
import {
  parsePlaceholder,
  parseText,
  type Placeholder,
  type Template,
} from '../../../drivers/management/template.js';
import { meant } from '../../protocol/did-you-mean.js';
import { asMap, asText, need, SuiteError, type YNode } from '../../engine/yaml/nodes.js';

/** What a placeholder may name, where it stands. */
export interface Names {
  readonly operation?: ManagementOperation;
  /** What there is always and sometimes where it is no operation that is mapped. */
  readonly values?: { readonly needed: readonly string[]; readonly optional: readonly string[] };
  /** Bound by an earlier call; for `outcome` by those that make orders. */
  readonly bound: ReadonlySet<string>;
  /** Inside an `each`: what the elements may have. */
  readonly members?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: ReadonlySet<string>;
}

/** Gives a mistake in the notation its place in the file. */
export function atPlace<T>(n: YNode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotationError)) throw error;
    throw new SuiteError('management-notation', error.what, n.place, error.detail);
  }
}

/** A text with placeholders. @throws {SuiteError} `management-notation`, `placeholder`. */
export function textTemplate(n: YNode, what: string, names: Names): Template & { kind: 'text' } {
  const template = atPlace(n, () => parseText(asText(n, what)));
  for (const part of template.parts) if (typeof part !== 'string') checkPlaceholder(part, n, names);
  return template;
}

const FORMS = [
  ['each', 'of'],
  ['choose', 'of'],
] as const;

const isForm = (n: YNode, form: readonly string[]): boolean =>
  n.kind === 'map' && n.entries.length === form.length && n.entries.every((e) => form.includes(e.key));

/** What is sent: a text, a list, a map, `{ each, of }` or `{ choose, of }`. @throws {SuiteError} as {@link textTemplate}. */
export function templateOf(n: YNode, what: string, names: Names): Template {
  if (n.kind === 'scalar') return textTemplate(n, what, names);
  if (n.kind === 'list') return { kind: 'list', items: n.items.map((item) => templateOf(item, what, names)) };
  if (isForm(n, FORMS[0])) {
    const list = placeholderNamed(need(n, 'each', what), names);
    return {
      kind: 'each',
      list,
      of: templateOf(need(n, 'of', what), what, { ...names, members: membersOf(list) }),
    };
  }
  if (isForm(n, FORMS[1])) {
    const by = placeholderNamed(need(n, 'choose', what), names);
    const of = asMap(need(n, 'of', what), 'of');
    return {
      kind: 'choose',
      by,
      of: new Map(of.entries.map((e) => [e.key, templateOf(e.value, what, names)])),
    };
  }
  return {
    kind: 'map',
    entries: n.entries.map((e) => [e.key, templateOf(e.value, e.key, names)] as const),
  };
}

/** `operations`, without braces. */
function placeholderNamed(n: YNode, names: Names): Placeholder {
  const placeholder = atPlace(n, () => parsePlaceholder(asText(n, 'a name')));
  checkPlaceholder(placeholder, n, names);
  return placeholder;
}

const membersOf = (list: Placeholder): readonly string[] =>
  list.name?.join('.') === 'operations' ? [...PACKAGE_MEMBERS, 'item'] : ['item'];

const shapeOf = ({ operation, values }: Names): Names['values'] =>
  operation === undefined ? values : OPERATION_SHAPES[operation];

/** Every name that may stand in a placeholder there. */
function knownNames(names: Names): string[] {
  const { operation, bound, members, settings } = names;
  const shape = shapeOf(names);
  return [
    ...(shape === undefined ? [] : [...shape.needed, ...shape.optional]),
    ...(operation === undefined ? [] : COMMON_NAMES),
    ...(operation === 'outcome' ? OUTCOME_NAMES : []),
    ...bound,
    ...(members ?? []),
    ...[...settings].map((s) => `settings.${s}`),
  ];
}

/** @throws {SuiteError} `placeholder` for one that never or not always has a value. */
export function checkPlaceholder(p: Placeholder, at: YNode, names: Names): void {
  if (p.name === undefined) return;
  const name = p.name.join('.');
  const [first = '', second = ''] = p.name;
  const wrong = (what: string, expected: string, repair: string | undefined): SuiteError =>
    new SuiteError('placeholder', what, at.place, { expected, ...(repair === undefined ? {} : { repair }) });
  if (first === 'env') {
    if (names.env[second] !== undefined || p.optional) return;
    throw wrong(`${p.written} has no value`, `an environment variable ${second}`, `Set ${second}.`);
  }
  const known = knownNames(names);
  const shape = shapeOf(names);
  // Below these nothing is known of the members.
  const open =
    (first === 'parameters' && names.values === undefined) ||
    names.bound.has(first) ||
    (first === 'operations' && known.includes(first));
  if (!known.includes(name) && !open)
    throw wrong(
      `${p.written} has no value${names.operation === undefined ? '' : ` in ${names.operation}`}`,
      known.join(', ') || 'env.NAME',
      meant(name, known),
    );
  if (
    shape?.optional.includes(name) === true &&
    !p.optional &&
    names.members?.includes(name) !== true &&
    !names.bound.has(name)
  )
    throw wrong(
      `${p.written} has a value in some calls only`,
      `{${name}?...}`,
      'Write a question mark behind the name: what holds it is then left out.',
    );
}

/** A path into an answer. @throws {SuiteError} `management-notation`; `driver-setting` for a wrong beginning. */
export function pathOf(n: YNode, what: string, relative: boolean): PathExpression {
  const path = atPlace(n, () => parsePath(asText(n, what)));
  const [root = ''] = path.steps;
  if (relative || ROOTS.includes(String(root))) return path;
  const repair = meant(String(root), ROOTS);
  throw new SuiteError('management-notation', `a path begins with ${ROOTS.join(', ')}`, n.place, {
    actual: path.written,
    ...(repair === undefined ? {} : { repair }),
  });
}

const ROOTS = ['body', 'status', 'headers', 'text', 'exitCode'];

/** Names and templates, from a map. */
export function pairsOf(n: YNode | undefined, what: string, names: Names): (readonly [string, Template])[] {
  if (n === undefined) return [];
  return asMap(n, what).entries.map((e) => [e.key, textTemplate(e.value, e.key, names)] as const);
}
