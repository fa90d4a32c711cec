/** The suites as data, after loading and before any IUT is known. */
import type { ListenerState } from '../../drivers/eim-contract.js';
import type { Condition, OptionCatalogue } from './applicability.js';
import type { Cause, Provenance, SourcePlace } from './result.js';
import type { YMap, YNode } from './yaml/nodes.js';

export type Change = 'profiles' | 'eim-configuration' | 'addresses' | 'memory-reset' | 'devices';
export const CHANGES: readonly Change[] = [
  'profiles',
  'eim-configuration',
  'addresses',
  'memory-reset',
  'devices',
];

/** `MTD_*` builds a message, `R_*` is an expected value, `PROC_*` a list of steps. */
export interface Definition {
  readonly kind: 'method' | 'result' | 'procedure';
  readonly name: string;
  readonly place: SourcePlace;
  /** ASN.1 type of a method's message or a result's value; undefined when `use` gives it. */
  readonly type: string | undefined;
  /** The definition that this one is made from. */
  readonly use: string | undefined;
  readonly with: YMap | undefined;
  readonly params: ReadonlyMap<string, YNode>;
  readonly value: YNode | undefined;
  /** Type and value where they are others in that SGP.32 version. */
  readonly perVersion: ReadonlyMap<string, { readonly type: string | undefined; readonly value: YNode }>;
  readonly deviate: YNode | undefined;
  readonly steps: readonly StepSpec[];
  /** Path in the last answer where `expect` is matched. */
  readonly focus: string | undefined;
  readonly changes: readonly Change[];
}

export type StepSpec =
  ExchangeStep | ReceiveStep | ServeStep | ProcedureStep | CompareStep | PersonaliseStep | ServerStep;

interface StepBase {
  readonly name: string | undefined;
  readonly rq: readonly string[];
  /** The step is left out where this does not hold. */
  readonly applies: Condition | undefined;
  readonly place: SourcePlace;
}
export interface ExchangeStep extends StepBase {
  readonly kind: 'exchange';
  readonly from: string;
  readonly to: string;
  readonly request: YMap;
  readonly answer: YMap | undefined;
}
/** What the IUT sends by itself: `eIM -> S_SM-DP+`. */
export interface ReceiveStep extends StepBase {
  readonly kind: 'receive';
  readonly from: string;
  readonly to: string;
  readonly answer: YMap;
}
/**
 * What the IUT does by itself at a party that answers it: `IPAd -> S_eIM`. For `IPAd -> S_eUICC` the card has answered
 * already, and `reply` is what its answer is expected to be.
 */
export interface ServeStep extends StepBase {
  readonly kind: 'serve';
  readonly from: string;
  readonly to: string;
  readonly expected: YMap;
  readonly reply: YMap | undefined;
}
export interface ProcedureStep extends StepBase {
  readonly kind: 'procedure';
  readonly use: string;
  readonly with: YMap | undefined;
  readonly expect: YNode | undefined;
}
export interface CompareStep extends StepBase {
  readonly kind: 'compare';
  readonly left: YNode;
  readonly matcher: YNode;
}

/** Asks the target's personaliser; never judges. */
export interface PersonaliseStep extends StepBase {
  readonly kind: 'personalise';
  readonly action: string;
  readonly parameters: YMap | undefined;
}

/** How a simulated server meets what this sequence's devices make the IUT send, from here on; never judges. */
export interface ServerStep extends StepBase {
  readonly kind: 'server';
  readonly role: 'S_SM-DP+';
  readonly state: ListenerState;
}

export interface Requirement {
  readonly id: string;
  readonly clause: string;
  readonly text: string;
  readonly versions: readonly string[];
  readonly testable: boolean;
  readonly place: SourcePlace;
}

export interface Interpretation {
  readonly id: string;
  readonly clause: string;
  readonly ambiguity: string;
  readonly reading: string;
  readonly alternatives: readonly string[];
  readonly policy: 'strict' | 'lenient' | 'either';
  readonly settledBySGP33: string;
  readonly place: SourcePlace;
}

export interface Sequence {
  /** `TC_eUICC_ESep.Enable#01` */
  readonly id: string;
  readonly nr: string;
  readonly title: string;
  /** Its own, or the test case's. */
  readonly purpose: string | undefined;
  readonly testCase: TestCase;
  readonly provenance: Provenance;
  readonly applies: readonly Condition[];
  readonly versions: readonly string[];
  readonly initialConditions: readonly YMap[];
  readonly steps: readonly StepSpec[];
  /** Seeded defects on which it FAILs, with the cause where it is stated. */
  readonly kills: ReadonlyMap<string, Cause | undefined>;
  readonly requirements: readonly string[];
  readonly changes: readonly Change[];
  readonly place: SourcePlace;
}

export interface TestCase {
  readonly id: string;
  readonly title: string;
  readonly purpose: string | undefined;
  readonly basis: { readonly spec: string; readonly section: string; readonly version: string };
  readonly iut: 'eUICC' | 'IPAd' | 'eIM';
  readonly interface: string;
  readonly function: string;
  readonly sequences: readonly Sequence[];
  readonly place: SourcePlace;
}

/** A simulated eIM: what the tool signs with. Key and certificate are names in the PKI folder. */
export interface SimulatedEim {
  readonly eimId: string;
  readonly key: string;
  readonly certificate: string | undefined;
}

export interface Suite {
  readonly testCases: readonly TestCase[];
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly constants: ReadonlyMap<string, YNode>;
  readonly requirements: ReadonlyMap<string, Requirement>;
  readonly interpretations: ReadonlyMap<string, Interpretation>;
  readonly catalogue: OptionCatalogue;
  readonly eims: ReadonlyMap<string, SimulatedEim>;
}

export const allSequences = (suite: Suite): Sequence[] => suite.testCases.flatMap((t) => [...t.sequences]);
