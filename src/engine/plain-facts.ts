/** Maps of plain texts in a step, as a driver takes them: `http: { status: '500' }`. */
import type { TextValue } from '../protocol/asn1/index.js';
import { evaluateData, type Evaluation } from './evaluate.js';
import { deref } from './scope.js';
import { asMap, onlyKeys, type YNode } from './yaml/nodes.js';

/** @throws {SuiteError} for a key that is not known. */
export function factsOf(
  value: YNode,
  key: string,
  known: readonly string[],
  at: Evaluation,
): { [name: string]: TextValue } {
  const { node, scope } = deref(value, at.scope);
  onlyKeys(asMap(node, key), known, key);
  return nullable(node, { ...at, scope }) as { [name: string]: TextValue };
}

/** `!absent` is null here: the header or option that is left out. */
function nullable(value: YNode, at: Evaluation): unknown {
  const { node, scope } = deref(value, at.scope);
  const inner = { ...at, scope };
  if (node.tag === 'absent') return null;
  if (node.kind === 'map')
    return Object.fromEntries(node.entries.map((e) => [e.key, nullable(e.value, inner)]));
  return evaluateData(node, inner);
}

export const numberOf = (value: TextValue | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

export const flagOf = (value: TextValue | undefined): boolean | undefined =>
  value === undefined ? undefined : value === 'true';

/** Without what is undefined. */
export const given = <T extends object>(o: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as never;
