import { describe, expect, test } from 'vitest';
import { targetFile } from '../../src/cli/load.js';
import { planRun } from '../../src/cli/run/plan-run.js';
import { needsTransport } from '../../src/engine/needs-transport.js';
import type { Sequence, StepSpec } from '../../src/engine/suite.js';
import { parseYaml } from '../../src/engine/yaml/parse.js';
import { asMap } from '../../src/engine/yaml/nodes.js';

const planOf = (target: string) => planRun({ target: targetFile(target), filter: { ids: [] }, defects: [] });
const inProcess = planOf('builtin-eim-in-process');
const decisions = new Map(inProcess.planned.map((p) => [p.sequence.id, p.decision]));

describe('an eIM without a transport', () => {
  test.each(['TC_eIM_ESep.Enable_Nominal#01', 'TC_eIM_ESipa.GetEimPackage_Nominal#02'])(
    'runs %s, which is about messages',
    (id) => expect(decisions.get(id)).toEqual({ kind: 'run' }),
  );

  test.each([
    ['TC_eIM_ESipa_HTTPS_Server_Nominal#01', 'P_RUN_HTTPS'],
    // In a procedure.
    ['TC_eIM_ESipa.HandleNotification#01', 'is about HTTP, CoAP or TLS'],
  ])('does not run %s', (id, reason) =>
    expect(decisions.get(id)).toEqual({
      kind: 'not-applicable',
      reason: expect.stringContaining(reason) as string,
    }),
  );

  test('whatever applies to it applies to the same eIM over HTTPS', () => {
    const over = new Map(planOf('builtin-eim').planned.map((p) => [p.sequence.id, p.decision.kind]));
    const both = [...decisions].filter(([, d]) => d.kind === 'run').map(([id]) => over.get(id));
    expect(new Set(both)).toEqual(new Set(['run']));
    expect(both.length).toBeGreaterThan(100);
  });
});

describe('a step needs a transport', () => {
  const place = { file: 'x.yaml', line: 1, column: 1 };
  const base = { name: undefined, rq: [], applies: undefined, place };
  const map = (text: string) => asMap(parseYaml(text, 'x.yaml'), 'step');
  const exchange = (request: string, answer: string): StepSpec => ({
    ...base,
    kind: 'exchange',
    from: 'S_IPA',
    to: 'eIM',
    request: map(request),
    answer: map(answer),
  });
  const [any] = inProcess.planned.map((p) => p.sequence) as [Sequence];
  const needs = (...steps: StepSpec[]): boolean =>
    needsTransport(inProcess.suite, { ...any, steps, initialConditions: [] }, inProcess.target);

  test.each([
    ['{ use: MTD_X, http: { method: GET } }', '{ noAnswer: {} }', true],
    ['{ handshake: {} }', '{ fault: none }', true],
    ['{ use: MTD_X }', '{ oneOf: [{ fault: none }, { coap: { code: 2.04 } }] }', true],
    ['{ use: MTD_X, connection: new }', '{ use: R_X, with: { http: x } }', false],
    ['{ use: MTD_X }', '{ oneOf: [{ fault: none }, { noAnswer: {} }] }', false],
  ])('%s with %s: %s', (request, answer, expected) =>
    expect(needs(exchange(request, answer))).toBe(expected),
  );

  test('not when the step does not apply', () => {
    const step = exchange('{ use: MTD_X }', '{ http: { status: 200 } }');
    expect(needs({ ...step, applies: { kind: 'name', name: 'P_RUN_HTTPS' } })).toBe(false);
  });
});
