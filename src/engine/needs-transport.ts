/** Which sequences on an eIM need a transport: those that say something to HTTP, CoAP or TLS, or look at what it says. */
import { holds } from './applicability.js';
import type { Target } from './load-target.js';
import type { Sequence, StepSpec, Suite } from './suite.js';
import { asText, find, type YNode } from './yaml/nodes.js';

const WORDS: readonly string[] = ['http', 'coap', 'tls', 'handshake'];
/** Procedures use others so deep at most, as everywhere. */
const DEPTH = 12;

/** @returns false too for what stands in steps that do not apply to the target. */
export function needsTransport(suite: Suite, sequence: Sequence, target: Target): boolean {
  const inSteps = (steps: readonly StepSpec[], depth: number): boolean =>
    steps.some(
      (step) =>
        (step.applies === undefined || holds(step.applies, suite.catalogue, target.options)) &&
        inStep(step, depth),
    );
  const inProcedure = (name: string, depth: number): boolean =>
    depth < DEPTH && inSteps(suite.definitions.get(name)?.steps ?? [], depth + 1);
  const inStep = (step: StepSpec, depth: number): boolean => {
    switch (step.kind) {
      case 'exchange':
        return speaks(step.request) || speaks(step.answer);
      case 'receive':
        return speaks(step.answer);
      case 'procedure':
        return speaks(step.expect) || inProcedure(step.use, depth);
      default:
        return false;
    }
  };
  const conditions = sequence.initialConditions.flatMap((condition) => find(condition, 'use') ?? []);
  return inSteps(sequence.steps, 0) || conditions.some((use) => inProcedure(asText(use, 'use'), 0));
}

/** Beside the message, or in one of the answers of `oneOf`. */
function speaks(node: YNode | undefined): boolean {
  if (node?.kind !== 'map') return false;
  const alternatives = find(node, 'oneOf');
  return (
    node.entries.some(({ key }) => WORDS.includes(key)) ||
    (alternatives?.kind === 'list' && alternatives.items.some(speaks))
  );
}
