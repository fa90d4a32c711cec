/** Which sequences a run takes, and why it leaves the others. */
import { meant } from '../protocol/did-you-mean.js';
import { Sgp33Error } from '../protocol/errors.js';
import { conditionText, holds, optionsOf, type Condition } from './applicability.js';
import type { Target } from './load-target.js';
import { needsTransport } from './needs-transport.js';
import { allSequences, type Change, type Sequence, type StepSpec, type Suite } from './suite.js';

export interface Filter {
  /** Id globs: `TC_eUICC_ESep.*`, `*#01`; none: all. */
  readonly ids: readonly string[];
  readonly clause?: string;
  readonly interface?: string;
  readonly provenance?: string;
}

export type Decision =
  | { readonly kind: 'run' }
  | { readonly kind: 'not-applicable'; readonly reason: string }
  | { readonly kind: 'not-run'; readonly reason: string };

export interface Planned {
  readonly sequence: Sequence;
  readonly decision: Decision;
}

const globToRegex = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    'i',
  );

/** `TC_x#01`, or `TC_x` for all of its sequences, or a glob over either. */
export const matchesId = (glob: string, sequence: Sequence): boolean => {
  const pattern = globToRegex(glob);
  return pattern.test(sequence.id) || pattern.test(sequence.testCase.id);
};

/** @throws {Sgp33Error} `no-match` for a glob that matches nothing. */
export function select(suite: Suite, filter: Filter): Sequence[] {
  const all = allSequences(suite);
  for (const glob of filter.ids)
    if (!all.some((s) => matchesId(glob, s))) {
      const repair = meant(
        glob,
        all.flatMap((s) => [s.testCase.id, s.id]),
      );
      throw new Sgp33Error('no-match', `no sequence matches '${glob}'`, {
        repair: repair ?? '`sgp33 list` shows all ids.',
      });
    }
  return all.filter(
    (s) =>
      (filter.ids.length === 0 || filter.ids.some((glob) => matchesId(glob, s))) &&
      (filter.clause === undefined ||
        s.requirements.some((r) =>
          clauseMatches(suite.requirements.get(r)?.clause ?? r, filter.clause as string),
        )) &&
      (filter.interface === undefined ||
        s.testCase.interface.split('/').some((i) => i.toLowerCase() === filter.interface?.toLowerCase())) &&
      (filter.provenance === undefined || s.provenance === filter.provenance),
  );
}

/** Conditions of steps, those of the procedures they use included: an undeclared one would leave them out in silence. */
function conditionsOf(suite: Suite, steps: readonly StepSpec[], depth = 0): Condition[] {
  return steps.flatMap((step) => [
    ...(step.applies === undefined ? [] : [step.applies]),
    ...(step.kind === 'procedure' && depth < 12
      ? conditionsOf(suite, suite.definitions.get(step.use)?.steps ?? [], depth + 1)
      : []),
  ]);
}

/** `5.9` is the clause 5.9 and those below it, not 5.91 or 15.9. */
function clauseMatches(clause: string, wanted: string): boolean {
  for (let at = clause.indexOf(wanted); at >= 0; at = clause.indexOf(wanted, at + 1))
    if (!/[\d.]$/.test(clause.slice(0, at)) && !/^\d/.test(clause.slice(at + wanted.length))) return true;
  return false;
}

/** Options that the selected sequences need and the target does not declare. */
export function undeclaredOptions(
  suite: Suite,
  sequences: readonly Sequence[],
  target: Target,
): Map<string, string[]> {
  const missing = new Map<string, string[]>();
  for (const s of sequences) {
    for (const c of [...s.applies, ...conditionsOf(suite, s.steps)])
      for (const option of optionsOf(c, suite.catalogue))
        if (!target.options.has(option)) missing.set(option, [...(missing.get(option) ?? []), s.id]);
  }
  return missing;
}

/** @throws {Sgp33Error} `undeclared-option` before anything is sent. */
export function plan(
  suite: Suite,
  sequences: readonly Sequence[],
  target: Target,
  allow: readonly Change[] = target.allow,
): Planned[] {
  const own = sequences.filter((s) => s.testCase.iut === target.iut);
  const missing = undeclaredOptions(suite, own, target);
  if (missing.size > 0)
    throw new Sgp33Error(
      'undeclared-option',
      `the target does not say whether it supports ${[...missing.keys()].join(', ')}`,
      {
        place: target.file,
        expected: [...missing]
          .map(
            ([o, ids]) =>
              `${o} (${suite.catalogue.options.get(o) ?? ''} Used by ${ids[0] ?? ''}${ids.length > 1 ? ` and ${ids.length - 1} more` : ''})`,
          )
          .join('; '),
        repair: `Add \`${[...missing.keys()][0] ?? ''}: true\` or \`false\` under options.`,
      },
    );
  return own.map((sequence) => ({ sequence, decision: decide(suite, sequence, target, allow) }));
}

const withoutTransport = ({ iut, options }: Target): boolean =>
  iut === 'eIM' && options.get('P_RUN_HTTPS') !== true && options.get('P_RUN_COAPS') !== true;

export function decide(suite: Suite, sequence: Sequence, target: Target, allow: readonly Change[]): Decision {
  if (!sequence.versions.includes(target.sgp32Version))
    return {
      kind: 'not-applicable',
      reason: `holds for SGP.32 ${sequence.versions.join(', ')}; the target has ${target.sgp32Version}`,
    };
  const against = sequence.applies.find((c) => !holds(c, suite.catalogue, target.options));
  if (against !== undefined) {
    const options = [...optionsOf(against, suite.catalogue)].map(
      (o) => `${o}=${String(target.options.get(o) ?? 'undeclared')}`,
    );
    return {
      kind: 'not-applicable',
      reason: `${conditionText(against)}${options.length > 0 ? ` (${options.join(', ')})` : ''}`,
    };
  }
  if (withoutTransport(target) && needsTransport(suite, sequence, target))
    return {
      kind: 'not-applicable',
      reason: 'is about HTTP, CoAP or TLS; the driver of the target reaches the eIM without them',
    };
  const refused = sequence.changes.filter((c) => !allow.includes(c));
  if (refused.length > 0)
    return { kind: 'not-run', reason: `changes ${refused.join(', ')}, which the target does not allow` };
  return { kind: 'run' };
}
