/** The steps of one sequence: messages built and sent, answers judged, variables bound. */
import { TransportError } from '../../drivers/contract.js';
import { Sgp33Error } from '../protocol/errors.js';
import { renderTree, utf8, type TextValue } from '../protocol/asn1/index.js';
import { actualText, judge, type AnswerContext, type Focus, type Judged } from './answer.js';
import { holds } from './applicability.js';
import { EimBook } from './eim-book.js';
import { StateError } from './fingerprint.js';
import { match, type Mismatch } from './match.js';
import { checkParameters, definitionOf } from './message.js';
import type { Recorder, StepEnd } from './recorder.js';
import {
  worst,
  type StepResult,
  type Message,
  type Note,
  type Phase,
  type Problem,
  type SourcePlace,
  type Verdict,
} from './result.js';
import { bindParameters, rootScope, textOf, type Bound, type Scope } from './scope.js';
import type { Prepared, Seen, Stage } from './stage.js';
import { bareAnswer, NOT_JUDGED, orRecorded, plainProblem, verdictOf } from './step-problem.js';
import type { ExchangeStep, ProcedureStep, ReceiveStep, Sequence, StepSpec } from './suite.js';
import { playUnjudged } from './unjudged-step.js';
import { asMap, asText, find, show, type YMap } from './yaml/nodes.js';

export interface StepsOutcome {
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  readonly interpretations: readonly string[];
}

/** What a procedure step lays upon the last step of its procedure. */
interface Outer {
  readonly rq: readonly string[];
  readonly focus: readonly Focus[];
  readonly place: SourcePlace;
  readonly name: string | undefined;
}

/** A comparison is about texts. */
const NO_KEYS = { eims: new EimBook(new Map()), euiccCertificate: () => undefined };

/** Codes of what can not be done on this target: an operation that it does not map, a message that JSON can not carry. */
const NOT_OFFERED = /^(?:operation-not-mapped|management-|not-in-json|notifications-unavailable)/;

export class StepRunner {
  /** Set when a step asked the personaliser. */
  personalised = false;
  readonly #variables = new Map<string, TextValue>();
  readonly #notes: Note[] = [];
  readonly #problems: Problem[] = [];
  readonly #interpretations = new Set<string>();
  #verdict: Verdict = 'PASS';

  constructor(
    readonly sequence: Sequence,
    readonly stage: Stage,
    readonly recorder: Recorder,
    readonly signal: AbortSignal,
  ) {}

  /** Runs until the first step that does not pass. @throws {TransportError} for what is not the IUT's fault. */
  async run(): Promise<StepsOutcome> {
    const scope = rootScope(this.stage.constants, this.#variables);
    for (const step of this.sequence.steps) {
      await this.#step(step, scope, 'test', undefined);
      if (this.#verdict !== 'PASS') break;
    }
    return this.outcome;
  }

  /** What there is so far; also after `run` threw. */
  get outcome(): StepsOutcome {
    return {
      verdict: this.#verdict,
      problems: this.#problems,
      notes: this.#notes,
      interpretations: [...this.#interpretations],
    };
  }

  /** `{ use: PROC_X, with }` among the initial conditions. @throws {StateError} when it does not pass. */
  async procedureAsCondition(condition: YMap): Promise<void> {
    const use = find(condition, 'use');
    const given = find(condition, 'with');
    const step: ProcedureStep = {
      kind: 'procedure',
      use: use === undefined ? '' : asText(use, 'use'),
      with: given === undefined ? undefined : asMap(given, 'with'),
      expect: undefined,
      name: undefined,
      rq: [],
      applies: undefined,
      place: condition.place,
    };
    await this.#step(step, rootScope(this.stage.constants, this.#variables), 'initial', undefined);
    if (this.#verdict === 'PASS') return;
    throw new StateError(this.#problems[0]?.message ?? `${step.use} did not pass`);
  }

  async #step(step: StepSpec, scope: Scope, phase: Phase, outer: Outer | undefined): Promise<void> {
    if (this.#verdict !== 'PASS') return;
    const { suite, target } = this.stage;
    if (step.applies !== undefined && !holds(step.applies, suite.catalogue, target.options)) return;
    switch (step.kind) {
      case 'procedure':
        return this.#procedure(step, scope, phase, outer);
      case 'exchange':
        return this.#exchange(step, scope, phase, outer);
      case 'receive':
        return this.#receive(step, scope, phase, outer);
      case 'compare':
        return this.#compare(step, scope, phase);
      case 'personalise':
      case 'server': {
        this.personalised ||= step.kind === 'personalise';
        const { stage, recorder, signal } = this;
        const problem = await playUnjudged(step, scope, { stage, recorder, phase, signal });
        if (problem !== undefined) this.#take('INCONCLUSIVE', [problem]);
        return;
      }
    }
  }

  async #procedure(step: ProcedureStep, scope: Scope, phase: Phase, above: Outer | undefined): Promise<void> {
    const definition = definitionOf(this.stage.suite, 'procedure', step.use, step.place);
    checkParameters(this.stage.suite, definition, step.with, step.place);
    const given = new Map<string, Bound>(step.with?.entries.map((e) => [e.key, { node: e.value, scope }]));
    const inner = bindParameters(definition, given, scope);
    const last = definition.steps[definition.steps.length - 1];
    for (const s of definition.steps) {
      const outer: Outer | undefined =
        s !== last
          ? undefined
          : {
              rq: [...step.rq, ...(above?.rq ?? [])],
              focus: [
                ...(step.expect === undefined
                  ? []
                  : [{ path: definition.focus, expect: { node: step.expect, scope } }]),
                ...(above?.focus ?? []),
              ],
              place: above?.place ?? step.place,
              name: step.name ?? above?.name,
            };
      await this.#step(s, inner, phase, outer);
    }
  }

  async #exchange(step: ExchangeStep, scope: Scope, phase: Phase, outer: Outer | undefined): Promise<void> {
    const { rq, place, begin } = this.#opening(step, phase, outer);
    const prepared: Prepared = orRecorded(
      () => this.stage.prepare(step, scope),
      () => begin(`${step.from} -> ${step.to}`),
      place,
    );
    const end = begin(prepared.title);
    const request = prepared.message === undefined ? {} : { request: prepared.message };
    let seen: Seen;
    try {
      seen = await prepared.send(this.signal);
    } catch (error) {
      this.#endInTrouble(error, rq, place, (e) => end({ ...e, ...request }));
      return;
    }
    const { variables, then } = prepared.after(seen);
    for (const [name, value] of variables) this.#variables.set(name, value);
    this.#conclude(step, scope, seen, outer, rq, place, (e) => end({ ...e, ...request }));
    if (then !== undefined) await this.#follow(then, phase, place);
  }

  /** What the IUT sends by itself. */
  async #receive(step: ReceiveStep, scope: Scope, phase: Phase, outer: Outer | undefined): Promise<void> {
    const { rq, place, begin } = this.#opening(step, phase, outer);
    const end = begin(`Wait for what ${step.from} sends`);
    let seen: Seen;
    try {
      seen = await this.stage.receive(step, scope, this.signal);
    } catch (error) {
      this.#endInTrouble(error, rq, place, end);
      return;
    }
    this.#conclude(step, scope, seen, outer, rq, place, end);
  }

  #opening(
    step: ExchangeStep | ReceiveStep,
    phase: Phase,
    outer: Outer | undefined,
  ): { rq: readonly string[]; place: SourcePlace; begin: (title: string) => (end: StepEnd) => StepResult } {
    // Nothing that goes before the test is judged.
    const rq = phase === 'test' ? [...step.rq, ...(outer?.rq ?? [])] : [];
    const place = outer?.place ?? step.place;
    const begin = (title: string): ((end: StepEnd) => StepResult) =>
      this.recorder.step({
        phase,
        title: outer?.name ?? step.name ?? title,
        direction: `${step.from} -> ${step.to}`,
        requirements: rq,
        place,
      });
    return { rq, place, begin };
  }

  #endInTrouble(
    error: unknown,
    rq: readonly string[],
    place: SourcePlace,
    end: (end: StepEnd) => unknown,
  ): void {
    const { verdict, problem, rethrow } = this.#trouble(error, rq, place);
    end({ verdict, problems: [problem] });
    if (rethrow) throw error;
    this.#take(verdict, [problem]);
  }

  #conclude(
    step: ExchangeStep | ReceiveStep,
    scope: Scope,
    seen: Seen,
    outer: Outer | undefined,
    rq: readonly string[],
    place: SourcePlace,
    end: (end: StepEnd) => unknown,
  ): void {
    const judged = orRecorded(
      () =>
        step.answer === undefined
          ? NOT_JUDGED
          : judge(step.answer, seen, this.#answerContext(scope, step), outer?.focus),
      () => (e) => end({ ...e, answer: bareAnswer(seen) }),
      place,
    );
    const problems = judged.mismatches.map((m) => this.#problem(m, rq, place));
    const verdict = verdictOf(problems, rq);
    if (verdict === 'PASS') for (const [k, v] of judged.binds) this.#variables.set(k, v);
    for (const id of judged.interpretations) this.#interpretations.add(id);
    this.#notes.push(...judged.notes);
    const focused = (outer?.focus ?? []).map((f) => `${f.path ?? ''} ${show(f.expect.node)}`.trim());
    end({
      verdict,
      problems,
      notes: judged.notes,
      answer: this.#answer(judged, seen),
      ...(step.answer === undefined
        ? {}
        : {
            expected: [judged.expected, ...focused].join('\n'),
            actual: actualText(judged, seen, this.stage.version),
          }),
    });
    this.#take(verdict, problems);
  }

  /** What has to follow an exchange, as a step of its own. */
  async #follow(
    then: NonNullable<ReturnType<Prepared['after']>['then']>,
    phase: Phase,
    place: SourcePlace,
  ): Promise<void> {
    const { title, direction } = then;
    const end = this.recorder.step({ phase, title, direction, requirements: [], place });
    try {
      await then.run(this.signal);
      end({ verdict: 'PASS', problems: [] });
    } catch (error) {
      end({ verdict: 'INCONCLUSIVE', problems: [plainProblem('environment', error, place)] });
      throw error;
    }
  }

  #answer(judged: Judged, seen: Seen): Message {
    return {
      ...bareAnswer(seen),
      ...(judged.type === undefined ? {} : { type: judged.type }),
      ...(judged.decoded?.node === undefined ? {} : { tree: renderTree(judged.decoded.node) }),
    };
  }

  async #compare(step: Extract<StepSpec, { kind: 'compare' }>, scope: Scope, phase: Phase): Promise<void> {
    const rq = phase === 'test' ? step.rq : [];
    const end = this.recorder.step({
      phase,
      title: step.name ?? `Compare ${show(step.left)} with ${show(step.matcher)}`,
      direction: 'S_IPA',
      requirements: rq,
      place: step.place,
    });
    const { value, mismatches } = orRecorded(
      () => {
        const value = textOf(step.left, scope, 'compare');
        const binds = new Map(this.#variables);
        const mismatches = match(
          { node: step.matcher, scope },
          { type: utf8(), value, node: undefined, path: show(step.left) },
          { keys: NO_KEYS, binds },
        );
        if (mismatches.length === 0) for (const [k, v] of binds) this.#variables.set(k, v);
        return { value, mismatches };
      },
      () => end,
      step.place,
    );
    const problems = mismatches.map((m) => this.#problem(m, rq, step.place));
    const verdict = verdictOf(problems, rq);
    end({ verdict, problems, expected: show(step.matcher), actual: value });
    this.#take(verdict, problems);
  }

  #answerContext(scope: Scope, step: ExchangeStep | ReceiveStep): AnswerContext {
    const { suite, version, target } = this.stage;
    return {
      suite,
      version,
      scope,
      keys: this.stage.keysOf(step),
      policy: (id) => target.interpretations.get(id) ?? suite.interpretations.get(id)?.policy ?? 'either',
    };
  }

  #problem(m: Mismatch, rq: readonly string[], place: SourcePlace): Problem {
    return {
      cause: m.cause,
      message: `${m.path}: expected ${m.expected}, got ${m.actual}`,
      path: m.path,
      ...(m.tag === undefined ? {} : { tag: m.tag }),
      expected: m.expected,
      actual: m.actual,
      ...(m.offset === undefined ? {} : { offset: m.offset }),
      requirements: rq,
      clauses: this.#clauses(rq),
      place,
    };
  }

  #clauses(rq: readonly string[]): string[] {
    return [...new Set(rq.map((id) => this.stage.suite.requirements.get(id)?.clause ?? id))];
  }

  /** A card that does not answer a judged command FAILs; a card or reader that is gone never does. */
  #trouble(
    error: unknown,
    rq: readonly string[],
    place: SourcePlace,
  ): { verdict: Verdict; problem: Problem; rethrow: boolean } {
    const judged = rq.length > 0;
    this.stage.spoil();
    if (error instanceof TransportError && error.code === 'timeout')
      return {
        verdict: judged ? 'FAIL' : 'INCONCLUSIVE',
        problem: { ...plainProblem('timeout', error, place), requirements: rq, clauses: this.#clauses(rq) },
        rethrow: false,
      };
    // What the target does not offer is no fault of the IUT's, nor of the tool.
    if (error instanceof Sgp33Error && NOT_OFFERED.test(error.code))
      return { verdict: 'INCONCLUSIVE', problem: plainProblem('environment', error, place), rethrow: false };
    if (!(error instanceof TransportError))
      return { verdict: 'ERROR', problem: plainProblem('tool', error, place), rethrow: true };
    return { verdict: 'INCONCLUSIVE', problem: plainProblem('environment', error, place), rethrow: true };
  }

  #take(verdict: Verdict, problems: readonly Problem[]): void {
    this.#verdict = worst([this.#verdict, verdict]);
    this.#problems.push(...problems);
  }
}
