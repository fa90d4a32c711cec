/**
 * Everything in a suite that can be wrong before an IUT is known: references, parameters, types, field names, values.
 * Nothing is sent, no key is read. One mistake a sequence is reported, so that a list of them can be worked off.
 */
import { Sgp33Error } from '../protocol/errors.js';
import { optionsOf } from './applicability.js';
import { knownType, unknownName } from './check-names.js';
import { SequenceCheck } from './check-sequence.js';
import { checkVariables } from './check-variables.js';
import { definitionOf } from './message.js';
import { rootScope } from './scope.js';
import type { Definition, Suite } from './suite.js';
import type { Sgp32Version } from '../protocol/types/index.js';
import type { YNode } from './yaml/nodes.js';

export function checkSuite(suite: Suite): Sgp33Error[] {
  const errors: Sgp33Error[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Sgp33Error)) throw error;
      if (!errors.some((e) => e.message === error.message)) errors.push(error);
    }
  };
  const constants = new Map([...suite.constants].map(([name, node]) => [name, placeholder(node)]));
  // Those that only a target or a card gives.
  const scope = rootScope(new WithIut(constants));
  for (const definition of suite.definitions.values()) attempt(() => checkDefinition(suite, definition));
  for (const testCase of suite.testCases)
    for (const sequence of testCase.sequences)
      attempt(() => {
        for (const version of sequence.versions)
          new SequenceCheck(suite, sequence, scope, version as Sgp32Version).run();
        checkVariables(suite, sequence);
      });
  return errors;
}

/** `$IUT_X` is known to exist, whatever its value will be. */
class WithIut extends Map<string, YNode> {
  override get(name: string): YNode | undefined {
    const place = { file: name, line: 1, column: 1 };
    return super.get(name) ?? (name.startsWith('IUT_') ? { ...SOME, place } : undefined);
  }
}

/** Stands for a value that is not known yet: it reads as INTEGER, OCTET STRING and text alike. */
const SOME = { kind: 'scalar', tag: undefined, literal: true, text: '00' } as const;

/** Tags that need the PKI folder stand for some value. */
function placeholder(node: YNode): YNode {
  if (node.kind === 'list') return { ...node, items: node.items.map(placeholder) };
  if (node.kind === 'map')
    return { ...node, entries: node.entries.map((e) => ({ ...e, value: placeholder(e.value) })) };
  return node.tag === undefined ? node : { ...SOME, place: node.place };
}

function checkDefinition(suite: Suite, definition: Definition): void {
  if (definition.use !== undefined) {
    const base = definitionOf(suite, definition.kind, definition.use, definition.place);
    for (const e of definition.with?.entries ?? [])
      if (!base.params.has(e.key) && base.use === undefined)
        throw unknownName('parameter', e.key, base.params.keys(), e.keyPlace);
  }
  if (definition.type !== undefined) knownType('1.2', definition.type, definition.place);
  for (const [version, own] of definition.perVersion)
    knownType(version as Sgp32Version, own.type ?? definition.type ?? '', definition.place);
  for (const step of definition.steps) {
    if (step.kind === 'procedure') definitionOf(suite, 'procedure', step.use, step.place);
    for (const o of step.applies === undefined ? [] : optionsOf(step.applies, suite.catalogue))
      if (!suite.catalogue.options.has(o))
        throw unknownName('option', o, suite.catalogue.options.keys(), step.place);
  }
}
