/** What a run leaves behind, as data. The run store holds exactly this; every report is made from it. */

import type { TraceKind } from '../../drivers/contract.js';

export type Verdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'NOT_APPLICABLE' | 'NOT_RUN' | 'ERROR';

/** Why a verdict is not PASS. */
export type Cause =
  | 'wrong-value'
  | 'wrong-error-code'
  | 'signature'
  | 'missing'
  | 'unexpected'
  | 'malformed'
  | 'timeout'
  | 'initial-condition'
  | 'not-restored'
  | 'environment'
  | 'tool';

export type Provenance = 'published' | 'derived' | 'interop';

export interface SourcePlace {
  /** Relative to the package: `suites/sgp33-1-euicc/...yaml`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One reason for a verdict other than PASS. */
export interface Problem {
  readonly cause: Cause;
  /** One line, for a summary. */
  readonly message: string;
  /** ASN.1 path, with the tag and type where known. */
  readonly path?: string;
  readonly tag?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** Byte offset in the answer. */
  readonly offset?: number;
  readonly requirements: readonly string[];
  /** Clauses of those requirements, `SGP.32 5.9.1`. */
  readonly clauses: readonly string[];
  readonly place: SourcePlace;
}

export interface Note {
  readonly code: string;
  readonly text: string;
  readonly path?: string;
  readonly offset?: number;
  /** Id of the interpretation that was relied upon. */
  readonly interpretation?: string;
}

export interface Message {
  /** ASN.1 type name; absent for raw bytes. */
  readonly type?: string;
  readonly hex: string;
  /** Decoded tree, one element a line; absent when nothing could be decoded. */
  readonly tree?: string;
  readonly sw?: string;
}

export type Phase = 'initial' | 'test' | 'restore';

export interface StepResult {
  /** 1, 2, ... in the test phase; counted on its own in the others. */
  readonly number: number;
  readonly phase: Phase;
  readonly title: string;
  /** `S_IPA -> eUICC` */
  readonly direction: string;
  readonly verdict: Verdict;
  readonly requirements: readonly string[];
  readonly place: SourcePlace;
  /** Milliseconds since the sequence began. */
  readonly at: number;
  readonly durationMs: number;
  readonly request?: Message;
  readonly answer?: Message;
  /** What the step expects and what it saw, in the notation of the suites; for the side-by-side view. */
  readonly expected?: string;
  readonly actual?: string;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** Lines of the timeline that belong to the step: [from, to), counted from 0. */
  readonly events: readonly [number, number];
}

export interface SequenceResult {
  /** `TC_eUICC_ES10b.LoadEuiccPackage#01` */
  readonly id: string;
  readonly testCase: string;
  readonly nr: string;
  readonly title: string;
  readonly testCaseTitle: string;
  /** What the sequence, or else its test case, is for. */
  readonly purpose?: string;
  readonly basis: { readonly spec: string; readonly section: string; readonly version: string };
  readonly iut: 'eUICC' | 'IPAd' | 'eIM';
  readonly interface: string;
  readonly function: string;
  readonly provenance: Provenance;
  readonly requirements: readonly string[];
  readonly clauses: readonly string[];
  readonly kills: readonly string[];
  readonly target: string;
  readonly verdict: Verdict;
  /** Why it was not run, or is not applicable. */
  readonly reason?: string;
  /** The first is the one that decided the verdict. */
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  readonly interpretations: readonly string[];
  readonly steps: readonly StepResult[];
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly place: SourcePlace;
}

/** One line of `timeline.jsonl`. */
export interface TimelineEvent {
  /** Milliseconds since the sequence began. */
  readonly at: number;
  readonly kind:
    TraceKind | 'es10-request' | 'es10-response' | 'esipa-request' | 'esipa-response' | 'finding';
  readonly hex?: string;
  readonly text?: string;
}

export interface RunCounts {
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly notApplicable: number;
  readonly notRun: number;
  readonly errors: number;
}

/** `run.json` */
export interface RunInfo {
  readonly id: string;
  readonly tool: { readonly name: 'sgp33'; readonly version: string };
  readonly target: {
    readonly name: string;
    readonly iut: string;
    readonly driver: string;
    readonly file: string;
    readonly sgp32Version: string;
    readonly sgp22Version: string;
  };
  /** EID, reader, ATR, protocol, transport: whatever could be read from the IUT. */
  readonly identity: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, boolean>>;
  readonly defects: readonly string[];
  readonly allow: readonly string[];
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly counts?: RunCounts;
}

const ORDER: readonly Verdict[] = ['ERROR', 'FAIL', 'INCONCLUSIVE', 'NOT_RUN', 'PASS', 'NOT_APPLICABLE'];

/** The worst of several; PASS when there are none. */
export const worst = (verdicts: readonly Verdict[]): Verdict =>
  ORDER.find((v) => verdicts.includes(v)) ?? 'PASS';

export function countVerdicts(verdicts: readonly Verdict[]): RunCounts {
  const of = (v: Verdict): number => verdicts.filter((x) => x === v).length;
  return {
    passed: of('PASS'),
    failed: of('FAIL'),
    inconclusive: of('INCONCLUSIVE'),
    notApplicable: of('NOT_APPLICABLE'),
    notRun: of('NOT_RUN'),
    errors: of('ERROR'),
  };
}

export const sumOf = (all: readonly RunCounts[]): RunCounts => {
  const of = (key: keyof RunCounts): number => all.reduce((sum, c) => sum + c[key], 0);
  return {
    passed: of('passed'),
    failed: of('failed'),
    inconclusive: of('inconclusive'),
    notApplicable: of('notApplicable'),
    notRun: of('notRun'),
    errors: of('errors'),
  };
};

/** `N passed, N failed, N inconclusive, N not applicable, N not run, N errors` */
export const countsLine = (c: RunCounts): string =>
  `${c.passed} passed, ${c.failed} failed, ${c.inconclusive} inconclusive, ${c.notApplicable} not applicable, ${c.notRun} not run, ${c.errors} errors`;

/** Exit code of a run: 0 all passed, 1 FAIL, 2 nothing selected, 3 INCONCLUSIVE or NOT_RUN, 4 tool ERROR. */
export function exitCode(c: RunCounts): 0 | 1 | 2 | 3 | 4 {
  if (c.errors > 0) return 4;
  if (c.failed > 0) return 1;
  if (c.inconclusive > 0 || c.notRun > 0) return 3;
  return c.passed > 0 ? 0 : 2;
}
