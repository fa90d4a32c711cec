/** Nodes of a request to plain values: references followed, request tags carried out. */
import type { TextValue } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import type { EimBook } from './eim-book.js';
import { deref, textOf, type Scope } from './scope.js';
import { asMap, asText, find, need, onlyKeys, SuiteError, type YNode } from './yaml/nodes.js';

/** The field is left out. */
export const ABSENT = Symbol('absent');

export type SignatureForm = 'raw' | 'der';

/** A signature that is computed when the message around it is encoded. */
export class Signature {
  constructor(
    readonly key: string,
    /** Sibling elements, and `associationToken` for the token's TLV. */
    readonly over: readonly string[],
    /** Token value; `none` leaves its TLV out. */
    readonly token: string,
    /** `raw`: r||s. `der`: the form of certificates, which no message of SGP.32 has. */
    readonly form: SignatureForm,
  ) {}
}

/** The items of a `!repeat`: spread into the list around it, or a list by themselves. */
export class Spread {
  constructor(readonly items: Plain[]) {}
}

export type Plain = string | Signature | Spread | typeof ABSENT | Plain[] | { [key: string]: Plain };

export interface Evaluation {
  readonly scope: Scope;
  readonly eims: EimBook;
  /** Places of the items of the enclosing `!repeat`s. */
  readonly number?: number;
}

/** @throws {SuiteError} for a tag that has no meaning in a request. */
export function evaluate(node: YNode, at: Evaluation): Plain {
  const bound = deref(node, at.scope);
  const inner: Evaluation = { ...at, scope: bound.scope };
  const n = bound.node;
  if (n.tag !== undefined) return tagged(n, inner);
  switch (n.kind) {
    case 'scalar':
      return n.text;
    case 'list':
      return n.items
        .map((i) => evaluate(i, inner))
        .filter((v) => v !== ABSENT)
        .flatMap((v) => (v instanceof Spread ? v.items : [v]));
    case 'map': {
      const out: { [key: string]: Plain } = {};
      for (const e of n.entries) {
        const value = evaluate(e.value, inner);
        if (value !== ABSENT) out[e.key] = value instanceof Spread ? value.items : value;
      }
      return out;
    }
  }
}

function tagged(n: YNode, at: Evaluation): Plain {
  switch (n.tag) {
    case 'absent':
      return ABSENT;
    case 'next':
      return String(at.eims.record(textOf(n, at.scope, '!next')).counter + 1);
    case 'counter': {
      const m = asMap(n, '!counter');
      onlyKeys(m, ['eim', 'plus'], '!counter');
      const plus = Number(textOf(need(m, 'plus', '!counter'), at.scope, 'plus'));
      if (!Number.isSafeInteger(plus))
        throw new SuiteError('yaml-shape', 'plus must be a whole number', n.place);
      return String(at.eims.record(textOf(need(m, 'eim', '!counter'), at.scope, 'eim')).counter + plus);
    }
    case 'tokenOf':
      return String(at.eims.record(textOf(n, at.scope, '!tokenOf')).token ?? 0);
    case 'keyOf': {
      const eimId = textOf(n, at.scope, '!keyOf');
      const key = at.eims.keyOf(eimId);
      if (key === undefined)
        throw new SuiteError('unknown-eim', `no simulated eIM '${eimId}'`, n.place, {
          repair: 'fixtures/eims.yaml lists them.',
        });
      return key;
    }
    case 'sign': {
      const m = asMap(n, '!sign');
      onlyKeys(m, ['key', 'over', 'token', 'form'], '!sign');
      const token = find(m, 'token');
      const form = find(m, 'form');
      const over = need(m, 'over', '!sign');
      if (over.kind !== 'list') throw new SuiteError('yaml-shape', 'over must be a list', over.place);
      return new Signature(
        plainText(evaluate(need(m, 'key', '!sign'), at), m),
        over.items.map((i) => asText(i, 'over')),
        token === undefined ? '0' : plainText(evaluate(token, at), m),
        form === undefined ? 'raw' : signatureForm(plainText(evaluate(form, at), m), form),
      );
    }
    case 'repeat': {
      const m = asMap(n, '!repeat');
      onlyKeys(m, ['times', 'item'], '!repeat');
      const times = Number(textOf(need(m, 'times', '!repeat'), at.scope, 'times'));
      if (!Number.isInteger(times) || times < 0 || times > 10_000)
        throw new SuiteError('yaml-shape', 'times must be 0 to 10000', n.place);
      const item = need(m, 'item', '!repeat');
      return new Spread(Array.from({ length: times }, (_, number) => evaluate(item, { ...at, number })));
    }
    case 'number':
      return String(at.number ?? 0);
    case 'concat':
      if (n.kind !== 'list') throw new SuiteError('yaml-shape', '!concat takes a list', n.place);
      return n.items.map((i) => plainText(evaluate(i, at), n)).join('');
    case 'any':
    case 'bind':
    case 'bindDer':
    case 'bindOptional':
      throw new SuiteError('matcher-in-request', `!${n.tag} is a matcher, not a value`, n.place);
    default:
      throw new SuiteError('matcher-in-request', `!${n.tag ?? ''} has no meaning in a request`, n.place, {
        expected: '!absent !next !counter !tokenOf !keyOf !sign !repeat !number !concat',
      });
  }
}

function signatureForm(text: string, n: YNode): SignatureForm {
  if (text === 'raw' || text === 'der') return text;
  throw new SuiteError('yaml-shape', 'a signature has the form raw or der', n.place, { actual: text });
}

function plainText(value: Plain, n: YNode): string {
  if (typeof value === 'string') return value;
  throw new SuiteError('yaml-shape', 'a text is needed here', n.place);
}

/** Values without signatures, for personalisation parameters and the like. */
export function evaluateData(node: YNode, at: Evaluation): TextValue {
  const strip = (v: Plain): TextValue => {
    if (typeof v === 'string') return v;
    if (Array.isArray(v)) return v.map(strip);
    if (v instanceof Spread) return v.items.map(strip);
    if (typeof v === 'symbol' || v instanceof Signature)
      throw new Sgp33Error('value-text', 'no signature here');
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, strip(x)]));
  };
  return strip(evaluate(node, at));
}

/** The same where only a text can stand. @throws {SuiteError} `yaml-shape`. */
export function evaluateText(node: YNode, at: Evaluation, what: string): string {
  const value = evaluateData(node, at);
  if (typeof value !== 'string') throw new SuiteError('yaml-shape', `${what} must be a text`, node.place);
  return value;
}
