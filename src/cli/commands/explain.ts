/** `sgp33 explain`: a sequence as a table like those of SGP.23, and whether it applies. */
import { optionsOf } from '../../engine/applicability.js';
import { decide, select } from '../../engine/plan.js';
import type { Sequence, StepSpec, Suite } from '../../engine/suite.js';
import { placeText, show } from '../../engine/yaml/nodes.js';
import { loadAll, type Loaded } from '../load.js';
import { print, table } from '../output.js';
import { appliesText } from './list.js';

export interface ExplainOptions {
  readonly target?: string;
}

/** Width of a cell of the tables. */
const WIDTH = 56;

/** @returns 0. @throws {Sgp33Error} for a mistake in suite or target, `no-match`. */
export function explainCommand(ids: readonly string[], options: ExplainOptions): number {
  const loaded = loadAll(options.target);
  const chosen = select(loaded.suite, { ids });
  chosen.forEach((sequence, i) => {
    if (i > 0) print();
    for (const line of explanation(sequence, loaded)) print(line);
  });
  return 0;
}

/** Lines about one sequence. */
export function explanation(sequence: Sequence, { suite, target }: Loaded): string[] {
  const { testCase } = sequence;
  const { spec, section, version } = testCase.basis;
  const initial = sequence.initialConditions.map((c) => `  ${show(c)}`);
  const requirements = sequence.requirements.flatMap((id) => {
    const known = suite.requirements.get(id);
    return [`  ${id}  (${known?.clause ?? '?'})`, `      ${(known?.text ?? '').replace(/\s+/g, ' ')}`];
  });
  const kills = [...sequence.kills].map(
    ([name, cause]) => `  ${name}${cause === undefined ? '' : ` (${cause})`}`,
  );
  return [
    `${sequence.id}  ${sequence.title}`,
    `  ${testCase.title}. ${testCase.interface}, ${testCase.function}; ${spec} ${section}, version ${version}; ${sequence.provenance}`,
    `  ${placeText(sequence.place)}`,
    ...(testCase.purpose === undefined ? [] : [`  ${testCase.purpose.replace(/\s+/g, ' ').trim()}`]),
    '',
    'Initial conditions',
    ...(initial.length === 0 ? ['  none'] : initial),
    '',
    table(
      [
        ['Step', 'Direction', 'Description', 'Expected', 'Requirements'],
        ...sequence.steps.map((step, i) => row(String(i + 1), step)),
      ],
      WIDTH,
    ),
    '',
    ...procedures(sequence.steps, suite),
    'Requirements',
    ...requirements,
    '',
    'Fails on the seeded defects',
    ...kills,
    '',
    ...applicability(sequence, { suite, target }),
  ];
}

function row(number: string, step: StepSpec): string[] {
  const requirements = step.rq.join(', ');
  const name = step.name === undefined ? '' : `${step.name}: `;
  switch (step.kind) {
    case 'exchange':
      return [
        number,
        `${step.from} -> ${step.to}`,
        name + show(step.request),
        step.answer === undefined ? '' : show(step.answer),
        requirements,
      ];
    case 'receive':
      return [number, `${step.from} -> ${step.to}`, name.replace(/: $/, ''), show(step.answer), requirements];
    case 'serve':
      return [
        number,
        `${step.from} -> ${step.to}`,
        name.replace(/: $/, '') + (step.reply === undefined ? '' : ` answer: ${show(step.reply)}`),
        show(step.expected),
        requirements,
      ];
    case 'procedure': {
      const parameters = step.with === undefined ? '' : ` ${show(step.with)}`;
      return [
        number,
        'procedure',
        `${name}${step.use}${parameters}`,
        step.expect === undefined ? '' : show(step.expect),
        requirements,
      ];
    }
    case 'compare':
      return [number, '', name + show(step.left), show(step.matcher), requirements];
    case 'personalise': {
      const parameters = step.parameters === undefined ? '' : ` ${show(step.parameters)}`;
      return [number, 'personaliser', `${name}${step.action}${parameters}`, '', requirements];
    }
    case 'server':
      return [number, step.role, name + step.state, '', requirements];
  }
}

/** The steps of the procedures that are used, one level deep. */
function procedures(steps: readonly StepSpec[], suite: Suite): string[] {
  const names = new Set(steps.flatMap((s) => (s.kind === 'procedure' ? [s.use] : [])));
  return [...names].flatMap((name) => {
    const definition = suite.definitions.get(name);
    if (definition === undefined) return [];
    const rows = definition.steps.map((step, i) => row(String(i + 1), step));
    return [`${name}  ${placeText(definition.place)}`, table(rows, WIDTH).replace(/^/gm, '  '), ''];
  });
}

function applicability(sequence: Sequence, { suite, target }: Pick<Loaded, 'suite' | 'target'>): string[] {
  const options = new Set(sequence.applies.flatMap((c) => [...optionsOf(c, suite.catalogue)]));
  const declared = [...options].map((o) => {
    const value = target.options.get(o);
    return `  ${o} = ${value === undefined ? 'not declared' : String(value)}: ${suite.catalogue.options.get(o) ?? ''}`;
  });
  const changes = sequence.changes.length === 0 ? 'nothing' : sequence.changes.join(', ');
  const decision =
    sequence.testCase.iut === target.iut
      ? decide(suite, sequence, target, target.allow)
      : { kind: 'not-applicable', reason: `it is for an ${sequence.testCase.iut}` };
  const verdict = 'reason' in decision ? `${decision.kind}: ${decision.reason}` : 'it runs';
  return [
    `Applies: ${appliesText(sequence)}; SGP.32 ${sequence.versions.join(', ')}; changes ${changes}`,
    ...declared,
    `On ${target.name}: ${verdict}`,
  ];
}
