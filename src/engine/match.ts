/** Expected values against decoded ones: partial maps, exact lists, and the matchers that YAML tags name. */
import {
  bytesToHex,
  fromText,
  integerText,
  toText,
  type Asn1Node,
  type Asn1Type,
  type Field,
  type TextValue,
} from '../protocol/asn1/index.js';
import { tagName } from '../protocol/asn1/tlv.js';
import { meant } from '../protocol/did-you-mean.js';
import { Sgp33Error } from '../protocol/errors.js';
import type { SignatureKeys } from './match-signature.js';
import { matchTag } from './matchers.js';
import type { Cause } from './result.js';
import { deref, type Bound, type Scope } from './scope.js';
import { asList, asMap, asText, show, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

export interface Mismatch {
  readonly cause: Cause;
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  readonly tag?: string;
  readonly offset?: number;
}

/** A decoded value with its type, and where it stands. `node` is undefined for what never was on the wire. */
export interface Actual {
  readonly type: Asn1Type;
  readonly value: unknown;
  readonly node: Asn1Node | undefined;
  readonly path: string;
}

export interface MatchContext {
  readonly keys: SignatureKeys;
  /** Variables that matched so far; the caller keeps them only when the whole answer matches. */
  readonly binds: Map<string, TextValue>;
}

/** Every difference. @throws {SuiteError} where the expectation itself makes no sense for the type. */
export function match(expected: Bound, actual: Actual, context: MatchContext): Mismatch[] {
  // What an earlier field of the same answer bound can be used by a later one.
  const { node, scope } = deref(expected.node, { ...expected.scope, variables: context.binds });
  if (node.tag !== undefined) return matchTag(node, scope, actual, context);
  if (actual.value === undefined) return [missing(node, actual)];
  switch (actual.type.kind) {
    case 'sequence':
    case 'choice':
      return fields(asMapFor(node, actual), scope, actual, context);
    case 'sequenceOf':
      return list(node, scope, actual, context);
    default:
      return leaf(node, actual);
  }
}

function fields(expected: YMap, scope: Scope, actual: Actual, context: MatchContext): Mismatch[] {
  const value = actual.value as Record<string, unknown>;
  return expected.entries.flatMap((e) => {
    const field = fieldOf(actual.type, e.key, e.keyPlace);
    if (actual.type.kind === 'choice' && !(e.key in value)) {
      const { node } = deref(e.value, scope);
      if (node.tag === 'absent') return [];
      return [
        differs(
          'unexpected',
          actual,
          e.key,
          Object.entries(value)
            .map(([k, v]) => shortArm(actual.type, k, v))
            .join(', '),
        ),
      ];
    }
    return match({ node: e.value, scope }, child(actual, field, value[e.key]), context);
  });
}

/** `iccidOrAidNotFound(1)` helps more than the arm's name alone. */
function shortArm(type: Asn1Type, name: string, value: unknown): string {
  const field = type.fields?.find((f) => f.name === name);
  if (field === undefined || value === undefined) return name;
  const text = toText(field.type, value);
  return typeof text === 'string' ? `${name}: ${text}` : name;
}

function fieldOf(type: Asn1Type, name: string, place: YNode['place']): Field {
  const field = type.fields?.find((f) => f.name === name);
  if (field !== undefined) return field;
  const known = (type.fields ?? []).map((f) => f.name);
  const repair = meant(name, known);
  throw new SuiteError('unknown-field', `${type.name || 'the type'} has no field '${name}'`, place, {
    expected: known.join(', '),
    ...(repair === undefined ? {} : { repair }),
  });
}

const child = (actual: Actual, field: Field, value: unknown): Actual => ({
  type: field.type,
  value,
  node: actual.node?.children?.find((c) => c.name === field.name),
  path: `${actual.path}.${field.name}`,
});

/** One element of a list value. */
export const item = (actual: Actual, i: number): Actual => ({
  type: (actual.type.item as Field).type,
  value: (actual.value as unknown[])[i],
  node: actual.node?.children?.[i],
  path: `${actual.path}[${i}]`,
});

function list(node: YNode, scope: Scope, actual: Actual, context: MatchContext): Mismatch[] {
  // An element that a parameter left out is not expected, as it is not sent in a request.
  const items = asList(node, `the value of ${actual.path}`).items.filter(
    (e) => deref(e, scope).node.tag !== 'absent',
  );
  const length = (actual.value as unknown[]).length;
  const found: Mismatch[] = [];
  if (length !== items.length)
    found.push(
      differs(
        length < items.length ? 'missing' : 'unexpected',
        actual,
        `${items.length} elements`,
        `${length} elements: ${short(actual)}`,
      ),
    );
  items
    .slice(0, length)
    .forEach((e, i) => found.push(...match({ node: e, scope }, item(actual, i), context)));
  return found;
}

function leaf(node: YNode, actual: Actual): Mismatch[] {
  if (actual.type.kind === 'bits')
    return compareText(
      node.kind === 'list' ? node.items.map((i) => asText(i, 'a bit')) : asText(node, 'a value'),
      actual,
      show(node),
    );
  return compareText(asText(node, `the value of ${actual.path}`), actual, show(node));
}

function compareText(text: TextValue, actual: Actual, written: string): Mismatch[] {
  if (actual.value === undefined) return [differs('missing', actual, written, 'nothing')];
  let wanted: unknown;
  try {
    wanted = fromText(actual.type, text, actual.path);
  } catch (error) {
    if (error instanceof Sgp33Error)
      throw new Sgp33Error('unknown-value', 'the expected value does not fit the ASN.1 type', {
        place: actual.path,
        expected: error.expected ?? '',
        actual: written,
      });
    throw error;
  }
  const a = JSON.stringify(toText(actual.type, wanted));
  const b = JSON.stringify(toText(actual.type, actual.value));
  if (a === b) return [];
  return [
    differs(
      isErrorCode(actual.type) ? 'wrong-error-code' : 'wrong-value',
      actual,
      shownWanted(actual.type, wanted, written),
      short(actual),
    ),
  ];
}

const shownWanted = (type: Asn1Type, wanted: unknown, written: string): string =>
  type.kind === 'integer'
    ? integerText(type, wanted as number)
    : written.length > 200
      ? `${written.slice(0, 200)}...`
      : written;

/** Named results (`ok`, `undefinedError`) are told apart from other values. */
export const isErrorCode = (type: Asn1Type): boolean =>
  type.kind === 'integer' &&
  type.named !== undefined &&
  ('undefinedError' in type.named || 'ok' in type.named || 'undfinedError' in type.named);

function asMapFor(node: YNode, actual: Actual): YMap {
  // A scalar that stands for "no fields": `getRAT: ''`.
  if (node.kind === 'scalar' && node.text === '')
    return { kind: 'map', tag: undefined, place: node.place, entries: [] };
  return asMap(node, `the value of ${actual.path}`);
}

export const missing = (node: YNode, actual: Actual): Mismatch => ({
  cause: 'missing',
  path: actual.path,
  expected: show(node),
  actual: 'nothing',
});

export function differs(cause: Cause, actual: Actual, expected: string, is: string): Mismatch {
  return {
    cause,
    path: actual.path,
    expected,
    actual: is,
    ...(actual.node === undefined ? {} : { tag: tagName(actual.node.tag), offset: actual.node.start }),
  };
}

/** The actual value in one short line. */
export function short(actual: Actual): string {
  if (actual.value === undefined) return 'nothing';
  const text =
    actual.value instanceof Uint8Array ? bytesToHex(actual.value) : toText(actual.type, actual.value);
  const shown = typeof text === 'string' ? text : JSON.stringify(text);
  return shown.length > 300 ? `${shown.slice(0, 300)}...` : shown;
}
