/** One sequence before an IUT is known: its conditions, requests and answers, procedures and definitions unfolded. */
import { octets, type Asn1Type } from '../protocol/asn1/index.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';
import { ANSWER_KEYS } from './answer.js';
import { optionsOf } from './applicability.js';
import { checkExpected, checkStatusWord } from './check-expected.js';
import { knownType, unknownName } from './check-names.js';
import { checkValue } from './check-values.js';
import { desiredState } from './conditions.js';
import { EimBook } from './eim-book.js';
import { eimCondition } from './eim-conditions.js';
import { ipadCondition } from './ipad-conditions.js';
import { checkReplyKeys, REPLY_EXTRAS, REPLY_FORMS } from './ipad-reply.js';
import { IPAD_PARTIES } from './ipad-stage.js';
import { injectedIn, INJECTION_EXTRAS } from './party-ipad-injection.js';
import { triggerOf } from './party-ipad-order.js';
import { expectsSomething, saysSomething } from './expects-something.js';
import { mutations } from './deviations.js';
import { checkParameters, definitionOf, unfold } from './message.js';
import { ESIPA_EXTRAS } from './party-esipa.js';
import { operationOf } from './party-operator.js';
import { bindParameters, deref, type Bound, type Scope } from './scope.js';
import { unknownParty } from './stage.js';
import { REQUEST_EXTRAS } from './step-request.js';
import type { ExchangeStep, ProcedureStep, Sequence, ServeStep, StepSpec, Suite } from './suite.js';
import { parseTlvPattern } from './tlv-pattern.js';
import { asList, asMap, asText, find, onlyKeys, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

/** What the procedure steps around a step lay upon it. */
interface Outer {
  readonly judged: boolean;
  readonly expects: readonly { expect: Bound; focus: string | undefined; place: YNode['place'] }[];
}
type Judgeable = Pick<ExchangeStep, 'rq' | 'answer' | 'place'>;

const PARTIES: Readonly<Record<Sequence['testCase']['iut'], readonly string[]>> = {
  eUICC: ['eUICC'],
  eIM: ['eIM', 'S_eUICC', 'S_eUICC2', 'S_SM-DP+'],
  IPAd: ['IPAd', ...IPAD_PARTIES],
};
const NOTHING: Outer = { judged: false, expects: [] };

export class SequenceCheck {
  constructor(
    readonly suite: Suite,
    readonly sequence: Sequence,
    readonly scope: Scope,
    /** The types and definitions of this version hold. */
    readonly version: Sgp32Version,
  ) {}

  /** @throws {SuiteError} at the first mistake. */
  run(): void {
    const { sequence } = this;
    if (sequence.requirements.length === 0)
      throw new SuiteError(
        'no-requirement',
        `${sequence.id} has no step with a requirement`,
        sequence.place,
        {
          repair: 'A sequence that can not FAIL is no test.',
        },
      );
    if (sequence.kills.size === 0)
      throw new SuiteError('missing-key', `${sequence.id} names no defect that it kills`, sequence.place);
    for (const p of this.#conditions()) {
      const use = find(p, 'use');
      if (use !== undefined)
        this.#procedure(
          { use: asText(use, 'use'), with: mapAt(p, 'with'), place: p.place },
          this.scope,
          NOTHING,
          0,
        );
    }
    for (const step of sequence.steps) this.#step(step, this.scope, NOTHING, 0);
  }

  /** The procedures among the initial conditions; the others are checked. */
  #conditions(): readonly YMap[] {
    const { initialConditions, testCase } = this.sequence;
    if (testCase.iut === 'eIM') return initialConditions.filter((c) => eimCondition(c) === undefined);
    if (testCase.iut === 'IPAd') return initialConditions.filter((c) => ipadCondition(c) === undefined);
    const at = { scope: this.scope, eims: new EimBook(this.suite.eims) };
    return desiredState(initialConditions, at).procedures;
  }

  #step(step: StepSpec, scope: Scope, outer: Outer, depth: number): void {
    if (depth > 12)
      throw new SuiteError('circular-reference', 'procedures use one another in a circle', step.place);
    const { requirements, catalogue } = this.suite;
    for (const id of step.rq)
      if (!requirements.has(id)) throw unknownName('requirement', id, requirements.keys(), step.place);
    for (const o of step.applies === undefined ? [] : optionsOf(step.applies, catalogue))
      if (!catalogue.options.has(o)) throw unknownName('option', o, catalogue.options.keys(), step.place);
    switch (step.kind) {
      case 'procedure':
        return this.#procedure(step, scope, outer, depth, step);
      case 'exchange':
        return this.#exchange(step, scope, outer);
      case 'receive':
        this.#role(step, 'S_SM-DP+');
        return this.#judgedAnswer(step, scope, outer);
      case 'serve':
        return this.#serve(step, scope, outer);
      case 'compare':
      case 'personalise':
      case 'server':
        if (outer.judged || outer.expects.length > 0)
          throw new SuiteError(
            'expects-nothing',
            'a requirement or `expect` is laid on a procedure that ends without an answer',
            step.place,
          );
        if (step.kind === 'server') this.#role(step, step.role);
        if (step.kind !== 'compare') return;
        if (step.rq.length > 0 && !saysSomething({ node: step.matcher, scope }))
          throw new SuiteError('expects-nothing', 'a comparison with a requirement must compare', step.place);
        deref(step.left, scope);
    }
  }

  #procedure(
    call: { use: string; with: YMap | undefined; place: YNode['place'] },
    scope: Scope,
    above: Outer,
    depth: number,
    step?: ProcedureStep,
  ): void {
    const definition = definitionOf(this.suite, 'procedure', call.use, call.place);
    checkParameters(this.suite, definition, call.with, call.place);
    const given = new Map<string, Bound>(call.with?.entries.map((e) => [e.key, { node: e.value, scope }]));
    const inner = bindParameters(definition, given, scope);
    const own =
      step?.expect === undefined
        ? []
        : [{ expect: { node: step.expect, scope }, focus: definition.focus, place: definition.place }];
    const outer: Outer = {
      judged: above.judged || (step?.rq.length ?? 0) > 0,
      expects: [...own, ...above.expects],
    };
    const last = definition.steps[definition.steps.length - 1];
    for (const s of definition.steps) this.#step(s, inner, s === last ? outer : NOTHING, depth + 1);
    if (last?.applies !== undefined && (outer.judged || outer.expects.length > 0))
      throw new SuiteError(
        'expects-nothing',
        `the last step of ${definition.name}, which is judged here, may be left out`,
        call.place,
      );
  }

  #exchange(step: ExchangeStep, scope: Scope, outer: Outer): void {
    this.#role(step, step.to);
    if (step.to === 'IPAd' && step.from !== 'operator') {
      const inject = asMap(injectedIn(step), 'inject');
      this.#request(inject, scope, INJECTION_EXTRAS, ['body']);
    } else if (this.sequence.testCase.iut === 'IPAd' && step.from === 'operator') {
      if (step.to === 'IPAd') triggerOf(step.request);
    } else if (step.from === 'operator') operationOf(step.request);
    else if (step.to === 'eIM') this.#request(step.request, scope, ESIPA_EXTRAS, ['handshake', 'body']);
    else this.#request(step.request, scope, REQUEST_EXTRAS, ['apdu', 'es10', 'reset']);
    this.#judgedAnswer(step, scope, outer);
  }

  /** What an IPAd does at a party, and what it is answered. */
  #serve(step: ServeStep, scope: Scope, outer: Outer): void {
    this.#role(step, step.to);
    this.#judgedAnswer({ ...step, answer: step.expected }, scope, outer);
    const { reply } = step;
    if (reply === undefined) return;
    if (step.to === 'S_eUICC') return this.#answer(reply, scope, NOTHING);
    checkReplyKeys(reply);
    const eimPackage = find(reply, 'eimPackage');
    if (eimPackage !== undefined) this.#request(asMap(eimPackage, 'eimPackage'), scope, ['deviate'], []);
    else if (reply.entries.some((e) => !['http', 'coap'].includes(e.key)))
      this.#request(reply, scope, REPLY_EXTRAS, REPLY_FORMS);
  }

  /** Each IUT has its own parties. */
  #role(step: { readonly place: YNode['place'] }, to: string): void {
    const known = PARTIES[this.sequence.testCase.iut];
    if (!known.includes(to)) throw unknownParty(to, step.place, known);
  }

  #judgedAnswer(step: Judgeable, scope: Scope, outer: Outer): void {
    const judged = step.rq.length > 0 || outer.judged;
    const said =
      outer.expects.some((e) => saysSomething(e.expect)) ||
      (step.answer !== undefined && expectsSomething(this, step.answer, scope));
    if (judged && !said)
      throw new SuiteError(
        'expects-nothing',
        'a step with a requirement must expect a field, a code, a status word or bytes',
        step.place,
      );
    if (step.answer !== undefined) this.#answer(step.answer, scope, outer);
    else if (outer.expects.length > 0)
      throw new SuiteError('expects-nothing', '`expect` is laid on a step without an answer', step.place);
  }

  /** @param raw keys that stand in place of a message. */
  #request(node: YMap, scope: Scope, extras: readonly string[], raw: readonly string[]): void {
    const use = find(node, 'use');
    const deviate = find(node, 'deviate');
    if (deviate !== undefined) mutations({ node: deviate, scope });
    if (use !== undefined) {
      onlyKeys(node, ['use', 'with', ...extras], 'a request');
      const unfolded = unfold(this, 'method', asText(use, 'use'), mapAt(node, 'with'), scope, use.place);
      for (const d of unfolded.deviate) mutations(d);
      checkValue(unfolded.value, typeByName(this.version, unfolded.type));
      return;
    }
    for (const key of raw) {
      const value = find(node, key);
      if (value === undefined) continue;
      if (key === 'body' || key === 'apdu' || key === 'es10') checkValue({ node: value, scope }, octets());
      return;
    }
    const entry = node.entries.find((e) => !extras.includes(e.key));
    if (entry === undefined) throw new SuiteError('step-shape', 'a request without a message', node.place);
    const type = knownType(this.version, entry.key, entry.keyPlace);
    onlyKeys(node, [entry.key, ...extras], 'a request');
    checkValue({ node: entry.value, scope }, type);
  }

  #answer(answer: YMap, scope: Scope, outer: Outer): void {
    const alternatives = find(answer, 'oneOf');
    if (alternatives !== undefined) {
      for (const item of asList(alternatives, 'oneOf').items)
        this.#answer(asMap(item, 'an alternative'), scope, outer);
      return;
    }
    const interpretation = find(answer, 'interpretation');
    const id = interpretation === undefined ? undefined : asText(interpretation, 'interpretation');
    if (id !== undefined && !this.suite.interpretations.has(id))
      throw unknownName(
        'interpretation',
        id,
        this.suite.interpretations.keys(),
        interpretation?.place ?? answer.place,
      );
    const [sw, raw] = [find(answer, 'sw'), find(answer, 'raw')];
    if (sw !== undefined) checkStatusWord(sw, scope);
    if (raw?.tag === 'tlv' && raw.kind === 'scalar') parseTlvPattern(raw.text, raw.place);
    else if (raw !== undefined) checkExpected({ node: raw, scope }, octets());
    for (const key of ['data', 'atr']) {
      const value = find(answer, key);
      if (value !== undefined) checkExpected({ node: value, scope }, octets());
    }
    const type = this.#answerType(answer, scope);
    if (type !== undefined)
      for (const e of outer.expects) checkExpected(e.expect, focused(type, e.focus, e.place));
  }

  #answerType(answer: YMap, scope: Scope): Asn1Type | undefined {
    const use = find(answer, 'use');
    if (use !== undefined) {
      onlyKeys(answer, ANSWER_KEYS, 'an answer');
      const unfolded = unfold(this, 'result', asText(use, 'use'), mapAt(answer, 'with'), scope, use.place);
      const type = typeByName(this.version, unfolded.type);
      checkExpected(unfolded.value, type);
      return type;
    }
    const entry = answer.entries.find((e) => !ANSWER_KEYS.includes(e.key));
    if (entry === undefined) return undefined;
    const type = knownType(this.version, entry.key, entry.keyPlace);
    onlyKeys(answer, [...ANSWER_KEYS, entry.key], 'an answer');
    checkExpected({ node: entry.value, scope }, type);
    return type;
  }
}

/** The type at a procedure's focus. */
function focused(root: Asn1Type, focus: string | undefined, place: YNode['place']): Asn1Type {
  let type: Asn1Type = root;
  for (const name of (focus ?? '')
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((s) => s !== '')) {
    const next = /^\d+$/.test(name) ? type.item?.type : type.fields?.find((f) => f.name === name)?.type;
    if (next === undefined)
      throw new SuiteError('focus', `'${name}' is no field on the way ${focus ?? ''}`, place);
    type = next;
  }
  return type;
}

const mapAt = (m: YMap, key: string): YMap | undefined => {
  const value = find(m, key);
  return value === undefined ? undefined : asMap(value, key);
};
