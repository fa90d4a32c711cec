/** Expected values against decoded ones: partial maps, exact lists, and the matchers that YAML tags name. */
import { bitNames, bytesToHex, fromText, integerText, toText, type Asn1Node, type Asn1Type, type BitString, type Field, type TextValue } from '../protocol/asn1/index.js';
import { tagName } from '../protocol/asn1/tlv.js';
import { meant } from '../protocol/did-you-mean.js';
import { Sgp33Error } from '../protocol/errors.js';
import { matchCertificate } from './match-certificate.js';
import { matchSignature, type SignatureKeys } from './match-signature.js';
import type { Cause } from './result.js';
import { deref, textOf, type Bound, type Scope } from './scope.js';
import { asList, asMap, asText, onlyKeys, show, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

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
  if (node.tag !== undefined) return matcher(node, scope, actual, context);
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
      return [differs('unexpected', actual, e.key, Object.entries(value).map(([k, v]) => shortArm(actual.type, k, v)).join(', '))];
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
  throw new SuiteError('unknown-field', `${type.name || 'the type'} has no field '${name}'`, place, { expected: known.join(', '), ...(repair === undefined ? {} : { repair }) });
}

const child = (actual: Actual, field: Field, value: unknown): Actual => ({
  type: field.type,
  value,
  node: actual.node?.children?.find((c) => c.name === field.name),
  path: `${actual.path}.${field.name}`,
});

const item = (actual: Actual, i: number): Actual => ({
  type: (actual.type.item as Field).type,
  value: (actual.value as unknown[])[i],
  node: actual.node?.children?.[i],
  path: `${actual.path}[${i}]`,
});

function list(node: YNode, scope: Scope, actual: Actual, context: MatchContext): Mismatch[] {
  const expected = asListFor(node, actual);
  const length = (actual.value as unknown[]).length;
  const found: Mismatch[] = [];
  if (length !== expected.items.length)
    found.push(differs(length < expected.items.length ? 'missing' : 'unexpected', actual, `${expected.items.length} elements`, `${length} elements: ${short(actual)}`));
  expected.items.slice(0, length).forEach((e, i) => found.push(...match({ node: e, scope }, item(actual, i), context)));
  return found;
}

function leaf(node: YNode, actual: Actual): Mismatch[] {
  if (actual.type.kind === 'bits') return compareText(node.kind === 'list' ? node.items.map((i) => asText(i, 'a bit')) : asText(node, 'a value'), actual, show(node));
  return compareText(asText(node, `the value of ${actual.path}`), actual, show(node));
}

function compareText(text: TextValue, actual: Actual, written: string): Mismatch[] {
  if (actual.value === undefined) return [differs('missing', actual, written, 'nothing')];
  let wanted: unknown;
  try {
    wanted = fromText(actual.type, text, actual.path);
  } catch (error) {
    if (error instanceof Sgp33Error) throw new Sgp33Error('unknown-value', 'the expected value does not fit the ASN.1 type', { place: actual.path, expected: error.expected ?? '', actual: written });
    throw error;
  }
  const a = JSON.stringify(toText(actual.type, wanted));
  const b = JSON.stringify(toText(actual.type, actual.value));
  if (a === b) return [];
  return [differs(isErrorCode(actual.type) ? 'wrong-error-code' : 'wrong-value', actual, shownWanted(actual.type, wanted, written), short(actual))];
}

const shownWanted = (type: Asn1Type, wanted: unknown, written: string): string =>
  type.kind === 'integer' ? integerText(type, wanted as number) : written.length > 200 ? `${written.slice(0, 200)}...` : written;

/** Named results (`ok`, `undefinedError`) are told apart from other values. */
const isErrorCode = (type: Asn1Type): boolean =>
  type.kind === 'integer' && type.named !== undefined && ('undefinedError' in type.named || 'ok' in type.named || 'undfinedError' in type.named);

function matcher(node: YNode, scope: Scope, actual: Actual, context: MatchContext): Mismatch[] {
  const tag = node.tag as string;
  const plain: YNode = { ...node, tag: undefined };
  const each = (): readonly YNode[] => asList(node, `!${tag}`).items;
  const sub = (n: YNode, a = actual, c = context): Mismatch[] => match({ node: n, scope }, a, c);
  if (tag === 'absent') return actual.value === undefined ? [] : [differs('unexpected', actual, 'absent', short(actual))];
  if (tag === 'not') return sub(plain, actual, { ...context, binds: new Map(context.binds) }).length > 0 ? [] : [differs('unexpected', actual, show(node), short(actual))];
  if (tag === 'oneOf') {
    for (const n of each()) {
      const binds = new Map(context.binds);
      if (sub(n, actual, { ...context, binds }).length > 0) continue;
      for (const [k, v] of binds) context.binds.set(k, v);
      return [];
    }
    return [differs(isErrorCode(actual.type) ? 'wrong-error-code' : 'wrong-value', actual, show(node), short(actual))];
  }
  if (tag === 'all') return each().flatMap((n) => sub(n));
  if (actual.value === undefined) return [missing(node, actual)];
  switch (tag) {
    case 'any':
      return [];
    case 'bind':
      return bind(node, scope, actual, context);
    case 'exact': {
      const expected = asMap(node, '!exact');
      const more = Object.keys(actual.value as object).filter((k) => !expected.entries.some((e) => e.key === k));
      return [...sub(plain), ...more.map((k) => differs('unexpected', actual, `no ${k}`, k))];
    }
    case 'contains':
      return contains(each(), actual, sub);
    case 'unordered':
      return unordered(each(), actual, sub);
    case 'each':
      return (actual.value as unknown[]).flatMap((_, i) => sub(plain, item(actual, i)));
    case 'last': {
      const length = listLength(actual);
      return length === 0 ? [differs('missing', actual, show(node), 'an empty list')] : sub(plain, item(actual, length - 1));
    }
    case 'size':
      return (actual.value as unknown[]).length === Number(textOf(node, scope, '!size')) ? [] : [differs('wrong-value', actual, `${show(plain)} elements`, `${(actual.value as unknown[]).length} elements`)];
    case 'startsWith':
      return startsWith(node, scope, actual, sub);
    case 'gt':
    case 'ge':
    case 'lt': {
      const wanted = BigInt(textOf(node, scope, `!${tag}`));
      const is = BigInt(actual.value as number);
      const good = tag === 'gt' ? is > wanted : tag === 'ge' ? is >= wanted : is < wanted;
      return good ? [] : [differs('wrong-value', actual, `${tag === 'gt' ? '>' : tag === 'ge' ? '>=' : '<'} ${wanted}`, String(is))];
    }
    case 'bytes':
      return bytes(node, scope, actual);
    case 'regex': {
      const text = toText(actual.type, actual.value);
      const hit = pattern(node, scope).exec(typeof text === 'string' ? text : JSON.stringify(text));
      if (hit === null) return [differs('wrong-value', actual, show(node), short(actual))];
      // `(?<FREE>..)` binds what it matched.
      for (const [name, value] of Object.entries(hit.groups ?? {})) context.binds.set(variable(name, node), value);
      return [];
    }
    case 'signedBy':
      return matchSignature(asMap(node, '!signedBy'), scope, actual, context.keys);
    case 'certificate':
      return matchCertificate(asMap(node, '!certificate'), scope, actual);
    default:
      throw new SuiteError('matcher', `!${tag} is no matcher`, node.place);
  }
}

function bind(node: YNode, scope: Scope, actual: Actual, context: MatchContext): Mismatch[] {
  if (node.kind === 'scalar') {
    context.binds.set(variable(node.text, node), toText(actual.type, actual.value));
    return [];
  }
  const [entry, more] = asMap(node, '!bind').entries;
  if (entry === undefined || more !== undefined) throw new SuiteError('yaml-shape', '!bind takes a name, or one name with a matcher', node.place);
  const found = match({ node: entry.value, scope }, actual, context);
  if (found.length === 0) context.binds.set(variable(entry.key, node), toText(actual.type, actual.value));
  return found;
}

/** @throws {SuiteError} `regex` for a pattern that is none. */
function pattern(node: YNode, scope: Scope): RegExp {
  const source = textOf(node, scope, '!regex');
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    throw new SuiteError('regex', `'${source}' is no regular expression`, node.place, { actual: error instanceof Error ? error.message : '' });
  }
}

function variable(name: string, node: YNode): string {
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return name;
  throw new SuiteError('variable-name', `'${name}' is no variable name`, node.place, { expected: 'UPPER_CASE' });
}

type Sub = (n: YNode, a?: Actual, c?: MatchContext) => Mismatch[];

function contains(expected: readonly YNode[], actual: Actual, sub: Sub): Mismatch[] {
  if (actual.type.kind === 'bits') {
    const set = bitNames(actual.value as BitString, actual.type.named);
    return expected.filter((e) => !set.includes(asText(e, 'a bit'))).map((e) => differs('missing', actual, `bit ${show(e)}`, `{${set.join(', ')}}`));
  }
  const length = listLength(actual);
  return expected
    .filter((e) => !Array.from({ length }, (_, i) => i).some((i) => sub(e, item(actual, i)).length === 0))
    .map((e) => closest(e, length, actual, sub));
}

/** The nearest element's own difference says more than "not contained". */
function closest(e: YNode, length: number, actual: Actual, sub: Sub): Mismatch {
  const tries = Array.from({ length }, (_, i) => sub(e, item(actual, i))).sort((a, b) => a.length - b.length);
  const wanted = e.kind === 'map' ? e.entries.length : 1;
  const near = tries[0];
  if (near?.length === 1 && wanted > 1 && near[0] !== undefined && near[0].cause !== 'missing') return near[0];
  return differs('missing', actual, `an element ${show(e)}`, short(actual));
}

function unordered(expected: readonly YNode[], actual: Actual, sub: Sub): Mismatch[] {
  const length = listLength(actual);
  const free = new Set(Array.from({ length }, (_, i) => i));
  const found: Mismatch[] = [];
  for (const e of expected) {
    const hit = [...free].find((i) => sub(e, item(actual, i)).length === 0);
    if (hit === undefined) found.push(differs('missing', actual, `an element ${show(e)}`, short(actual)));
    else free.delete(hit);
  }
  if (length > expected.length) found.push(differs('unexpected', actual, `${expected.length} elements`, `${length} elements: ${short(actual)}`));
  return found;
}

function listLength(actual: Actual): number {
  if (!Array.isArray(actual.value)) throw new Sgp33Error('matcher', 'a list matcher on something that is no list', { place: actual.path });
  return actual.value.length;
}

function startsWith(node: YNode, scope: Scope, actual: Actual, sub: Sub): Mismatch[] {
  if (node.kind === 'list') {
    const length = listLength(actual);
    if (length < node.items.length) return [differs('missing', actual, `at least ${node.items.length} elements`, `${length} elements`)];
    return node.items.flatMap((e, i) => sub(e, item(actual, i)));
  }
  const text = toText(actual.type, actual.value);
  const wanted = textOf(node, scope, '!startsWith').replace(/\s+/g, '');
  return typeof text === 'string' && text.toUpperCase().startsWith(wanted.toUpperCase()) ? [] : [differs('wrong-value', actual, show(node), short(actual))];
}

function bytes(node: YNode, scope: Scope, actual: Actual): Mismatch[] {
  const value = actual.value;
  const length = value instanceof Uint8Array ? value.length : ((value as BitString).bytes?.length ?? -1);
  let min: number;
  let max: number;
  if (node.kind === 'map') {
    onlyKeys(node, ['min', 'max'], '!bytes');
    const read = (key: string, otherwise: number): number => {
      const e = node.entries.find((x) => x.key === key);
      return e === undefined ? otherwise : Number(textOf(e.value, scope, key));
    };
    min = read('min', 0);
    max = read('max', Infinity);
  } else min = max = Number(textOf(node, scope, '!bytes'));
  return length >= min && length <= max ? [] : [differs('wrong-value', actual, show(node), `${length} bytes`)];
}

function asMapFor(node: YNode, actual: Actual): YMap {
  // A scalar that stands for "no fields": `getRAT: ''`.
  if (node.kind === 'scalar' && node.text === '') return { kind: 'map', tag: undefined, place: node.place, entries: [] };
  return asMap(node, `the value of ${actual.path}`);
}

const asListFor = (node: YNode, actual: Actual): { items: readonly YNode[] } => asList(node, `the value of ${actual.path}`);

const missing = (node: YNode, actual: Actual): Mismatch => ({ cause: 'missing', path: actual.path, expected: show(node), actual: 'nothing' });

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
  const text = actual.value instanceof Uint8Array ? bytesToHex(actual.value) : toText(actual.type, actual.value);
  const shown = typeof text === 'string' ? text : JSON.stringify(text);
  return shown.length > 300 ? `${shown.slice(0, 300)}...` : shown;
}
