/** The steps of one sequence: messages built and sent, answers judged, variables bound. */
import { TransportError, type EuiccRequest, type Observation } from '../../drivers/contract.js';
import { bytesToHex, decode, hexToBytes, renderTree, utf8, type TextValue } from '../protocol/asn1/index.js';
import { typeByName } from '../protocol/types/index.js';
import { actualText, judge, swText, type AnswerContext, type Focus, type Judged } from './answer.js';
import { holds } from './applicability.js';
import { personalise } from './conditions.js';
import { evaluateData } from './evaluate.js';
import { StateError } from './fingerprint.js';
import { learn } from './learn.js';
import { match, type Mismatch } from './match.js';
import { buildMessage, checkParameters, definitionOf, unfold } from './message.js';
import type { Recorder } from './recorder.js';
import { worst, type Message, type Note, type Phase, type Problem, type SourcePlace, type Verdict } from './result.js';
import { bindParameters, rootScope, textOf, type Bound, type Scope } from './scope.js';
import type { Session } from './session.js';
import type { ExchangeStep, ProcedureStep, Sequence, StepSpec } from './suite.js';
import { asMap, asText, find, onlyKeys, show, SuiteError, type YMap } from './yaml/nodes.js';

export interface StepsOutcome {
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  readonly interpretations: readonly string[];
}

/** What a procedure step lays upon the last step of its procedure. */
interface Outer {
  readonly rq: readonly string[];
  readonly focus: Focus | undefined;
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
    return { verdict: this.#verdict, problems: this.#problems, notes: this.#notes, interpretations: [...this.#interpretations] };
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
              focus: step.expect === undefined ? above?.focus : { path: definition.focus, expect: { node: step.expect, scope } },
              place: above?.place ?? step.place,
              name: step.name ?? above?.name,
            };
      await this.#step(s, inner, phase, outer);
    }
  }

  async #exchange(step: ExchangeStep, scope: Scope, phase: Phase, outer: Outer | undefined): Promise<void> {
    const rq = [...step.rq, ...(outer?.rq ?? [])];
    const place = outer?.place ?? step.place;
    const built = this.#request(step.request, scope);
    const title = outer?.name ?? step.name ?? built.title;
    const end = this.recorder.step({ phase, title, direction: `${step.from} -> ${step.to}`, requirements: rq, place });
    const request: Message | undefined = built.message;
    let observation: Observation;
    try {
      observation = await this.session.exchange(built.request, this.signal);
    } catch (error) {
      const { verdict, problem, rethrow } = this.#trouble(error, rq, place);
      end({ verdict, problems: [problem], ...(request === undefined ? {} : { request }) });
      if (rethrow) throw error;
      this.#take(verdict, [problem]);
      return;
    }
    if (built.request.kind === 'apdu' || (built.request.kind === 'reset' && built.request.start === false)) this.session.dirty = true;
    if (built.request.kind === 'reset' && built.request.start !== false) this.session.dirty = false;
    if (built.request.kind === 'es10') {
      const save = find(step.request, 'save');
      if (save !== undefined) this.#variables.set(asText(save, 'save'), bytesToHex(built.request.data));
      const learned = learn(this.session, built.request.data, observation.data);
      if (learned.counter !== undefined) this.#variables.set('COUNTER', learned.counter);
    }
    const context = this.#answerContext(scope);
    const atr = built.request.kind === 'reset' ? lastReset(observation) : undefined;
    const judged: Judged =
      step.answer === undefined
        ? { mismatches: [], notes: [], interpretations: [], binds: new Map(), decoded: undefined, type: undefined, expected: '' }
        : judge(step.answer, observation, atr, context, outer?.focus);
    const problems = judged.mismatches.map((m) => this.#problem(m, rq, place));
    const verdict: Verdict = problems.length === 0 ? 'PASS' : rq.length > 0 ? 'FAIL' : 'INCONCLUSIVE';
    if (verdict === 'PASS') for (const [k, v] of judged.binds) this.#variables.set(k, v);
    for (const id of judged.interpretations) this.#interpretations.add(id);
    this.#notes.push(...judged.notes);
    const expected = [judged.expected, ...(outer?.focus === undefined ? [] : [`${outer.focus.path ?? ''} ${show(outer.focus.expect.node)}`.trim()])].join('\n');
    end({
      verdict,
      problems,
      notes: judged.notes,
      ...(request === undefined ? {} : { request }),
      answer: this.#answer(judged, observation),
      ...(step.answer === undefined ? {} : { expected, actual: actualText(judged, observation, this.session.version) }),
    });
    this.#take(verdict, problems);
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
    const end = this.recorder.step({ phase, title: step.name ?? `Compare ${show(step.left)} with ${show(step.matcher)}`, direction: 'S_IPA', requirements: step.rq, place: step.place });
    const value = textOf(step.left, scope, 'compare');
    const mismatches = match({ node: step.matcher, scope }, { type: utf8(), value, node: undefined, path: show(step.left) }, { keys: this.#keys, binds: this.#variables });
    const problems = mismatches.map((m) => this.#problem(m, step.rq, step.place));
    const verdict: Verdict = problems.length === 0 ? 'PASS' : step.rq.length > 0 ? 'FAIL' : 'INCONCLUSIVE';
    end({ verdict, problems, expected: show(step.matcher), actual: value });
    this.#take(verdict, problems);
  }

  async #personalise(step: Extract<StepSpec, { kind: 'personalise' }>, scope: Scope, phase: Phase): Promise<void> {
    const end = this.recorder.step({ phase, title: step.name ?? `Personaliser: ${step.action}`, direction: 'S_IPA -> personaliser', requirements: [], place: step.place });
    const parameters = step.parameters === undefined ? {} : evaluateData(step.parameters, { scope, eims: this.session.eims });
    try {
      await personalise(this.session, { action: step.action, parameters: parameters as { [key: string]: TextValue } }, this.signal);
      end({ verdict: 'PASS', problems: [] });
    } catch (error) {
      const problem = plainProblem('initial-condition', error, step.place);
      end({ verdict: 'INCONCLUSIVE', problems: [problem] });
      if (!(error instanceof StateError)) throw error;
      this.#take('INCONCLUSIVE', [problem]);
    }
  }

  /** The request of a step as bytes. */
  #request(node: YMap, scope: Scope): { request: EuiccRequest; title: string; message: Message | undefined } {
    const at = { scope, eims: this.session.eims };
    const reset = find(node, 'reset');
    if (reset !== undefined) {
      onlyKeys(node, ['reset'], 'a reset');
      const kind = textOf(reset, scope, 'reset');
      if (kind !== 'cold' && kind !== 'bare') throw new SuiteError('yaml-shape', `'${kind}' is no reset`, reset.place, { expected: 'cold or bare' });
      return { request: { kind: 'reset', start: kind === 'cold' }, title: kind === 'cold' ? 'Cold reset and start-up' : 'Cold reset', message: undefined };
    }
    const hex = (key: string): Uint8Array | undefined => {
      const value = find(node, key);
      if (value === undefined) return undefined;
      const bytes = hexToBytes(String(evaluateData(value, at)));
      if (bytes === undefined) throw new SuiteError('yaml-shape', `'${key}' must be hex`, value.place);
      return bytes;
    };
    const apdu = hex('apdu');
    if (apdu !== undefined) {
      onlyKeys(node, ['apdu', 'chain'], 'an APDU');
      const chain = find(node, 'chain');
      return { request: { kind: 'apdu', command: apdu, chain: chain === undefined || textOf(chain, scope, 'chain') !== 'false' }, title: 'APDU', message: { hex: bytesToHex(apdu) } };
    }
    const blockNode = find(node, 'blockSize');
    const block = blockNode === undefined ? {} : { blockSize: Number(textOf(blockNode, scope, 'blockSize')) };
    const raw = hex('es10');
    if (raw !== undefined) {
      onlyKeys(node, ['es10', 'blockSize'], 'ES10 bytes');
      return { request: { kind: 'es10', data: raw, ...block }, title: 'ES10 command', message: { hex: bytesToHex(raw) } };
    }
    const message = this.#message(node, scope);
    const tree = decode(typeByName(this.session.version, message.type), message.bytes).node;
    return {
      request: { kind: 'es10', data: message.bytes, ...block },
      title: message.title,
      message: { type: message.type, hex: bytesToHex(message.bytes), ...(tree === undefined ? {} : { tree: renderTree(tree) }) },
    };
  }

  #message(node: YMap, scope: Scope): { type: string; bytes: Uint8Array; title: string } {
    const { suite, version, pki, eims } = this.session;
    const context = { suite, version, pki, eims };
    const deviate = find(node, 'deviate');
    const own: Bound[] = deviate === undefined ? [] : [{ node: deviate, scope }];
    const use = find(node, 'use');
    if (use !== undefined) {
      onlyKeys(node, ['use', 'with', 'deviate', 'blockSize', 'save'], 'a request');
      const given = find(node, 'with');
      const name = asText(use, 'use');
      const unfolded = unfold(suite, 'method', name, given === undefined ? undefined : asMap(given, 'with'), scope, use.place);
      const built = buildMessage(context, unfolded.type, unfolded.value, [...unfolded.deviate, ...own]);
      return { type: unfolded.type, bytes: built.bytes, title: name };
    }
    const entry = node.entries.find((e) => !['deviate', 'blockSize', 'save'].includes(e.key));
    if (entry === undefined) throw new SuiteError('step-shape', 'a request without a message', node.place);
    onlyKeys(node, [entry.key, 'deviate', 'blockSize', 'save'], 'a request');
    const built = buildMessage(context, entry.key, { node: entry.value, scope }, own);
    return { type: entry.key, bytes: built.bytes, title: entry.key.replace(/Request$/, '') };
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
  #trouble(error: unknown, rq: readonly string[], place: SourcePlace): { verdict: Verdict; problem: Problem; rethrow: boolean } {
    const judged = rq.length > 0;
    this.session.dirty = true;
    if (error instanceof TransportError && error.code === 'timeout')
      return { verdict: judged ? 'FAIL' : 'INCONCLUSIVE', problem: { ...plainProblem('timeout', error, place), requirements: rq, clauses: this.#clauses(rq) }, rethrow: false };
    return { verdict: 'INCONCLUSIVE', problem: plainProblem('environment', error, place), rethrow: true };
  }

  #take(verdict: Verdict, problems: readonly Problem[]): void {
    this.#verdict = worst([this.#verdict, verdict]);
    this.#problems.push(...problems);
  }
}

const plainProblem = (cause: Problem['cause'], error: unknown, place: SourcePlace): Problem => ({
  cause,
  message: error instanceof Error ? error.message : String(error),
  requirements: [],
  clauses: [],
  place,
});

const lastReset = (observation: Observation): Uint8Array | undefined =>
  [...observation.events].reverse().find((e) => e.kind === 'reset')?.bytes;

