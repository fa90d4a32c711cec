/** What a run will do, decided before anything is sent; made again, the same, in the worker. */
import type { Target } from '../../engine/load-target.js';
import { plan, select, type Filter, type Planned } from '../../engine/plan.js';
import { EimSession } from '../../engine/eim-session.js';
import { IpadSession } from '../../engine/ipad-session.js';
import type { AnySession } from '../../engine/run-sequence.js';
import { Session } from '../../engine/session.js';
import { CHANGES, type Change } from '../../engine/suite.js';
import { meant } from '../../protocol/did-you-mean.js';
import type { DefectObserver } from '../../simulators/defect-set.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { pkiName } from '../../engine/message.js';
import { driverForTarget } from '../drivers/driver-for-target.js';
import { loadAll, pkiDirectory, pkiOf, type Loaded } from '../load.js';

/** All of it can be sent to a worker as JSON. */
export interface RunRequest {
  readonly target: string;
  readonly filter: Filter;
  /** Undefined: what the target allows. */
  readonly allow?: readonly Change[];
  readonly defects: readonly string[];
  /** The card that was seen first; the driver takes no other. */
  readonly eid?: string;
}

export interface PlannedRun extends Loaded {
  readonly planned: readonly Planned[];
  readonly allow: readonly Change[];
  readonly defects: readonly string[];
}

/**
 * Loads suite and target and decides about each selected sequence. Sends nothing.
 * @throws {Sgp33Error} for any mistake in them, `no-match`, `nothing-selected`, `undeclared-option`.
 */
export function planRun(request: RunRequest): PlannedRun {
  const loaded = loadAll(request.target);
  const { suite, target } = loaded;
  checkFilter(request.filter, loaded);
  const allow = request.allow ?? target.allow;
  const planned = plan(suite, select(suite, request.filter), target, allow);
  if (planned.length === 0)
    throw new Sgp33Error('nothing-selected', `no sequence for an ${target.iut} is selected`, {
      actual: describeFilter(request.filter),
      repair: '`sgp33 list` shows all ids, `sgp33 list --json` their requirements too.',
    });
  return { ...loaded, planned, allow, defects: [...new Set([...target.defects, ...request.defects])] };
}

/** The session of a planned run, with the driver of its target; nothing is sent yet. */
export function sessionFor(
  run: PlannedRun,
  {
    eid,
    defectObserver,
  }: { readonly eid?: string | undefined; readonly defectObserver?: DefectObserver } = {},
): AnySession {
  const { root, suite, target, defects } = run;
  const pki = pkiOf(target, root);
  // A key that is missing is told now, and not by the first sequence that signs with it.
  for (const eim of suite.eims.values()) pki.privateKey(pkiName(eim.key));
  const driver = driverForTarget(target, {
    root,
    defects,
    pki: pkiDirectory(target, root),
    ...(eid === undefined ? {} : { eid }),
    ...(defectObserver === undefined ? {} : { defectObserver }),
  });
  switch (driver.kind) {
    case 'eIM':
      return new EimSession({ suite, target, driver, pki });
    case 'IPAd':
      return new IpadSession({ suite, target, driver, pki });
    case 'eUICC':
      return new Session({ suite, target, driver, pki });
  }
}

/** `profiles,eim-configuration` of the command line. @throws {Sgp33Error} `unknown-change`. */
export function changesOf(text: string): Change[] {
  return text
    .split(',')
    .map((t) => t.trim())
    .filter((t) => t !== '')
    .map((word) => {
      const change = CHANGES.find((c) => c === word);
      if (change !== undefined) return change;
      const repair = meant(word, CHANGES);
      throw new Sgp33Error('unknown-change', `'${word}' is nothing that can be allowed`, {
        place: '--allow',
        expected: CHANGES.join(', '),
        ...(repair === undefined ? {} : { repair }),
      });
    });
}

/** A clause, interface or provenance that no sequence has is a mistake of typing. */
function checkFilter(filter: Filter, { suite }: Loaded): void {
  const cases = suite.testCases;
  const known: [string, string | undefined, string[]][] = [
    ['--interface', filter.interface, cases.flatMap((t) => t.interface.split('/'))],
    ['--provenance', filter.provenance, cases.flatMap((t) => t.sequences.map((s) => s.provenance))],
  ];
  for (const [option, value, values] of known) {
    if (value === undefined || values.some((v) => v.toLowerCase() === value.toLowerCase())) continue;
    const repair = meant(value, values);
    throw new Sgp33Error('no-match', `no sequence has '${value}'`, {
      place: option,
      expected: [...new Set(values)].sort().join(', '),
      ...(repair === undefined ? {} : { repair }),
    });
  }
}

function describeFilter(filter: Filter): string {
  const parts = [
    ...filter.ids,
    ...(filter.clause === undefined ? [] : [`--clause ${filter.clause}`]),
    ...(filter.interface === undefined ? [] : [`--interface ${filter.interface}`]),
    ...(filter.provenance === undefined ? [] : [`--provenance ${filter.provenance}`]),
  ];
  return parts.join(' ') || 'no filter';
}

/** What can not be given back after the planned sequences, in words; empty when nothing is changed. */
export function irreversible(planned: readonly Planned[], target: Target): string[] {
  const changes = new Set(planned.flatMap((p) => (p.decision.kind === 'run' ? p.sequence.changes : [])));
  const lines: string[] = [];
  if (changes.has('eim-configuration') || changes.has('memory-reset'))
    lines.push('associationToken: each association takes a new one, the counter of tokens goes up');
  if (changes.has('eim-configuration') || changes.has('profiles'))
    lines.push(
      'counterValue of the Associated eIMs goes up; an eIM of yours is associated anew with the counter that was read',
      'seqNumber of Notifications and eUICC Package Results goes up',
    );
  if (changes.has('profiles'))
    lines.push('Profiles that a sequence deletes come back only by the personaliser of the target');
  if (changes.has('devices'))
    lines.push(
      'devices with EIDs of their own are made known to the eIM and get orders; they are removed where the target maps removeDevice',
    );
  if (changes.has('memory-reset')) lines.push('eUICCMemoryReset removes the data that a sequence names');
  return lines.map((line) => `${line} (${target.name})`);
}
