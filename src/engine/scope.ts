/** What `$NAME`, `<name>` and `<NAME>` stand for at one place of a sequence. */
import { meant } from '../protocol/did-you-mean.js';
import type { TextValue } from '../protocol/asn1/index.js';
import type { Definition } from './suite.js';
import { literalNode, SuiteError, type YNode } from './yaml/nodes.js';

/** A node together with the scope in which its references are to be read. */
export interface Bound {
  readonly node: YNode;
  readonly scope: Scope;
}

export interface Scope {
  readonly params: ReadonlyMap<string, Bound>;
  readonly constants: ReadonlyMap<string, YNode>;
  /** Undefined while the suite is only being checked. */
  readonly variables: ReadonlyMap<string, TextValue> | undefined;
}

export const rootScope = (
  constants: ReadonlyMap<string, YNode>,
  variables?: ReadonlyMap<string, TextValue>,
): Scope => ({
  params: new Map(),
  constants,
  variables,
});

/** What `!bindOptional` binds to a field that is not there: used as a value, it leaves its field out. */
export const ABSENT_VALUE = '\u0000absent';

const CONSTANT = /^\$([A-Za-z][A-Za-z0-9_]*)$/;
const VARIABLE = /^<([A-Z][A-Z0-9_]*)>$/;
const PARAMETER = /^<([a-z][A-Za-z0-9]*)>$/;

export const variableName = (n: YNode): string | undefined =>
  n.kind === 'scalar' && n.literal !== true ? VARIABLE.exec(n.text)?.[1] : undefined;

/**
 * Follows references until a node stands there that is none. A tag on a reference (`!gt <SEQ>`) stays: only
 * untagged ones are followed. An unbound variable of a suite that is only checked comes back as it is.
 * @throws {SuiteError} `unknown-constant`, `unknown-parameter`, `unbound-variable`, `missing-parameter`.
 */
export function deref(node: YNode, scope: Scope, depth = 0): Bound {
  if (node.tag === 'required')
    throw new SuiteError('missing-parameter', 'a parameter was not given', node.place);
  if (node.kind !== 'scalar' || node.tag !== undefined || node.literal === true) return { node, scope };
  if (depth > 32) throw new SuiteError('circular-reference', `'${node.text}' refers to itself`, node.place);
  const constant = CONSTANT.exec(node.text)?.[1];
  if (constant !== undefined) {
    const value = scope.constants.get(constant);
    if (value === undefined) throw unknown('constant', constant, scope.constants.keys(), node, '$');
    return deref(value, { ...scope, params: new Map() }, depth + 1);
  }
  const parameter = PARAMETER.exec(node.text)?.[1];
  if (parameter !== undefined) {
    const value = scope.params.get(parameter);
    if (value === undefined) throw unknown('parameter', parameter, scope.params.keys(), node, '<');
    if (value.node.tag === 'required')
      throw new SuiteError('missing-parameter', `parameter '${parameter}' was not given`, node.place);
    return deref(value.node, value.scope, depth + 1);
  }
  const variable = VARIABLE.exec(node.text)?.[1];
  if (variable !== undefined && scope.variables !== undefined) {
    const value = scope.variables.get(variable);
    if (value === undefined)
      throw new SuiteError('unbound-variable', `<${variable}> is not bound yet`, node.place, {
        repair: 'Bind it with !bind in an earlier step.',
      });
    if (value === ABSENT_VALUE)
      return { node: { kind: 'scalar', tag: 'absent', text: '', place: node.place }, scope };
    return { node: literalNode(value, node.place), scope };
  }
  return { node, scope };
}

/** The text of a node behind its references, its own tag put aside. */
export function textOf(node: YNode, scope: Scope, what: string): string {
  const plain: YNode = node.kind === 'scalar' ? { ...node, tag: undefined } : node;
  const bound = deref(plain, scope);
  if (bound.node.kind !== 'scalar') throw new SuiteError('yaml-shape', `${what} must be a text`, node.place);
  return bound.node.text;
}

/** Parameters of a definition: what the caller gave, else the defaults (which may use the other parameters). */
export function bindParameters(
  definition: Definition,
  given: ReadonlyMap<string, Bound>,
  caller: Scope,
): Scope {
  const params = new Map<string, Bound>();
  const scope: Scope = { ...caller, params };
  for (const [name, node] of definition.params) params.set(name, given.get(name) ?? { node, scope });
  return scope;
}

function unknown(what: string, name: string, known: Iterable<string>, node: YNode, mark: string): SuiteError {
  const repair = meant(name, known);
  return new SuiteError(
    `unknown-${what}`,
    `unknown ${what} '${name}'`,
    node.place,
    repair === undefined ? {} : { repair: repair.replace('mean ', `mean ${mark}`) },
  );
}
