/** `{ use: PROC_X, with }` among the initial conditions, as the step that it is. */
import type { ProcedureStep } from './suite.js';
import { asMap, asText, find, type YMap } from './yaml/nodes.js';

export function procedureStep(condition: YMap): ProcedureStep {
  const use = find(condition, 'use');
  const given = find(condition, 'with');
  return {
    kind: 'procedure',
    use: use === undefined ? '' : asText(use, 'use'),
    with: given === undefined ? undefined : asMap(given, 'with'),
    expect: undefined,
    name: undefined,
    rq: [],
    applies: undefined,
    place: condition.place,
  };
}
