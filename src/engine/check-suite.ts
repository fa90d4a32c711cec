/**
 * Everything in a suite that can be wrong before an IUT is known: references, parameters, types, field names, values.
 * Nothing is sent, no key is read. One mistake a sequence is reported, so that a list of them can be worked off.
 */
import { fromText, type Asn1Type } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { meant } from '../protocol/did-you-mean.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';
import { optionsOf } from './applicability.js';
import { desiredState } from './conditions.js';
import { EimBook } from './eim-book.js';
import { checkParameters, definitionOf, mutations, unfold } from './message.js';
import { bindParameters, deref, rootScope, variableName, type Bound, type Scope } from './scope.js';
import type { Definition, ExchangeStep, ProcedureStep, Sequence, StepSpec, Suite } from './suite.js';
import { parseTlvPattern } from './tlv-pattern.js';
import { asList, asMap, asText, find, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

export function checkSuite(suite: Suite): Sgp33Error[] {
  const errors: Sgp33Error[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Sgp33Error)) throw error;
      if (!errors.some((e) => e.message === error.message)) errors.push(error);
    }
  };
  const constants = new Map([...suite.constants].map(([name, node]) => [name, placeholder(node)]));
  // Those that only a target or a card gives.
  const scope = rootScope(new WithIut(constants));
  for (const definition of suite.definitions.values()) attempt(() => checkDefinition(suite, definition));
  for (const testCase of suite.testCases)
    for (const sequence of testCase.sequences) attempt(() => new SequenceCheck(suite, sequence, scope).run());
  return errors;
}

/** `$IUT_X` is known to exist, whatever its value will be. */
class WithIut extends Map<string, YNode> {
  override get(name: string): YNode | undefined {
    return super.get(name) ?? (name.startsWith('IUT_') ? { ...SOME, place: { file: name, line: 1, column: 1 } } : undefined);
  }
}

/** Stands for a value that is not known yet: it reads as INTEGER, OCTET STRING and text alike. */
const SOME = { kind: 'scalar', tag: undefined, literal: true, text: '00' } as const;

/** Tags that need the PKI folder stand for some value. */
function placeholder(node: YNode): YNode {
  if (node.kind === 'list') return { ...node, items: node.items.map(placeholder) };
  if (node.kind === 'map') return { ...node, entries: node.entries.map((e) => ({ ...e, value: placeholder(e.value) })) };
  return node.tag === undefined ? node : { ...SOME, place: node.place };
}

function checkDefinition(suite: Suite, definition: Definition): void {
  if (definition.use !== undefined) {
    const base = definitionOf(suite, definition.kind, definition.use, definition.place);
    for (const e of definition.with?.entries ?? [])
      if (!base.params.has(e.key) && base.use === undefined) throw unknownName('parameter', e.key, base.params.keys(), e.keyPlace);
  }
  if (definition.type !== undefined) knownType('1.2', definition.type, definition.place);
  for (const step of definition.steps)
    if (step.kind === 'procedure') definitionOf(suite, 'procedure', step.use, step.place);
}

class SequenceCheck {
  constructor(
    readonly suite: Suite,
    readonly sequence: Sequence,
    readonly scope: Scope,
  ) {}

  get version(): Sgp32Version {
    return (this.sequence.versions.includes('1.2') ? '1.2' : '1.0.1') as Sgp32Version;
  }

  run(): void {
    const { suite, sequence } = this;
    for (const id of sequence.requirements)
      if (!suite.requirements.has(id)) throw unknownName('requirement', id, suite.requirements.keys(), sequence.place);
    if (sequence.requirements.length === 0) throw new SuiteError('no-requirement', `${sequence.id} has no step with a requirement`, sequence.place, { repair: 'A sequence that can not FAIL is no test.' });
    if (sequence.kills.size === 0) throw new SuiteError('missing-key', `${sequence.id} names no defect that it kills`, sequence.place);
    for (const step of sequence.steps) if (step.applies !== undefined) this.#options(step);
    desiredState(sequence.initialConditions, { scope: this.scope, eims: new EimBook(suite.eims) }).procedures.forEach((p) => {
      const use = find(p, 'use');
      if (use !== undefined) this.#procedure(asText(use, 'use'), mapAt(p, 'with'), this.scope, undefined, p.place, 0);
    });
    for (const step of sequence.steps) this.#step(step, this.scope, undefined, 0);
  }

  #options(step: StepSpec): void {
    if (step.applies === undefined) return;
    for (const o of optionsOf(step.applies, this.suite.catalogue))
      if (!this.suite.catalogue.options.has(o)) throw unknownName('option', o, this.suite.catalogue.options.keys(), step.place);
  }

  #step(step: StepSpec, scope: Scope, outer: ProcedureStep | undefined, depth: number): void {
    if (depth > 12) throw new SuiteError('circular-reference', 'procedures use one another in a circle', step.place);
    if (step.kind === 'procedure') this.#procedure(step.use, step.with, scope, step.expect === undefined ? outer : step, step.place, depth, step);
    if (step.kind === 'exchange') this.#exchange(step, scope, outer);
    if (step.kind === 'compare') deref(step.left, scope);
  }

  #procedure(use: string, given: YMap | undefined, scope: Scope, outer: ProcedureStep | undefined, place: YNode['place'], depth: number, step?: ProcedureStep): void {
    const definition = definitionOf(this.suite, 'procedure', use, place);
    checkParameters(this.suite, definition, given, place);
    const inner = bindParameters(definition, new Map<string, Bound>(given?.entries.map((e) => [e.key, { node: e.value, scope }])), scope);
    const last = definition.steps[definition.steps.length - 1];
    for (const s of definition.steps) this.#step(s, inner, s === last ? outer : undefined, depth + 1);
    if (step?.expect !== undefined && last?.kind === 'exchange') this.#expectation(last, inner, definition, { node: step.expect, scope });
  }

  /** `expect` of a procedure step, against the type at the procedure's focus. */
  #expectation(last: ExchangeStep, scope: Scope, definition: Definition, expect: Bound): void {
    const typed = last.answer === undefined ? undefined : this.#answerType(last.answer, scope);
    if (typed === undefined) return;
    let type: Asn1Type | undefined = typed;
    for (const name of (definition.focus ?? '').replace(/\[(\d+)\]/g, '.$1').split('.').filter((s) => s !== '')) {
      type = /^\d+$/.test(name) ? type?.item?.type : type?.fields?.find((f) => f.name === name)?.type;
      if (type === undefined) throw new SuiteError('focus', `'${name}' is no field on the way ${definition.focus ?? ''}`, definition.place);
    }
    checkExpected(expect, type);
  }

  #exchange(step: ExchangeStep, scope: Scope, outer: ProcedureStep | undefined): void {
    this.#request(step.request, scope);
    if (step.rq.length > 0 && outer === undefined && !expectsSomething(step.answer))
      throw new SuiteError('expects-nothing', 'a step with a requirement must expect a field, a code, a status word or bytes', step.place);
    if (step.answer !== undefined) this.#answer(step.answer, scope);
  }

  #request(node: YMap, scope: Scope): void {
    const use = find(node, 'use');
    const deviate = find(node, 'deviate');
    if (deviate !== undefined) mutations({ node: deviate, scope });
    if (use !== undefined) {
      const unfolded = unfold(this.suite, 'method', asText(use, 'use'), mapAt(node, 'with'), scope, use.place);
      checkValue(unfolded.value, typeByName(this.version, unfolded.type));
      return;
    }
    if (['apdu', 'es10', 'reset'].some((key) => find(node, key) !== undefined)) return;
    const entry = node.entries.find((e) => e.key !== 'deviate' && e.key !== 'blockSize');
    if (entry === undefined) throw new SuiteError('step-shape', 'a request without a message', node.place);
    checkValue({ node: entry.value, scope }, knownType(this.version, entry.key, entry.keyPlace));
  }

  #answer(answer: YMap, scope: Scope): void {
    const alternatives = find(answer, 'oneOf');
    if (alternatives !== undefined) {
      for (const item of asList(alternatives, 'oneOf').items) this.#answer(asMap(item, 'an alternative'), scope);
      return;
    }
    const interpretation = find(answer, 'interpretation');
    if (interpretation !== undefined && !this.suite.interpretations.has(asText(interpretation, 'interpretation')))
      throw unknownName('interpretation', asText(interpretation, 'interpretation'), this.suite.interpretations.keys(), interpretation.place);
    const raw = find(answer, 'raw');
    if (raw?.tag === 'tlv' && raw.kind === 'scalar') parseTlvPattern(raw.text, raw.place);
    this.#answerType(answer, scope);
  }

  #answerType(answer: YMap, scope: Scope): Asn1Type | undefined {
    const use = find(answer, 'use');
    if (use !== undefined) {
      const unfolded = unfold(this.suite, 'result', asText(use, 'use'), mapAt(answer, 'with'), scope, use.place);
      const type = typeByName(this.version, unfolded.type);
      checkExpected(unfolded.value, type);
      return type;
    }
    const entry = answer.entries.find((e) => !FIXED.includes(e.key));
    if (entry === undefined) return undefined;
    const type = knownType(this.version, entry.key, entry.keyPlace);
    checkExpected({ node: entry.value, scope }, type);
    return type;
  }
}

const FIXED = ['sw', 'raw', 'data', 'atr', 'refused', 'oneOf', 'interpretation', 'with', 'use'];

function expectsSomething(answer: YMap | undefined): boolean {
  if (answer === undefined) return false;
  return answer.entries.some((e) => (FIXED.includes(e.key) ? !['interpretation', 'with'].includes(e.key) : e.value.tag !== 'any' && !(e.value.kind === 'map' && e.value.tag === undefined && e.value.entries.length === 0)));
}

const mapAt = (m: YMap, key: string): YMap | undefined => {
  const value = find(m, key);
  return value === undefined ? undefined : asMap(value, key);
};

function knownType(version: Sgp32Version, name: string, place: YNode['place']): Asn1Type {
  try {
    return typeByName(version, name);
  } catch (error) {
    if (!(error instanceof Sgp33Error)) throw error;
    throw new SuiteError('unknown-type', `'${name}' is no ASN.1 type, and nothing else that can stand here`, place, error.repair === undefined ? {} : { repair: error.repair });
  }
}

function unknownName(what: string, name: string, known: Iterable<string>, place: YNode['place']): SuiteError {
  const repair = meant(name, known);
  return new SuiteError(`unknown-${what}`, `unknown ${what} '${name}'`, place, repair === undefined ? {} : { repair });
}

/** Field names and plain values of a request. Tagged nodes have their value only when it is sent. */
function checkValue(value: Bound, type: Asn1Type): void {
  const { node, scope } = deref(value.node, value.scope);
  if (node.tag !== undefined || variableName(node) !== undefined) return;
  walk(node, type, (n, t) => checkValue({ node: n, scope }, t), () => leafValue(node, type));
}

/** Field names and values of an expectation, matchers looked through. */
function checkExpected(value: Bound, type: Asn1Type): void {
  const { node, scope } = deref(value.node, value.scope);
  if (variableName(node) !== undefined) return;
  const sub = (n: YNode, t: Asn1Type = type): void => checkExpected({ node: n, scope }, t);
  const item = type.item?.type;
  switch (node.tag) {
    case undefined:
    case 'exact':
      walk(node, type, (n, t) => checkExpected({ node: n, scope }, t), () => leafValue({ ...node, tag: undefined }, type));
      return;
    case 'oneOf':
    case 'all':
      for (const n of asList(node, `!${node.tag}`).items) sub(n);
      return;
    case 'not':
      sub({ ...node, tag: undefined });
      return;
    case 'bind':
      if (node.kind === 'map') for (const e of node.entries) sub(e.value);
      return;
    case 'contains':
    case 'unordered':
      for (const n of asList(node, `!${node.tag}`).items) if (item !== undefined) sub(n, item);
      return;
    case 'each':
    case 'last':
      if (item !== undefined) sub({ ...node, tag: undefined }, item);
      return;
    default:
      return;
  }
}

function walk(node: YNode, type: Asn1Type, visit: (n: YNode, t: Asn1Type) => void, leaf: () => void): void {
  if (node.kind === 'scalar' && node.text === '' && type.kind === 'sequence') return;
  switch (type.kind) {
    case 'sequence':
    case 'choice':
      for (const e of asMap(node, type.name || 'the value').entries) {
        const field = type.fields?.find((f) => f.name === e.key);
        if (field === undefined) throw unknownName('field', e.key, (type.fields ?? []).map((f) => f.name), e.keyPlace);
        visit(e.value, field.type);
      }
      return;
    case 'sequenceOf':
      for (const n of asList(node, type.name || 'the value').items) if (type.item !== undefined) visit(n, type.item.type);
      return;
    case 'bits':
      if (node.kind === 'list' && node.items.some((i) => i.tag !== undefined)) return;
      return leaf();
    default:
      leaf();
  }
}

function leafValue(node: YNode, type: Asn1Type): void {
  const text = node.kind === 'list' ? node.items.map((i) => asText(i, 'a value')) : asText(node, 'a value');
  try {
    fromText(type, text);
  } catch (error) {
    if (!(error instanceof Sgp33Error)) throw error;
    throw new SuiteError('unknown-value', `'${String(text)}' does not fit the ASN.1 type`, node.place, { ...(error.expected === undefined ? {} : { expected: error.expected }) });
  }
}

