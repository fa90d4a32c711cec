/** What a step expects of an answer, against what came. */
import type { BindingFinding, ChannelFault } from '../../drivers/eim-contract.js';
import {
  bytesToHex,
  decode,
  octets,
  toText,
  utf8,
  type Asn1Type,
  type Decoded,
  type Finding,
  type TextValue,
} from '../protocol/asn1/index.js';
import { otherVersion, typeByName, type Sgp32Version } from '../protocol/types/index.js';
import { match, type Actual, type MatchContext, type Mismatch } from './match.js';
import { focusOn } from './focus.js';
import { unfold } from './message.js';
import { matchFacts } from './match-facts.js';
import type { SignatureKeys } from './match-signature.js';
import type { Note } from './result.js';
import { deref, textOf, type Bound, type Scope } from './scope.js';
import type { Seen } from './stage.js';
import type { Suite } from './suite.js';
import { matchTlvPattern, parseTlvPattern, patternText } from './tlv-pattern.js';
import {
  asList,
  asMap,
  asText,
  find,
  onlyKeys,
  show,
  SuiteError,
  type YMap,
  type YNode,
} from './yaml/nodes.js';

export interface AnswerContext {
  readonly suite: Suite;
  readonly version: Sgp32Version;
  readonly keys: SignatureKeys;
  readonly scope: Scope;
  /** Policy of an interpretation for this target: `strict`, `lenient` or `either`. */
  policy(interpretation: string): string;
}

/** `expect` of a procedure step, matched at a path of the last answer. */
export interface Focus {
  readonly path: string | undefined;
  readonly expect: Bound;
}

export interface Judged {
  readonly mismatches: readonly Mismatch[];
  readonly notes: readonly Note[];
  readonly interpretations: readonly string[];
  readonly binds: ReadonlyMap<string, TextValue>;
  readonly decoded: Decoded<unknown> | undefined;
  readonly type: string | undefined;
  readonly expected: string;
}

export const swText = (sw: number | null | undefined): string =>
  sw === null || sw === undefined ? 'none' : sw.toString(16).toUpperCase().padStart(4, '0');

/** Parts of an answer that are facts of a transport, a card or a process. */
export const FACT_KEYS: readonly string[] = [
  'http',
  'coap',
  'tls',
  'json',
  'connection',
  'apdu',
  'es10',
  'reset',
  'removed',
  'ended',
  'answered',
];
/** Keys of an answer beside the name of an ASN.1 type. */
export const ANSWER_KEYS: readonly string[] = [
  ...FACT_KEYS,
  'sw',
  'raw',
  'data',
  'atr',
  'refused',
  'accepted',
  'noAnswer',
  'silence',
  'fault',
  'within',
  'oneOf',
  'use',
  'with',
  'interpretation',
];
const HEX = octets();
const TEXT = utf8();

/** Judges one answer. @throws {SuiteError} where the expectation is no expectation. */
export function judge(
  expected: YMap,
  seen: Seen,
  context: AnswerContext,
  focus: readonly Focus[] = [],
): Judged {
  const alternatives = find(expected, 'oneOf');
  if (alternatives === undefined) return judgeOne(expected, seen, context, focus);
  onlyKeys(expected, ['oneOf'], 'an answer with alternatives');
  let first: Judged | undefined;
  for (const item of asList(alternatives, 'oneOf').items) {
    const alternative = asMap(item, 'an alternative');
    const interpretation = find(alternative, 'interpretation');
    const id = interpretation === undefined ? undefined : asText(interpretation, 'interpretation');
    // A target that reads the clause strictly takes the first alternative only.
    if (id !== undefined && first !== undefined && context.policy(id) === 'strict') continue;
    const one = judgeOne(alternative, seen, context, focus);
    if (one.mismatches.length === 0)
      return id === undefined ? one : { ...one, interpretations: [...one.interpretations, id] };
    first ??= one;
  }
  if (first === undefined) throw new SuiteError('yaml-shape', 'oneOf has no alternatives', expected.place);
  return { ...first, expected: show(expected) };
}

function judgeOne(expected: YMap, seen: Seen, context: AnswerContext, focus: readonly Focus[]): Judged {
  if (seen.malformed !== undefined)
    return nothing(expected, {
      cause: 'malformed',
      path: 'R-APDU',
      expected: 'at least SW1 SW2',
      actual: `${seen.malformed.length} bytes ${bytesToHex(seen.malformed)}`.trim(),
    });
  if (
    seen.fault !== undefined &&
    find(expected, 'noAnswer') === undefined &&
    find(expected, 'fault') === undefined
  )
    return nothing(expected, faultMismatch(seen.fault));
  const mismatches: Mismatch[] = [];
  const notes: Note[] = [];
  const binds = new Map(context.scope.variables);
  const bound = new Map<string, TextValue>();
  const matching: MatchContext = { keys: context.keys, binds };
  const typed = typedPart(expected, context);
  const sw = swText(seen.sw);
  const plain = (what: string, node: YNode, type: Asn1Type, value: unknown): void => {
    mismatches.push(
      ...match({ node, scope: context.scope }, { type, value, node: undefined, path: what }, matching),
    );
  };
  const swNode = find(expected, 'sw');
  if (swNode !== undefined) plain('SW1SW2', swNode, TEXT, sw);
  const isCard = seen.sw !== undefined;
  const good = isCard ? /^(9000|91..)$/.test(sw) : seen.data.length > 0;
  let decoded: Decoded<unknown> | undefined;
  mismatches.push(...refusal(expected, seen), ...silence(expected, seen));
  for (const key of FACT_KEYS) {
    const node = find(expected, key);
    if (node !== undefined)
      mismatches.push(...matchFacts(node, context.scope, seen.facts?.[key], key, matching));
  }
  const accepted = find(expected, 'accepted') ?? find(expected, 'refused');
  if (accepted?.kind === 'map' && seen.accepted !== undefined && mismatches.length === 0)
    mismatches.push(...matchFacts(accepted, context.scope, seen.facts, 'answer', matching));
  const fault = find(expected, 'fault');
  if (fault !== undefined) plain('fault', fault, TEXT, seen.fault?.kind ?? 'none');
  for (const f of seen.findings ?? []) {
    // Headers and options are the matter of the sequences that name them; members of the JSON are the message.
    if (f.severity === 'violation' && typed !== undefined && f.code.startsWith('json'))
      mismatches.push({
        cause: 'malformed',
        path: f.path,
        expected: `${f.expected} (${f.code})`,
        actual: f.actual,
      });
    else notes.push(bindingNote(f));
  }
  if (typed !== undefined) {
    if (!good && swNode === undefined) {
      mismatches.push(
        isCard
          ? { cause: 'unexpected', path: 'SW1SW2', expected: `9000 with ${typed.type}`, actual: sw }
          : { cause: 'missing', path: typed.type, expected: typed.type, actual: transportText(seen) },
      );
    } else {
      const type = typeByName(context.version, typed.type);
      decoded = decode(type, seen.data);
      if (decoded.node === undefined)
        mismatches.push({
          cause: seen.data.length === 0 ? 'missing' : 'malformed',
          path: typed.type,
          expected: typed.type,
          actual: bytesToHex(seen.data.subarray(0, 64)) || 'no data',
          offset: 0,
        });
      for (const f of decoded.findings) {
        if (f.severity === 'note') notes.push(findingNote(f));
        else if (decoded.node !== undefined) mismatches.push(findingMismatch(f));
      }
      if (!decoded.ok) {
        const other = otherVersion(context.version, typed.type, seen.data);
        if (other !== undefined) notes.push({ code: 'other-version', text: other.message });
      }
      const root: Actual = {
        type,
        value: decoded.value,
        node: decoded.node,
        path: decoded.node?.path ?? typed.type,
      };
      // What does not even have the right tag is not compared field by field.
      if (
        decoded.value !== undefined &&
        !decoded.findings.some((f) => f.code === 'wrong-tag' && f.path === root.path)
      ) {
        mismatches.push(...match(typed.value, root, matching));
        for (const f of focus) mismatches.push(...match(f.expect, focusOn(root, f.path), matching));
      }
    }
  }
  const raw = find(expected, 'raw');
  if (raw !== undefined) mismatches.push(...matchRaw(raw, seen.data, context, matching));
  const data = find(expected, 'data');
  if (data !== undefined) plain('data', data, HEX, seen.data);
  const atrNode = find(expected, 'atr');
  if (atrNode !== undefined) plain('ATR', atrNode, HEX, seen.atr);
  for (const [k, v] of binds) if (context.scope.variables?.get(k) !== v) bound.set(k, v);
  return {
    mismatches,
    notes,
    interpretations: [],
    binds: bound,
    decoded,
    type: typed?.type,
    expected: show(expected),
  };
}

/** The ASN.1 value that an answer names: by type, or by a result definition. */
function typedPart(expected: YMap, context: AnswerContext): { type: string; value: Bound } | undefined {
  const use = find(expected, 'use');
  if (use !== undefined) {
    onlyKeys(expected, ANSWER_KEYS, 'an answer');
    const given = find(expected, 'with');
    const unfolded = unfold(
      context,
      'result',
      asText(use, 'use'),
      given === undefined ? undefined : asMap(given, 'with'),
      context.scope,
      use.place,
    );
    return { type: unfolded.type, value: unfolded.value };
  }
  const entry = expected.entries.find((e) => !ANSWER_KEYS.includes(e.key));
  if (entry === undefined) return undefined;
  onlyKeys(expected, [...ANSWER_KEYS, entry.key], 'an answer');
  return { type: entry.key, value: { node: entry.value, scope: context.scope } };
}

function matchRaw(
  node: YNode,
  bytes: Uint8Array,
  context: AnswerContext,
  matching: MatchContext,
): Mismatch[] {
  const { node: n, scope } = deref(node, context.scope);
  if (n.tag !== 'tlv')
    return match({ node: n, scope }, { type: HEX, value: bytes, node: undefined, path: 'raw' }, matching);
  const pattern = parseTlvPattern(textOf(n, scope, '!tlv'), n.place);
  const difference = matchTlvPattern(pattern, bytes);
  if (difference === undefined) return [];
  return [
    {
      cause: 'malformed',
      path: difference.path,
      expected: `${difference.expected} (of ${patternText(pattern)})`,
      actual: difference.actual,
    },
  ];
}

const findingNote = (f: Finding): Note => ({
  code: f.code,
  text: `expected ${f.expected}, got ${f.actual}`,
  path: f.path,
  offset: f.offset,
});

const findingMismatch = (f: Finding): Mismatch => ({
  cause: f.code === 'missing-field' ? 'missing' : 'malformed',
  path: f.path,
  expected: `${f.expected} (${f.code})`,
  actual: f.actual,
  offset: f.offset,
});

/** The decoded answer as text, for the side-by-side view. */
export function actualText(judged: Judged, seen: Seen, version: Sgp32Version): string {
  const head = seen.sw === undefined ? transportText(seen) : `SW ${swText(seen.sw)}`;
  const body =
    judged.decoded?.value !== undefined && judged.type !== undefined
      ? JSON.stringify(toText(typeByName(version, judged.type), judged.decoded.value), null, 1)
      : bytesToHex(seen.data.subarray(0, 2048));
  return `${head} ${body}`.trim();
}

/** What there is when nothing was decoded. */
function transportText(seen: Seen): string {
  const { fault, facts, accepted } = seen;
  if (fault !== undefined) return `${fault.kind}: ${fault.actual}`;
  if (accepted !== undefined)
    return `${accepted ? 'accepted' : 'refused'} ${JSON.stringify(facts ?? {})}`.slice(0, 4096);
  const http = facts?.['http'] as { status?: string } | undefined;
  const coap = facts?.['coap'] as { code?: string } | undefined;
  return http?.status !== undefined
    ? `HTTP ${http.status}`
    : coap?.code !== undefined
      ? `CoAP ${coap.code}`
      : 'no answer';
}

const nothing = (expected: YMap, mismatch: Mismatch): Judged => ({
  mismatches: [mismatch],
  notes: [],
  interpretations: [],
  binds: new Map(),
  decoded: undefined,
  type: undefined,
  expected: show(expected),
});

const FAULT_CAUSES: Readonly<Record<ChannelFault['kind'], Mismatch['cause']>> = {
  timeout: 'timeout',
  reset: 'missing',
  handshake: 'unexpected',
  certificate: 'wrong-value',
  oversized: 'malformed',
  malformed: 'malformed',
  unexpected: 'unexpected',
};

const faultMismatch = (fault: ChannelFault): Mismatch => ({
  cause: FAULT_CAUSES[fault.kind],
  path: fault.path,
  expected: fault.expected,
  actual: fault.actual,
});

/** `refused: {}`: a status word that refuses, or an order that was not taken; `accepted: {}` the other way. */
function refusal(expected: YMap, seen: Seen): Mismatch[] {
  const refused = find(expected, 'refused') !== undefined;
  if (!refused && find(expected, 'accepted') === undefined) return [];
  const differ = (path: string, what: string, actual: string): Mismatch[] => [
    { cause: 'unexpected', path, expected: what, actual },
  ];
  if (seen.accepted !== undefined)
    return seen.accepted === refused
      ? differ('order', refused ? 'a refusal' : 'acceptance', transportText(seen))
      : [];
  const sw = swText(seen.sw);
  if (!refused || !/^(9000|91..|61..)$/.test(sw)) return [];
  const bytes = bytesToHex(seen.data.subarray(0, 64));
  return differ('SW1SW2', 'a refusal (no 9000, 61xx, 91xx)', `${sw} ${bytes}`.trim());
}

/** `noAnswer: {}`: whatever the transport says, there is no ESipa message in it. */
const silence = (expected: YMap, seen: Seen): Mismatch[] =>
  find(expected, 'noAnswer') === undefined || seen.data.length === 0
    ? []
    : [
        {
          cause: 'unexpected',
          path: 'answer',
          expected: 'no answer',
          actual: `${seen.data.length} bytes ${bytesToHex(seen.data.subarray(0, 64))}`,
        },
      ];

const bindingNote = (f: BindingFinding): Note => ({
  code: f.code,
  text: `expected ${f.expected}, got ${f.actual}`,
  path: f.path,
});
