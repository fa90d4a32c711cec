/** The built-in IUTs on which sequences are proven, and which sequence is proven on which. */
import { matchesId, select } from '../../engine/plan.js';
import type { Sequence } from '../../engine/suite.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { targetFile } from '../load.js';
import { planRun } from '../run/plan-run.js';

/** Each sequence is proven on the first of these to which it applies. */
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
];

/** Of them those whose IUT starts a process (the host of DTLS). */
const WITH_PROCESS = ['builtin-eim-coap'];

export interface Part {
  readonly target: string;
  /** Its IUT starts a process. */
  readonly heavy: boolean;
  readonly sequences: readonly Sequence[];
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
  const taken = new Set<string>();
  const parts = plans.map(({ target, planned }) => {
    const sequences = planned
      .filter((p) => p.decision.kind === 'run' && wanted(p.sequence) && !taken.has(p.sequence.id))
      .map((p) => p.sequence);
    for (const s of sequences) taken.add(s.id);
    return { target, heavy: WITH_PROCESS.includes(target), sequences };
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
