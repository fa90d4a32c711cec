/** The steps of one sequence: messages built and sent, answers judged, variables bound. */
import { TransportError, type EuiccRequest, type Observation } from '../../drivers/contract.js';
import { bytesToHex, renderTree, utf8, type TextValue } from '../protocol/asn1/index.js';
import { actualText, judge, swText, type AnswerContext, type Focus, type Judged } from './answer.js';
import { holds } from './applicability.js';
import { personalise } from './conditions.js';
import { evaluateData } from './evaluate.js';
import { StateError } from './fingerprint.js';
import { learn } from './learn.js';
import { match, type Mismatch } from './match.js';
import { checkParameters, definitionOf } from './message.js';
import { switchesProfile } from './profile-switch.js';
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
import type { Session } from './session.js';
import { bareAnswer, lastReset, NOT_JUDGED, orRecorded, plainProblem, verdictOf } from './step-problem.js';
import { stepRequest } from './step-request.js';
import type { ExchangeStep, ProcedureStep, Sequence, StepSpec } from './suite.js';
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
    readonly session: Session,
    readonly recorder: Recorder,
    readonly signal: AbortSignal,
  ) {}

  /** Runs until the first step that does not pass. @throws {TransportError} for what is not the IUT's fault. */
  async run(): Promise<StepsOutcome> {
    const scope = rootScope(this.session.constants, this.#variables);
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
    await this.#step(step, rootScope(this.session.constants, this.#variables), 'initial', undefined);
    if (this.#verdict === 'PASS') return;
    throw new StateError(this.#problems[0]?.message ?? `${step.use} did not pass`);
  }

  async #step(step: StepSpec, scope: Scope, phase: Phase, outer: Outer | undefined): Promise<void> {
    if (this.#verdict !== 'PASS') return;
    const { suite, target } = this.session;
    if (step.applies !== undefined && !holds(step.applies, suite.catalogue, target.options)) return;
    switch (step.kind) {
      case 'procedure':
        return this.#procedure(step, scope, phase, outer);
      case 'exchange':
        return this.#exchange(step, scope, phase, outer);
      case 'compare':
        return this.#compare(step, scope, phase);
      case 'personalise':
        this.personalised = true;
        return this.#personalise(step, scope, phase);
    }
  }

  async #procedure(step: ProcedureStep, scope: Scope, phase: Phase, above: Outer | undefined): Promise<void> {
    const definition = definitionOf(this.session.suite, 'procedure', step.use, step.place);
    checkParameters(this.session.suite, definition, step.with, step.place);
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
    const built = orRecorded(
      () => stepRequest(step.request, scope, this.session),
      () => begin(`${step.from} -> ${step.to}`),
      place,
    );
    const end = begin(built.title);
    const request = built.message === undefined ? {} : { request: built.message };
    let observation: Observation;
    try {
      observation = await this.session.exchange(built.request, this.signal);
    } catch (error) {
      const { verdict, problem, rethrow } = this.#trouble(error, rq, place);
      end({ verdict, problems: [problem], ...request });
      if (rethrow) throw error;
      this.#take(verdict, [problem]);
      return;
    }
    const switched = this.#afterExchange(step, built.request, observation);
    const judged = orRecorded(
      () => this.#judge(step, scope, built.request, observation, outer),
      () => (e) => end({ ...e, ...request, answer: bareAnswer(observation) }),
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
      ...request,
      answer: this.#answer(judged, observation),
      ...(step.answer === undefined
        ? {}
        : {
            expected: [judged.expected, ...focused].join('\n'),
            actual: actualText(judged, observation, this.session.version),
          }),
    });
    this.#take(verdict, problems);
    if (switched) await this.#resetAsDevice(phase, place);
  }

  /** A reader has no modem that acts on REFRESH: the reset stands for it (SGP.32 3.4.1). */
  async #resetAsDevice(phase: Phase, place: SourcePlace): Promise<void> {
    const end = this.recorder.step({
      phase,
      title: 'Reset, as a device does on REFRESH',
      direction: 'S_IPA -> eUICC',
      requirements: [],
      place,
    });
    try {
      await this.session.exchange({ kind: 'reset' }, this.signal);
      end({ verdict: 'PASS', problems: [] });
    } catch (error) {
      end({ verdict: 'INCONCLUSIVE', problems: [plainProblem('environment', error, place)] });
      throw error;
    }
  }

  /** What is known of the card after an exchange, whatever the answer is worth. True: the device must reset it. */
  #afterExchange(step: ExchangeStep, request: EuiccRequest, observation: Observation): boolean {
    if (request.kind === 'apdu' || (request.kind === 'reset' && request.start === false))
      this.session.dirty = true;
    if (request.kind === 'reset' && request.start !== false) this.session.dirty = false;
    if (request.kind !== 'es10') return false;
    const save = find(step.request, 'save');
    if (save !== undefined) this.#variables.set(asText(save, 'save'), bytesToHex(request.data));
    const learned = learn(this.session, request.data, observation.data);
    if (learned.counter !== undefined) this.#variables.set('COUNTER', learned.counter);
    return (
      this.session.target.resetAfterSwitch &&
      find(step.request, 'refresh') === undefined &&
      switchesProfile(learned.function?.name, learned.decoded?.value)
    );
  }

  #judge(
    step: ExchangeStep,
    scope: Scope,
    request: EuiccRequest,
    observation: Observation,
    outer: Outer | undefined,
  ): Judged {
    if (step.answer === undefined) return NOT_JUDGED;
    const atr = request.kind === 'reset' ? lastReset(observation) : undefined;
    return judge(step.answer, observation, atr, this.#answerContext(scope), outer?.focus);
  }

  #answer(judged: Judged, observation: Observation): Message {
    return {
      ...(judged.type === undefined ? {} : { type: judged.type }),
      hex: bytesToHex(observation.data),
      ...(judged.decoded?.node === undefined ? {} : { tree: renderTree(judged.decoded.node) }),
      sw: swText(observation.sw),
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
          { keys: this.#keys, binds },
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

  async #personalise(
    step: Extract<StepSpec, { kind: 'personalise' }>,
    scope: Scope,
    phase: Phase,
  ): Promise<void> {
    const end = this.recorder.step({
      phase,
      title: step.name ?? `Personaliser: ${step.action}`,
      direction: 'S_IPA -> personaliser',
      requirements: [],
      place: step.place,
    });
    const parameters =
      step.parameters === undefined ? {} : evaluateData(step.parameters, { scope, eims: this.session.eims });
    try {
      await personalise(
        this.session,
        { action: step.action, parameters: parameters as { [key: string]: TextValue } },
        this.signal,
      );
      end({ verdict: 'PASS', problems: [] });
    } catch (error) {
      const problem = plainProblem('initial-condition', error, step.place);
      end({ verdict: 'INCONCLUSIVE', problems: [problem] });
      if (!(error instanceof StateError)) throw error;
      this.#take('INCONCLUSIVE', [problem]);
    }
  }

  get #keys(): AnswerContext['keys'] {
    return { eims: this.session.eims, euiccCertificate: (ci) => this.session.euiccCertificate(ci) };
  }

  #answerContext(scope: Scope): AnswerContext {
    const { suite, version, target } = this.session;
    return {
      suite,
      version,
      scope,
      keys: this.#keys,
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
    return [...new Set(rq.map((id) => this.session.suite.requirements.get(id)?.clause ?? id))];
  }

  /** A card that does not answer a judged command FAILs; a card or reader that is gone never does. */
  #trouble(
    error: unknown,
    rq: readonly string[],
    place: SourcePlace,
  ): { verdict: Verdict; problem: Problem; rethrow: boolean } {
    const judged = rq.length > 0;
    this.session.dirty = true;
    if (error instanceof TransportError && error.code === 'timeout')
      return {
        verdict: judged ? 'FAIL' : 'INCONCLUSIVE',
        problem: { ...plainProblem('timeout', error, place), requirements: rq, clauses: this.#clauses(rq) },
        rethrow: false,
      };
    if (!(error instanceof TransportError))
      return { verdict: 'ERROR', problem: plainProblem('tool', error, place), rethrow: true };
    return { verdict: 'INCONCLUSIVE', problem: plainProblem('environment', error, place), rethrow: true };
  }

  #take(verdict: Verdict, problems: readonly Problem[]): void {
    this.#verdict = worst([this.#verdict, verdict]);
    this.#problems.push(...problems);
  }
}
