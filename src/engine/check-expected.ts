/** Expectations against their ASN.1 types, before anything is sent: matchers, field names, values. */
import { utf8, type Asn1Type } from '../protocol/asn1/index.js';
import { unknownName } from './check-names.js';
import { leafValue, walk } from './check-values.js';
import { CERTIFICATE_KEYS } from './match-certificate.js';
import { regexOf, wholeNumber } from './matchers.js';
import { deref, textOf, variableName, type Bound, type Scope } from './scope.js';
import { asList, asMap, asText, find, need, onlyKeys, SuiteError, type YNode } from './yaml/nodes.js';

/** `parent` is the type whose field is looked at: `!signedBy` names siblings. @throws {SuiteError} at the first mistake. */
export function checkExpected(value: Bound, type: Asn1Type, parent?: Asn1Type): void {
  const { node, scope } = deref(value.node, value.scope);
  if (variableName(node) !== undefined && node.tag === undefined) return;
  const sub = (n: YNode, t: Asn1Type = type, p: Asn1Type | undefined = parent): void =>
    checkExpected({ node: n, scope }, t, p);
  const plain: YNode = { ...node, tag: undefined };
  const items = (): readonly YNode[] => asList(node, `!${node.tag ?? ''}`).items;
  switch (node.tag) {
    case undefined:
    case 'exact':
      walk(
        node,
        type,
        (n, t) => sub(n, t, type),
        () => leafValue(plain, type),
      );
      return;
    case 'any':
    case 'absent':
      return;
    case 'oneOf':
    case 'all':
      items().forEach((n) => sub(n));
      return;
    case 'not':
      return sub(plain);
    case 'bind':
    case 'bindDer':
    case 'bindOptional':
      return checkBind(node, (n) => sub(n));
    case 'contains':
      if (type.kind === 'bits') return leafValue(plain, type);
      return items().forEach((n) => sub(n, elementOf(node, type)));
    case 'unordered':
      return items().forEach((n) => sub(n, elementOf(node, type)));
    case 'each':
    case 'last':
      return sub(plain, elementOf(node, type));
    case 'startsWith':
      if (node.kind === 'list') node.items.forEach((n) => sub(n, elementOf(node, type)));
      else fits(node, type, ['octets', 'opaque', 'any', 'utf8', 'oid']);
      return;
    default:
      checkPlainMatcher(node, scope, type, parent);
  }
}

/** Matchers that hold no expectation of their own. */
function checkPlainMatcher(node: YNode, scope: Scope, type: Asn1Type, parent: Asn1Type | undefined): void {
  const number = (n: YNode): void => {
    if (variableName(n) === undefined) wholeNumber(n, scope);
  };
  switch (node.tag) {
    case 'size':
      elementOf(node, type);
      return number(node);
    case 'gt':
    case 'ge':
    case 'lt':
      if (type.kind !== 'utf8') fits(node, type, ['integer']);
      if (variableName(node) === undefined && !/^-?\d+$/.test(textOf(node, scope, `!${node.tag}`)))
        throw new SuiteError('matcher', `!${node.tag} needs a whole number`, node.place);
      return;
    case 'bytes':
      fits(node, type, ['octets', 'opaque', 'any', 'bits']);
      if (node.kind !== 'map') return number(node);
      onlyKeys(node, ['min', 'max'], '!bytes');
      return node.entries.forEach((e) => number(e.value));
    case 'regex':
      regexOf(node, scope);
      return;
    case 'certificate':
      fits(node, type, ['octets', 'opaque', 'any']);
      return onlyKeys(asMap(node, '!certificate'), CERTIFICATE_KEYS, '!certificate');
    case 'signedBy': {
      const m = asMap(node, '!signedBy');
      onlyKeys(m, ['by', 'eim', 'over'], '!signedBy');
      need(m, 'by', '!signedBy');
      const eim = find(m, 'eim');
      if (eim !== undefined) textOf(eim, scope, 'eim');
      const known = ['associationToken', ...(parent?.fields ?? []).map((f) => f.name)];
      for (const n of asList(need(m, 'over', '!signedBy'), 'over').items)
        if (parent !== undefined && !known.includes(asText(n, 'over')))
          throw unknownName('field', asText(n, 'over'), known, n.place);
      return;
    }
    default:
      throw new SuiteError('matcher', `!${node.tag ?? ''} is no matcher`, node.place);
  }
}

function checkBind(node: YNode, sub: (n: YNode) => void): void {
  const names = node.kind === 'scalar' ? [node.text] : asMap(node, '!bind').entries.map((e) => e.key);
  const [name, more] = names;
  if (name === undefined || more !== undefined)
    throw new SuiteError('yaml-shape', '!bind takes a name, or one name with a matcher', node.place);
  if (!/^[A-Z][A-Z0-9_]*$/.test(name))
    throw new SuiteError('variable-name', `'${name}' is no variable name`, node.place, {
      expected: 'UPPER_CASE',
    });
  if (node.kind === 'map') node.entries.forEach((e) => sub(e.value));
}

function elementOf(node: YNode, type: Asn1Type): Asn1Type {
  if (type.item === undefined) throw notFor(node, type, 'a list');
  return type.item.type;
}

function fits(node: YNode, type: Asn1Type, kinds: readonly string[]): void {
  if (!kinds.includes(type.kind)) throw notFor(node, type, kinds.join(', '));
}

const notFor = (node: YNode, type: Asn1Type, needs: string): SuiteError =>
  new SuiteError('matcher', `!${node.tag ?? ''} does not fit ${type.name || type.kind}`, node.place, {
    expected: needs,
  });

/** Status words as they are written in a trace: four upper-case hex digits. A matcher may stand around them. */
export function checkStatusWord(node: YNode, scope: Scope): void {
  const bound = deref(node, scope);
  const n = bound.node;
  if (n.kind === 'list') return n.items.forEach((i) => checkStatusWord(i, bound.scope));
  checkExpected({ node: n, scope: bound.scope }, utf8());
  if (n.kind !== 'scalar' || (n.tag !== undefined && n.tag !== 'not') || variableName(n) !== undefined)
    return;
  if (!/^[0-9A-F]{4}$/.test(n.text))
    throw new SuiteError('status-word', `'${n.text}' is no status word`, n.place, {
      expected: "four digits, '6A82'",
    });
}
