/** The built-in IUTs on which sequences are proven, and which sequence is proven on which. */
import { matchesId, select } from '../../engine/plan.js';
import type { Sequence } from '../../engine/suite.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { targetFile } from '../load.js';
import { planRun } from '../run/plan-run.js';
import { defectsOfTarget, ownDefectsOfTarget } from './known-defects.js';

/**
 * Each sequence is proven on the first of these to which it applies; what it kills of defects that only another can show
 * (of the JSON binding, of CoAP), on that one too.
 */
export const TARGETS = [
  'builtin-euicc',
  'builtin-euicc-ipae',
  'builtin-eim-in-process',
  'builtin-eim',
  'builtin-eim-json',
  'builtin-eim-coap',
  'builtin-eim-brp',
  'builtin-eim-choices',
  'builtin-eim-v101',
  'builtin-eim-v101-coap',
  'builtin-ipad',
  'builtin-ipad-choices',
  'builtin-ipad-start',
  'builtin-ipad-direct',
  'builtin-ipad-json',
  'builtin-ipad-v101',
  'builtin-ipad-injection',
  'builtin-ipad-coap',
];

/** Of them those whose IUT starts a process (the host of DTLS). */
const WITH_PROCESS = ['builtin-eim-coap', 'builtin-ipad-coap'];

export interface Part {
  readonly target: string;
  /** Its IUT starts a process. */
  readonly heavy: boolean;
  readonly sequences: readonly Sequence[];
  /** Ids of those that were proven on a target before; here only {@link ownDefectsOfTarget} matter to them. */
  readonly again: ReadonlySet<string>;
}

export interface Partition {
  /** Folder of `suites/`. */
  readonly root: string;
  readonly parts: readonly Part[];
  /** Those to which none of the targets applies. */
  readonly left: readonly { readonly sequence: Sequence; readonly reason: string }[];
}

/**
 * @param names of {@link TARGETS}; none: all of them.
 * @param ids globs; none: every sequence.
 * @throws {Sgp33Error} `target-not-found`, `no-match`, and those of `planRun`.
 */
export function partition(names: readonly string[], ids: readonly string[] = []): Partition {
  const unknown = names.find((name) => !TARGETS.includes(name));
  if (unknown !== undefined)
    throw new Sgp33Error('target-not-found', 'teeth proves sequences on built-in targets', {
      place: unknown,
      expected: TARGETS.join(', '),
    });
  const plans = TARGETS.filter((target) => names.length === 0 || names.includes(target)).map((target) => ({
    ...planRun({ target: targetFile(target), filter: { ids: [] }, defects: [] }),
    target,
  }));
  if (plans[0] !== undefined) select(plans[0].suite, { ids });
  const wanted = (s: Sequence): boolean => ids.length === 0 || ids.some((glob) => matchesId(glob, s));
  /** Where each was taken. */
  const taken = new Map<string, string[]>();
  const shown = (s: Sequence, defect: string): boolean =>
    (taken.get(s.id) ?? []).some((target) => ownDefectsOfTarget(target).includes(defect));
  const parts = plans.map(({ target, planned }) => {
    const own = ownDefectsOfTarget(target);
    const here = planned
      .filter((p) => p.decision.kind === 'run' && wanted(p.sequence))
      .map((p) => p.sequence);
    const again = here.filter((s) => taken.has(s.id) && own.some((d) => s.kills.has(d) && !shown(s, d)));
    const sequences = [...here.filter((s) => !taken.has(s.id)), ...again];
    for (const s of sequences) taken.set(s.id, [...(taken.get(s.id) ?? []), target]);
    return {
      target,
      heavy: WITH_PROCESS.includes(target),
      sequences,
      again: new Set(again.map(({ id }) => id)),
    };
  });
  const left = new Map<string, { sequence: Sequence; reason: string }>();
  for (const { sequence, decision } of plans.flatMap((p) => p.planned))
    if (decision.kind !== 'run' && wanted(sequence) && !taken.has(sequence.id) && !left.has(sequence.id))
      left.set(sequence.id, { sequence, reason: decision.reason });
  return {
    root: plans[0]?.root ?? '',
    parts: parts.filter((p) => p.sequences.length > 0),
    left: [...left.values()],
  };
}

/** Whether a sequence is to be proven with this defect there, and not on another target. */
export function concerns(
  { target, again }: Pick<Part, 'target' | 'again'>,
  sequence: Sequence,
  defect: string,
): boolean {
  if (again.has(sequence.id)) return ownDefectsOfTarget(target).includes(defect);
  return defectsOfTarget(target, sequence.testCase.iut).includes(defect);
}
