/** `sgp33 list`: what there is to run. */
import { conditionText } from '../../engine/applicability.js';
import { loadSuite } from '../../engine/load-suite.js';
import { decide, select } from '../../engine/plan.js';
import type { Sequence, Suite } from '../../engine/suite.js';
import { packageRoot } from '../../protocol/package-root.js';
import { loadAll } from '../load.js';
import { print, table } from '../output.js';

export interface ListOptions {
  readonly json?: true;
  readonly target?: string;
}

/** One object of `sgp33 list --json`. */
export interface ListedSequence {
  /** `TC_eUICC_ES10b.GetEID#01` */
  readonly id: string;
  readonly spec: string;
  readonly iut: string;
  readonly title: string;
  readonly provenance: string;
  /** The condition as written: `M`, `O_E_BRP`. */
  readonly applies: string;
  readonly rq: readonly string[];
  readonly kills: readonly string[];
  /** With a target: `run`, or why not. */
  readonly decision?: string;
}

/** @returns 0. @throws {Sgp33Error} for a mistake in the suite, `no-match`. */
export function listCommand(ids: readonly string[], options: ListOptions): number {
  const loaded = options.target === undefined ? undefined : loadAll(options.target);
  const suite: Suite = loaded?.suite ?? loadSuite({ root: packageRoot() });
  const listed = select(suite, { ids }).map((sequence): ListedSequence => {
    if (loaded === undefined) return describe(sequence);
    const { target } = loaded;
    const decision =
      sequence.testCase.iut === target.iut
        ? decide(suite, sequence, target, target.allow)
        : { kind: 'not-applicable', reason: `for an ${sequence.testCase.iut}` };
    const text = 'reason' in decision ? `${decision.kind}: ${decision.reason}` : decision.kind;
    return { ...describe(sequence), decision: text };
  });
  if (options.json === true) print(JSON.stringify(listed, null, 2));
  else {
    const rows = listed.map((s) => [
      s.id,
      s.provenance,
      s.applies,
      ...(s.decision === undefined ? [] : [s.decision]),
      s.title,
    ]);
    const head = ['ID', 'PROVENANCE', 'APPLIES', ...(loaded === undefined ? [] : ['DECISION']), 'TITLE'];
    print(table([head, ...rows]));
    print(`${listed.length} sequences`);
  }
  return 0;
}

/** All conditions of a sequence in one; `M` says nothing beside another. */
export function appliesText(sequence: Sequence): string {
  const parts = sequence.applies.map(conditionText).filter((t) => t !== 'M');
  return parts.length === 0 ? 'M' : [...new Set(parts)].join(' and ');
}

function describe(sequence: Sequence): ListedSequence {
  return {
    id: sequence.id,
    spec: sequence.testCase.basis.spec,
    iut: sequence.testCase.iut,
    title: sequence.title,
    provenance: sequence.provenance,
    applies: appliesText(sequence),
    rq: sequence.requirements,
    kills: [...sequence.kills.keys()],
  };
}
