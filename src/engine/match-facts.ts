/**
 * What a transport or a management API told, against an expectation: with the same matchers as ASN.1 values. The facts
 * get a type for that, made from them and from the names that the expectation asks for.
 */
import type { FactMap, Facts } from '../../drivers/eim-contract.js';
import { opt, sequence, sequenceOf, utf8, type Asn1Type } from '../protocol/asn1/index.js';
import { match, type MatchContext, type Mismatch } from './match.js';
import { deref, type Scope } from './scope.js';
import type { YNode } from './yaml/nodes.js';

const TEXT = utf8();

/** @param path where the facts stand, `http` or `outcome`. */
export function matchFacts(
  node: YNode,
  scope: Scope,
  facts: Facts | undefined,
  path: string,
  context: MatchContext,
): Mismatch[] {
  const names = new Set<string>();
  namesIn(node, scope, names, 0);
  const type = typeOf(facts === undefined ? [] : [facts], names);
  return match({ node, scope }, { type, value: facts, node: undefined, path }, context);
}

const MAX_DEPTH = 12;

/** Every name that the expectation uses, wherever it stands: a name more in a type does no harm. */
function namesIn(node: YNode, scope: Scope, names: Set<string>, depth: number): void {
  if (depth > MAX_DEPTH) return;
  const { node: n, scope: inner } = deref(node, scope);
  if (n.kind === 'list') for (const i of n.items) namesIn(i, inner, names, depth + 1);
  if (n.kind === 'map')
    for (const e of n.entries) {
      names.add(e.key);
      namesIn(e.value, inner, names, depth + 1);
    }
}

const isMap = (f: Facts): f is FactMap => typeof f === 'object' && !Array.isArray(f);
const isList = (f: Facts): f is readonly Facts[] => Array.isArray(f);

/** One type for values that stand at one place. */
function typeOf(values: readonly Facts[], names: ReadonlySet<string>): Asn1Type {
  const maps = values.filter(isMap);
  const lists = values.filter(isList);
  if (lists.length > 0)
    return sequenceOf(
      '',
      0x30,
      typeOf(
        lists.flatMap((l) => [...l]),
        names,
      ),
    );
  if (maps.length === 0) return TEXT;
  const all = new Set([...maps.flatMap((m) => Object.keys(m)), ...names]);
  const fields = [...all].map((name) => {
    const present = maps.map((m) => m[name]).filter((v) => v !== undefined);
    return [name, opt(typeOf(present, names))] as const;
  });
  return sequence('', 0x30, Object.fromEntries(fields));
}
