/** `MTD_*`, `R_*`, `PROC_*` and the steps that procedures and sequences share. */
import { LISTENER_STATES, type ListenerState } from '../../drivers/eim-contract.js';
import { meant } from '../protocol/did-you-mean.js';
import { parseCondition } from './applicability.js';
import { CHANGES, type Change, type Definition, type StepSpec } from './suite.js';
import {
  asList,
  asMap,
  asText,
  find,
  need,
  onlyKeys,
  SuiteError,
  texts,
  type YMap,
  type YNode,
} from './yaml/nodes.js';

const KEYS = {
  method: ['type', 'use', 'with', 'params', 'value', 'v1.0.1', 'deviate', 'changes'],
  result: ['type', 'use', 'with', 'params', 'value', 'v1.0.1'],
  procedure: ['params', 'steps', 'focus', 'changes'],
} as const;

export function loadDefinitions(file: YNode): Definition[] {
  return asMap(file, 'a file of definitions').entries.map((e) => {
    const kind = e.key.startsWith('MTD_')
      ? 'method'
      : e.key.startsWith('R_')
        ? 'result'
        : e.key.startsWith('PROC_')
          ? 'procedure'
          : undefined;
    if (kind === undefined)
      throw new SuiteError('definition-name', `'${e.key}' is no name for a definition`, e.keyPlace, {
        expected: 'MTD_..., R_... or PROC_...',
      });
    const m = asMap(e.value, e.key);
    onlyKeys(m, KEYS[kind], e.key);
    const use = find(m, 'use');
    const type = find(m, 'type');
    const focus = find(m, 'focus');
    const withNode = find(m, 'with');
    if (kind !== 'procedure' && (use === undefined) === (type === undefined))
      throw new SuiteError(
        'definition-shape',
        `${e.key} needs either 'type' and 'value', or 'use'`,
        e.keyPlace,
      );
    if (type !== undefined) need(m, 'value', e.key);
    const params = find(m, 'params');
    return {
      kind,
      name: e.key,
      place: e.keyPlace,
      type: type === undefined ? undefined : asText(type, 'type'),
      use: use === undefined ? undefined : asText(use, 'use'),
      with: withNode === undefined ? undefined : asMap(withNode, 'with'),
      params: new Map(
        params === undefined ? [] : asMap(params, 'params').entries.map((p) => [p.key, p.value]),
      ),
      value: find(m, 'value'),
      perVersion: loadPerVersion(m, kind !== 'procedure'),
      deviate: find(m, 'deviate'),
      steps: kind === 'procedure' ? loadSteps(need(m, 'steps', e.key)) : [],
      focus: focus === undefined ? undefined : asText(focus, 'focus'),
      changes: loadChanges(find(m, 'changes')),
    };
  });
}

/** `v1.0.1: { type, value }` beside the value of v1.2. */
function loadPerVersion(m: YMap, typed: boolean): Definition['perVersion'] {
  const other = typed ? find(m, 'v1.0.1') : undefined;
  if (other === undefined) return new Map();
  const own = asMap(other, 'v1.0.1');
  onlyKeys(own, ['type', 'value'], 'v1.0.1');
  const type = find(own, 'type');
  return new Map([
    [
      '1.0.1',
      {
        type: type === undefined ? undefined : asText(type, 'type'),
        value: need(own, 'value', 'v1.0.1'),
      },
    ],
  ]);
}

export function loadChanges(n: YNode | undefined): Change[] {
  if (n === undefined) return [];
  return texts(n, 'changes').map((c) => {
    const change = CHANGES.find((known) => known === c);
    if (change === undefined)
      throw new SuiteError('yaml-shape', `'${c}' is no change`, n.place, { expected: CHANGES.join(', ') });
    return change;
  });
}

export function loadSteps(n: YNode): StepSpec[] {
  const list = asList(n, 'steps');
  if (list.items.length === 0) throw new SuiteError('no-steps', 'there are no steps', list.place);
  return list.items.map((item) => loadStep(asMap(item, 'a step')));
}

/** Keys that every step may have. */
export const STEP_KEYS = ['rq', 'name', 'applies'] as const;
/** Keys of a step without a direction, by the key that tells what it is. */
export const STEP_FORMS = {
  use: ['use', 'with', 'expect', ...STEP_KEYS],
  compare: ['compare', 'with', ...STEP_KEYS],
  personalise: ['personalise', 'with', 'name', 'applies'],
  'S_SM-DP+': ['S_SM-DP+', 'name', 'applies'],
} as const;
/** Roles that only answer: the IUTs, and the eUICC behind S_IPA. */
const ANSWERING = /^(?:eUICC|eIM|IPAd|S_eUICC\d?)$/;
/** Roles at which an IPAd acts by itself, and which answer it. */
const SERVING = /^S_(?:eIM2?|eUICC)$/;
const ARROW = /^\s*([A-Za-z_0-9+-]+)\s*->\s*([A-Za-z_0-9+-]+)\s*$/;

function loadStep(m: YMap): StepSpec {
  const name = find(m, 'name');
  const rqNode = find(m, 'rq');
  const applies = find(m, 'applies');
  const base = {
    applies: applies === undefined ? undefined : parseCondition(asText(applies, 'applies'), applies.place),
    name: name === undefined ? undefined : asText(name, 'name'),
    rq: rqNode === undefined ? [] : texts(rqNode, 'rq'),
    place: m.place,
  };
  if (find(m, 'use') !== undefined) {
    onlyKeys(m, STEP_FORMS.use, 'a procedure step');
    const w = find(m, 'with');
    return {
      ...base,
      kind: 'procedure',
      use: asText(need(m, 'use', 'a step'), 'use'),
      with: w === undefined ? undefined : asMap(w, 'with'),
      expect: find(m, 'expect'),
    };
  }
  const compare = find(m, 'compare');
  if (compare !== undefined) {
    onlyKeys(m, STEP_FORMS.compare, 'a comparison');
    return { ...base, kind: 'compare', left: compare, matcher: need(m, 'with', 'a comparison') };
  }
  const personalise = find(m, 'personalise');
  if (personalise !== undefined) {
    onlyKeys(m, STEP_FORMS.personalise, 'a personalisation step');
    const w = find(m, 'with');
    return {
      ...base,
      kind: 'personalise',
      action: asText(personalise, 'personalise'),
      parameters: w === undefined ? undefined : asMap(w, 'with'),
    };
  }
  const server = find(m, 'S_SM-DP+');
  if (server !== undefined) {
    onlyKeys(m, STEP_FORMS['S_SM-DP+'], 'a step of the S_SM-DP+');
    return { ...base, kind: 'server', role: 'S_SM-DP+', state: listenerState(server) };
  }
  const arrows = m.entries.flatMap((e) => {
    const hit = ARROW.exec(e.key);
    return hit === null
      ? []
      : [{ from: hit[1] as string, to: hit[2] as string, value: asMap(e.value, e.key), e }];
  });
  if (arrows.length === 0)
    throw new SuiteError(
      'step-shape',
      'a step without a direction, `use`, `compare`, `personalise` or `S_SM-DP+`',
      m.place,
      { expected: "'S_IPA -> eUICC: ...'" },
    );
  onlyKeys(m, [...STEP_KEYS, ...arrows.map((a) => a.e.key)], 'a step');
  // An eIM that injects acts by itself, and the IPAd answers.
  const injected = arrows.find((a) => a.to === 'IPAd' && find(a.value, 'inject') !== undefined);
  const served =
    injected === undefined ? arrows.find((a) => a.from === 'IPAd' && SERVING.test(a.to)) : undefined;
  if (served !== undefined) {
    const reply = arrows.find((a) => a !== served);
    if (arrows.length > 2 || (reply !== undefined && (reply.from !== served.to || reply.to !== 'IPAd')))
      throw new SuiteError('step-shape', 'what the IPAd does is answered by the one it does it to', m.place, {
        expected: `${served.to} -> IPAd`,
      });
    return {
      ...base,
      kind: 'serve',
      from: served.from,
      to: served.to,
      expected: served.value,
      reply: reply?.value,
    };
  }
  const [request, more] = arrows.filter((a) => !ANSWERING.test(a.from));
  const [answer, moreAnswers] = arrows.filter((a) => ANSWERING.test(a.from));
  if (request === undefined && answer !== undefined && arrows.length === 1 && answer.to === 'S_SM-DP+')
    return { ...base, kind: 'receive', from: answer.from, to: answer.to, answer: answer.value };
  if (request === undefined || more !== undefined || moreAnswers !== undefined)
    throw new SuiteError(
      'step-shape',
      'a step has one request of a simulated role or the operator, and at most one answer',
      m.place,
    );
  if (answer !== undefined && (answer.from !== request.to || answer.to !== request.from))
    throw new SuiteError('step-shape', `the answer goes ${answer.from} -> ${answer.to}`, answer.e.keyPlace, {
      expected: `${request.to} -> ${request.from}`,
    });
  return {
    ...base,
    kind: 'exchange',
    from: request.from,
    to: request.to,
    request: request.value,
    answer: answer?.value,
  };
}

function listenerState(node: YNode): ListenerState {
  const text = asText(node, 'S_SM-DP+');
  const state = LISTENER_STATES.find((known) => known === text);
  if (state !== undefined) return state;
  const repair = meant(text, LISTENER_STATES);
  throw new SuiteError('yaml-shape', `'${text}' is no state of the S_SM-DP+`, node.place, {
    expected: LISTENER_STATES.join(', '),
    ...(repair === undefined ? {} : { repair }),
  });
}
