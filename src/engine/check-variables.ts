/** Variables before a run: each `<NAME>` must have been bound by an earlier step, or by the answer it stands in. */
import { meant } from '../protocol/did-you-mean.js';
import { variableName } from './scope.js';
import type { Definition, ExchangeStep, Sequence, ServeStep, StepSpec, Suite } from './suite.js';
import { find, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

const MAX_DEPTH = 12;

/** @throws {SuiteError} `unbound-variable` at the place of the first use that nothing can have bound. */
export function checkVariables(suite: Suite, sequence: Sequence): void {
  // The engine binds <COUNTER> by itself with each package.
  const walk = new VariableWalk(suite, new Set(['COUNTER']));
  for (const condition of sequence.initialConditions) {
    const use = find(condition, 'use');
    const given = find(condition, 'with');
    if (use?.kind === 'scalar') walk.procedure(use.text, given === undefined ? [] : [given], 0);
  }
  for (const step of sequence.steps) walk.step(step, 0);
}

class VariableWalk {
  constructor(
    readonly suite: Suite,
    readonly bound: Set<string>,
  ) {}

  step(step: StepSpec, depth: number): void {
    switch (step.kind) {
      case 'exchange':
        return this.#exchange(step);
      case 'receive':
        return this.#answer(step.answer);
      case 'serve':
        return this.#serve(step);
      case 'procedure':
        return this.procedure(step.use, [step.with, step.expect], depth);
      case 'compare':
        return this.#all([step.left, step.matcher]);
      case 'personalise':
        return this.#all([step.parameters]);
      case 'server':
        return;
    }
  }

  /** What is given to a procedure is evaluated where the procedure uses it, so its own steps may bind it. */
  procedure(name: string, given: readonly (YNode | undefined)[], depth: number): void {
    const definition = this.suite.definitions.get(name);
    if (definition !== undefined && depth < MAX_DEPTH) {
      for (const step of definition.steps) this.step(step, depth + 1);
      this.#all([...definition.params.values()]);
    }
    this.#all(given);
  }

  #exchange(step: ExchangeStep): void {
    const save = find(step.request, 'save');
    const inject = find(step.request, 'inject');
    this.#all([
      step.request,
      ...this.#defined(step.request),
      ...(inject === undefined ? [] : this.#defined(inject)),
    ]);
    if (save?.kind === 'scalar') this.bound.add(save.text);
    if (step.answer !== undefined) this.#answer(step.answer);
  }

  #serve({ to, expected, reply }: ServeStep): void {
    this.#answer(expected);
    if (reply === undefined) return;
    if (to === 'S_eUICC') return this.#answer(reply);
    const inner = find(reply, 'eimPackage');
    this.#all([reply, ...this.#defined(reply), ...(inner === undefined ? [] : this.#defined(inner))]);
    const save = find(reply, 'save');
    if (save?.kind === 'scalar') this.bound.add(save.text);
  }

  #answer(answer: YMap): void {
    const alternatives = find(answer, 'oneOf');
    const answers = alternatives?.kind === 'list' ? alternatives.items : [answer];
    this.#all([answer, ...answers.flatMap((a) => this.#defined(a))]);
  }

  /** The nodes of the method or result that a request or answer uses. */
  #defined(node: YNode): YNode[] {
    const use = node.kind === 'map' ? find(node, 'use') : undefined;
    return use?.kind === 'scalar' ? this.#nodesOf(this.suite.definitions.get(use.text), 0) : [];
  }

  #nodesOf(definition: Definition | undefined, depth: number): YNode[] {
    if (definition === undefined || depth > MAX_DEPTH) return [];
    const versions = [...definition.perVersion.values()].map((v) => v.value);
    const own = [
      definition.value,
      ...versions,
      definition.with,
      definition.deviate,
      ...definition.params.values(),
    ];
    const base = definition.use === undefined ? undefined : this.suite.definitions.get(definition.use);
    return [...own.filter((n) => n !== undefined), ...this.#nodesOf(base, depth + 1)];
  }

  #all(nodes: readonly (YNode | undefined)[]): void {
    for (const n of nodes)
      if (n !== undefined) visit(n, (inner) => bindsOf(inner).forEach((name) => this.bound.add(name)));
    for (const n of nodes) if (n !== undefined) visit(n, (inner) => this.#use(inner));
  }

  #use(node: YNode): void {
    const name = variableName(node);
    if (name === undefined || this.bound.has(name)) return;
    const repair = meant(name, this.bound);
    throw new SuiteError('unbound-variable', `no step before this one binds <${name}>`, node.place, {
      repair: repair ?? 'Bind it with !bind or `save` in an earlier step.',
    });
  }
}

/** Names that `!bind` or the groups of `!regex` bind. */
function bindsOf(node: YNode): string[] {
  if (node.tag?.startsWith('bind') === true)
    return node.kind === 'scalar' ? [node.text] : node.kind === 'map' ? node.entries.map((e) => e.key) : [];
  if (node.tag === 'regex' && node.kind === 'scalar')
    return [...node.text.matchAll(/\(\?<([A-Z][A-Z0-9_]*)>/g)].map((m) => m[1] as string);
  return [];
}

function visit(node: YNode, see: (node: YNode) => void): void {
  see(node);
  if (node.kind === 'list') for (const i of node.items) visit(i, see);
  if (node.kind === 'map') for (const e of node.entries) visit(e.value, see);
}
