/** The matchers that YAML tags name: which of them holds for a value, and what differs where it does not. */
import { bytesToHex, hexToBytes, toText } from '../protocol/asn1/index.js';
import { matchCertificate } from './match-certificate.js';
import { contains, each, last, listLength, unordered, type Sub } from './match-lists.js';
import {
  differs,
  isErrorCode,
  match,
  missing,
  short,
  type Actual,
  type MatchContext,
  type Mismatch,
} from './match.js';
import { matchSignature } from './match-signature.js';
import { ABSENT_VALUE, textOf, type Scope } from './scope.js';
import { asList, asMap, onlyKeys, show, SuiteError, type YNode } from './yaml/nodes.js';

/** A tagged expectation against a value. @throws {SuiteError} `matcher` for a tag that is none, or none for this type. */
export function matchTag(node: YNode, scope: Scope, actual: Actual, context: MatchContext): Mismatch[] {
  const tag = node.tag as string;
  const plain: YNode = { ...node, tag: undefined };
  const items = (): readonly YNode[] => asList(node, `!${tag}`).items;
  const sub: Sub = (n, a = actual) => match({ node: n, scope }, a, context);
  const trial: Sub = (n, a = actual) => attempt(context, (c) => match({ node: n, scope }, a, c));
  switch (tag) {
    case 'absent':
      return actual.value === undefined ? [] : [differs('unexpected', actual, 'absent', short(actual))];
    case 'not': {
      const inner = match({ node: plain, scope }, actual, { ...context, binds: new Map(context.binds) });
      return inner.length > 0 ? [] : [differs('unexpected', actual, show(node), short(actual))];
    }
    case 'oneOf':
      if (items().some((n) => trial(n).length === 0)) return [];
      return [
        differs(
          isErrorCode(actual.type) ? 'wrong-error-code' : 'wrong-value',
          actual,
          show(node),
          short(actual),
        ),
      ];
    case 'all':
      return items().flatMap((n) => sub(n));
  }
  if (actual.value === undefined) {
    if (tag !== 'bindOptional') return [missing(node, actual)];
    context.binds.set(variableOf(node), ABSENT_VALUE);
    return [];
  }
  switch (tag) {
    case 'any':
      return [];
    case 'bind':
    case 'bindDer':
    case 'bindOptional':
      return bind(node, scope, actual, context);
    case 'exact':
      return exact(node, actual, sub);
    case 'contains':
      return contains(items(), actual, trial);
    case 'unordered':
      return unordered(items(), actual, trial);
    case 'each':
      return each(plain, actual, sub);
    case 'last':
      return last(plain, actual, sub);
    case 'size': {
      const length = listLength(actual);
      if (length === wholeNumber(node, scope)) return [];
      return [differs('wrong-value', actual, `${show(plain)} elements`, `${length} elements`)];
    }
    case 'startsWith':
      return startsWith(node, scope, actual, sub);
    case 'gt':
    case 'ge':
    case 'lt':
      return compare(tag, node, scope, actual);
    case 'bytes':
      return bytes(node, scope, actual);
    case 'regex':
      return regex(node, scope, actual, context);
    case 'signedBy':
      return matchSignature(asMap(node, '!signedBy'), scope, bytesOnly(node, actual), context.keys);
    case 'certificate':
      return matchCertificate(asMap(node, '!certificate'), scope, bytesOnly(node, ofFact(actual)));
    default:
      throw new SuiteError('matcher', `!${tag} is no matcher`, node.place);
  }
}

/** What an attempt binds is kept only when it succeeds. */
function attempt(context: MatchContext, work: (context: MatchContext) => Mismatch[]): Mismatch[] {
  const binds = new Map(context.binds);
  const found = work({ ...context, binds });
  if (found.length === 0) for (const [name, value] of binds) context.binds.set(name, value);
  return found;
}

/** `!bind` keeps the value, `!bindDer` the element's bytes as they came. */
function bind(node: YNode, scope: Scope, actual: Actual, context: MatchContext): Mismatch[] {
  const name = variableOf(node);
  const found =
    node.kind === 'map' ? node.entries.flatMap((e) => match({ node: e.value, scope }, actual, context)) : [];
  if (found.length > 0) return found;
  if (node.tag === 'bindDer' && actual.node === undefined)
    throw new SuiteError('matcher', '!bindDer needs an element that was on the wire', node.place);
  context.binds.set(
    name,
    node.tag === 'bindDer' && actual.node !== undefined
      ? bytesToHex(actual.node.raw)
      : toText(actual.type, actual.value),
  );
  return [];
}

/** `NAME`, or `{ NAME: matcher }`. */
function variableOf(node: YNode): string {
  if (node.kind === 'scalar') return variable(node.text, node);
  const [entry, more] = asMap(node, `!${node.tag ?? ''}`).entries;
  if (entry === undefined || more !== undefined)
    throw new SuiteError('yaml-shape', '!bind takes a name, or one name with a matcher', node.place);
  return variable(entry.key, node);
}

function variable(name: string, node: YNode): string {
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return name;
  throw new SuiteError('variable-name', `'${name}' is no variable name`, node.place, {
    expected: 'UPPER_CASE',
  });
}

function exact(node: YNode, actual: Actual, sub: Sub): Mismatch[] {
  const expected = asMap(node, '!exact');
  if (actual.type.fields === undefined) throw notFor(node, actual, 'named fields');
  const more = Object.keys(actual.value as object).filter((k) => !expected.entries.some((e) => e.key === k));
  return [
    ...sub({ ...node, tag: undefined }),
    ...more.map((k) => differs('unexpected', actual, `no ${k}`, k)),
  ];
}

function startsWith(node: YNode, scope: Scope, actual: Actual, sub: Sub): Mismatch[] {
  if (node.kind === 'list') {
    const length = listLength(actual);
    if (length < node.items.length)
      return [differs('missing', actual, `at least ${node.items.length} elements`, `${length} elements`)];
    return sub(
      { ...node, tag: undefined },
      { ...actual, value: (actual.value as unknown[]).slice(0, node.items.length) },
    );
  }
  const text = toText(actual.type, actual.value);
  const wanted = textOf(node, scope, '!startsWith').replace(/\s+/g, '');
  if (typeof text !== 'string') throw notFor(node, actual, 'bytes or text');
  if (text.toUpperCase().startsWith(wanted.toUpperCase())) return [];
  return [differs('wrong-value', actual, show(node), short(actual))];
}

/** INTEGER, or the text of one: a variable that an INTEGER was bound to. */
function compare(tag: 'gt' | 'ge' | 'lt', node: YNode, scope: Scope, actual: Actual): Mismatch[] {
  const wanted = integerOf(textOf(node, scope, `!${tag}`));
  if (wanted === undefined)
    throw new SuiteError('matcher', `!${tag} needs a whole number`, node.place, { actual: show(node) });
  const is = integerOf(String(actual.value));
  if (is === undefined) throw notFor(node, actual, 'an INTEGER');
  const good = tag === 'gt' ? is > wanted : tag === 'ge' ? is >= wanted : is < wanted;
  const sign = tag === 'gt' ? '>' : tag === 'ge' ? '>=' : '<';
  return good ? [] : [differs('wrong-value', actual, `${sign} ${wanted}`, String(is))];
}

/** `5`, or a named number as text, `enabled(1)`. */
function integerOf(text: string): bigint | undefined {
  const digits = /^(?:[A-Za-z][\w-]*\((-?\d+)\)|(-?\d+))$/.exec(text.trim());
  const number = digits?.[1] ?? digits?.[2];
  return number === undefined ? undefined : BigInt(number);
}

function bytes(node: YNode, scope: Scope, actual: Actual): Mismatch[] {
  const value = actual.value;
  const content = actual.type.kind === 'bits' ? (value as { bytes: unknown }).bytes : value;
  if (!(content instanceof Uint8Array)) throw notFor(node, actual, 'bytes');
  let [min, max] = [0, Infinity];
  if (node.kind === 'map') {
    onlyKeys(node, ['min', 'max'], '!bytes');
    for (const e of node.entries) {
      if (e.key === 'min') min = wholeNumber(e.value, scope);
      else max = wholeNumber(e.value, scope);
    }
  } else min = max = wholeNumber(node, scope);
  if (content.length >= min && content.length <= max) return [];
  return [differs('wrong-value', actual, show(node), `${content.length} bytes`)];
}

function regex(node: YNode, scope: Scope, actual: Actual, context: MatchContext): Mismatch[] {
  const text = toText(actual.type, actual.value);
  const hit = regexOf(node, scope).exec(typeof text === 'string' ? text : JSON.stringify(text));
  if (hit === null) return [differs('wrong-value', actual, show(node), short(actual))];
  // `(?<FREE>..)` binds what it matched.
  for (const [name, value] of Object.entries<string | undefined>(hit.groups ?? {}))
    if (value !== undefined) context.binds.set(variable(name, node), value);
  return [];
}

/** @throws {SuiteError} `regex` for a pattern that is none. */
export function regexOf(node: YNode, scope: Scope): RegExp {
  const source = textOf(node, scope, '!regex');
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    throw new SuiteError('regex', `'${source}' is no regular expression`, node.place, {
      actual: error instanceof Error ? error.message : '',
    });
  }
}

/** A length in an expectation. A mistake in it is the suite's, never a FAIL of the card. */
export function wholeNumber(node: YNode, scope: Scope): number {
  const text = textOf(node, scope, 'a length').trim();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SuiteError('matcher', 'a whole number is needed', node.place, { actual: show(node) });
}

/** Bytes that are a fact of a transport are hex. */
function ofFact(actual: Actual): Actual {
  const bytes = typeof actual.value === 'string' ? hexToBytes(actual.value) : undefined;
  return bytes === undefined ? actual : { ...actual, value: bytes };
}

function bytesOnly(node: YNode, actual: Actual): Actual {
  if (!(actual.value instanceof Uint8Array)) throw notFor(node, actual, 'bytes');
  return actual;
}

const notFor = (node: YNode, actual: Actual, needs: string): SuiteError =>
  new SuiteError('matcher', `!${node.tag ?? ''} does not fit ${actual.path}`, node.place, {
    expected: needs,
    actual: actual.type.name || actual.type.kind,
  });
