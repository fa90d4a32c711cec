/** Values of requests and expectations against their ASN.1 types, before anything is sent. */
import { fromText, type Asn1Type } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { unknownName } from './check-names.js';
import { deref, textOf, variableName, type Bound, type Scope } from './scope.js';
import { asList, asMap, asText, find, need, onlyKeys, SuiteError, type YNode } from './yaml/nodes.js';

/** Field names, plain values and request tags. @throws {SuiteError} at the first mistake. */
export function checkValue(value: Bound, type: Asn1Type): void {
  const { node, scope } = deref(value.node, value.scope);
  if (variableName(node) !== undefined) return;
  const again = (n: YNode, t: Asn1Type): void => checkValue({ node: n, scope }, t);
  if (node.tag !== undefined)
    return checkRequestTag(node, scope, (item) => again(item, type.item?.type ?? type));
  const repeated = node.kind === 'list' && node.items.some((i) => deref(i, scope).node.tag === 'repeat');
  if (repeated)
    for (const i of node.items)
      again(i, deref(i, scope).node.tag === 'repeat' ? type : (type.item?.type ?? type));
  else
    walk(
      node,
      type,
      (n, t) => again(n, t),
      () => leafValue(node, type),
    );
}

/** What a tag of a request is made of; its value is known only when it is sent. */
function checkRequestTag(node: YNode, scope: Scope, item: (n: YNode) => void): void {
  const inner = (n: YNode | undefined): void => {
    if (n === undefined) return;
    const bound = deref(n, scope);
    if (bound.node.tag !== undefined) checkRequestTag(bound.node, bound.scope, () => undefined);
  };
  switch (node.tag) {
    case 'absent':
    case 'number':
      return;
    case 'next':
    case 'tokenOf':
    case 'keyOf':
      textOf(node, scope, `!${node.tag}`);
      return;
    case 'counter': {
      const m = asMap(node, '!counter');
      onlyKeys(m, ['eim', 'plus'], '!counter');
      textOf(need(m, 'eim', '!counter'), scope, 'eim');
      textOf(need(m, 'plus', '!counter'), scope, 'plus');
      return;
    }
    case 'sign': {
      const m = asMap(node, '!sign');
      onlyKeys(m, ['key', 'over', 'token', 'form'], '!sign');
      inner(need(m, 'key', '!sign'));
      inner(find(m, 'token'));
      inner(find(m, 'form'));
      asList(need(m, 'over', '!sign'), 'over');
      return;
    }
    case 'repeat': {
      const m = asMap(node, '!repeat');
      onlyKeys(m, ['times', 'item'], '!repeat');
      textOf(need(m, 'times', '!repeat'), scope, 'times');
      item(need(m, 'item', '!repeat'));
      return;
    }
    case 'concat':
      asList(node, '!concat').items.forEach(inner);
      return;
    default:
      throw new SuiteError(
        'matcher-in-request',
        `!${node.tag ?? ''} has no meaning in a request`,
        node.place,
        {
          expected: '!absent !next !counter !tokenOf !keyOf !sign !repeat !number !concat',
        },
      );
  }
}

/** Visits what is inside a constructed value, or the leaf. @throws {SuiteError} `unknown-field`. */
export function walk(
  node: YNode,
  type: Asn1Type,
  visit: (n: YNode, t: Asn1Type) => void,
  leaf: () => void,
): void {
  if (node.kind === 'scalar' && node.text === '' && type.kind === 'sequence') return;
  switch (type.kind) {
    case 'sequence':
    case 'choice':
      for (const e of asMap(node, type.name || 'the value').entries) {
        const field = type.fields?.find((f) => f.name === e.key);
        if (field === undefined) {
          const known = (type.fields ?? []).map((f) => f.name);
          throw unknownName('field', e.key, known, e.keyPlace);
        }
        visit(e.value, field.type);
      }
      return;
    case 'sequenceOf':
      for (const n of asList(node, type.name || 'the value').items)
        if (type.item !== undefined) visit(n, type.item.type);
      return;
    case 'bits':
      if (node.kind === 'list' && node.items.some((i) => i.tag !== undefined)) return;
      return leaf();
    default:
      leaf();
  }
}

/** @throws {SuiteError} `unknown-value`. */
export function leafValue(node: YNode, type: Asn1Type): void {
  const text = node.kind === 'list' ? node.items.map((i) => asText(i, 'a value')) : asText(node, 'a value');
  try {
    fromText(type, text);
  } catch (error) {
    if (!(error instanceof Sgp33Error)) throw error;
    throw new SuiteError('unknown-value', `'${String(text)}' does not fit the ASN.1 type`, node.place, {
      ...(error.expected === undefined ? {} : { expected: error.expected }),
    });
  }
}
