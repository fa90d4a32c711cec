/** The steps of one sequence: messages built and sent, answers judged, variables bound. */
import type { TextValue } from '../protocol/asn1/index.js';
import { actualText, judge, type AnswerContext, type Focus } from './answer.js';
import { holds } from './applicability.js';
import { compared } from './compare-step.js';
import { procedureStep } from './condition-step.js';
import { StateError } from './fingerprint.js';
import { checkParameters, definitionOf } from './message.js';
import type { Recorder, StepEnd } from './recorder.js';
import {
  worst,
  type StepResult,
  type Note,
  type Phase,
  type Problem,
  type SourcePlace,
  type Verdict,
} from './result.js';
import { bindParameters, rootScope, type Bound, type Scope } from './scope.js';
import { answeredSeen, splitAnswered } from './serve-step.js';
import { unknownParty, type Prepared, type Seen, type SentReply, type Served, type Stage } from './stage.js';
import {
  bareAnswer,
  judgedAnswer,
  NOT_JUDGED,
  orRecorded,
  plainProblem,
  problemOf,
  troubleOf,
  verdictOf,
} from './step-problem.js';
import type { ExchangeStep, ProcedureStep, ReceiveStep, Sequence, ServeStep, StepSpec } from './suite.js';
import { playUnjudged } from './unjudged-step.js';
import { show, type YMap } from './yaml/nodes.js';

export interface StepsOutcome {
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  readonly interpretations: readonly string[];
}

/** The party of the tool that got what is compared. */
const WHO_COMPARES = { eUICC: 'S_IPA', eIM: 'S_IPA', IPAd: 'S_eIM' } as const;

/** What a procedure step lays upon the last step of its procedure. */
interface Outer {
  readonly rq: readonly string[];
  readonly focus: readonly Focus[];
  readonly place: SourcePlace;
  readonly name: string | undefined;
}

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
    const step = procedureStep(condition);
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
      case 'serve':
        return this.#serve(step, scope, phase, outer);
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
    step: ExchangeStep | ReceiveStep | ServeStep,
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
    this.stage.spoil();
    const { verdict, problem, rethrow } = troubleOf(error, rq, place, this.stage.suite);
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
    const { answer } = step;
    const { verdict, ended } = this.#judged(answer, step, scope, seen, outer, rq, place, end);
    end(ended);
    this.#take(verdict, ended.problems);
  }

  /** Judges, binds what was found where it passed, and says how the step ends. */
  #judged(
    expected: YMap | undefined,
    step: ExchangeStep | ReceiveStep | ServeStep,
    scope: Scope,
    seen: Seen,
    outer: Outer | undefined,
    rq: readonly string[],
    place: SourcePlace,
    end: (end: StepEnd) => unknown,
  ): { verdict: Verdict; ended: StepEnd } {
    const judged = orRecorded(
      () =>
        expected === undefined
          ? NOT_JUDGED
          : judge(expected, seen, this.#answerContext(scope, step), outer?.focus),
      () => (e) => end({ ...e, answer: bareAnswer(seen) }),
      place,
    );
    const problems = judged.mismatches.map((m) => problemOf(m, rq, place, this.stage.suite));
    const verdict = verdictOf(problems, rq);
    if (verdict === 'PASS') for (const [k, v] of judged.binds) this.#variables.set(k, v);
    for (const id of judged.interpretations) this.#interpretations.add(id);
    const notes = [...judged.notes, ...(seen.notes ?? [])];
    this.#notes.push(...notes);
    const focused = (outer?.focus ?? []).map((f) => `${f.path ?? ''} ${show(f.expect.node)}`.trim());
    const ended: StepEnd = {
      verdict,
      problems,
      notes,
      answer: judgedAnswer(judged, seen),
      ...(expected === undefined
        ? {}
        : {
            expected: [judged.expected, ...focused].join('\n'),
            actual: actualText(judged, seen, this.stage.version),
          }),
    };
    return { verdict, ended };
  }

  /** What an IPAd does at a party: waited for, judged, and only then answered. */
  async #serve(step: ServeStep, scope: Scope, phase: Phase, outer: Outer | undefined): Promise<void> {
    if (this.stage.serve === undefined) throw unknownParty(step.to, step.place, []);
    const { rq, place, begin } = this.#opening(step, phase, outer);
    const end = begin(`Wait for what ${step.from} does`);
    let served: Served;
    try {
      served = await this.stage.serve(step, scope, this.signal);
    } catch (error) {
      this.#endInTrouble(error, rq, place, end);
      return;
    }
    const { now, afterwards } = splitAnswered(step.expected);
    const first = this.#judged(now, step, scope, served.seen, outer, rq, place, end);
    // What the card answered is none of the IPAd's doing.
    const { response } = served;
    const second =
      first.verdict !== 'PASS' || response === undefined || step.reply === undefined
        ? undefined
        : this.#judged(step.reply, step, scope, response, undefined, [], place, end);
    const good = first.verdict === 'PASS' && (second?.verdict ?? 'PASS') === 'PASS';
    let sent: SentReply | undefined;
    try {
      if (good) sent = await served.reply(scope);
      else await served.refuse();
    } catch (error) {
      end({ ...first.ended, verdict: 'ERROR', problems: [plainProblem('tool', error, place)] });
      throw error;
    }
    for (const [k, v] of sent?.variables ?? []) this.#variables.set(k, v);
    const third =
      sent === undefined || afterwards === undefined
        ? undefined
        : this.#judged(afterwards, step, scope, answeredSeen(sent), undefined, rq, place, end);
    const verdict = worst([first, second, third].map((j) => j?.verdict ?? 'PASS'));
    const problems = [first, second, third].flatMap((j) => j?.ended.problems ?? []);
    end({
      ...first.ended,
      verdict,
      problems,
      ...(sent?.message === undefined ? {} : { request: sent.message }),
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

  async #compare(step: Extract<StepSpec, { kind: 'compare' }>, scope: Scope, phase: Phase): Promise<void> {
    const rq = phase === 'test' ? step.rq : [];
    const end = this.recorder.step({
      phase,
      title: step.name ?? `Compare ${show(step.left)} with ${show(step.matcher)}`,
      direction: WHO_COMPARES[this.sequence.testCase.iut],
      requirements: rq,
      place: step.place,
    });
    const { value, mismatches, binds } = orRecorded(
      () => compared(step, scope, this.#variables),
      () => end,
      step.place,
    );
    for (const [k, v] of binds) this.#variables.set(k, v);
    const problems = mismatches.map((m) => problemOf(m, rq, step.place, this.stage.suite));
    const verdict = verdictOf(problems, rq);
    end({ verdict, problems, expected: show(step.matcher), actual: value });
    this.#take(verdict, problems);
  }

  #answerContext(scope: Scope, step: ExchangeStep | ReceiveStep | ServeStep): AnswerContext {
    const { suite, version, target } = this.stage;
    return {
      suite,
      version,
      scope,
      keys: this.stage.keysOf(step),
      policy: (id) => target.interpretations.get(id) ?? suite.interpretations.get(id)?.policy ?? 'either',
    };
  }

  #take(verdict: Verdict, problems: readonly Problem[]): void {
    this.#verdict = worst([this.#verdict, verdict]);
    this.#problems.push(...problems);
  }
}
