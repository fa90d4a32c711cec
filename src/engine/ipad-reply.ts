/** What S_eIM says to the IPAd, as a step writes it. */
import type { CoapReplyDeviation, EsipaReply, HttpReplyDeviation } from '../../drivers/ipad-contract.js';
import { bytesToHex, decode, hexToBytes, renderTree, tlv, type TextValue } from '../protocol/asn1/index.js';
import { typeByName } from '../protocol/types/index.js';
import { evaluateText, type Evaluation } from './evaluate.js';
import { factsOf, flagOf, given, numberOf } from './plain-facts.js';
import type { Message } from './result.js';
import type { Scope } from './scope.js';
import type { Knowledge } from './stage.js';
import { typedMessage } from './step-request.js';
import { asMap, asText, find, onlyKeys, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

/** Keys beside the message, or in place of it. */
export const REPLY_EXTRAS: readonly string[] = [
  'deviate',
  'save',
  'http',
  'coap',
  'body',
  'silence',
  'close',
  'default',
  'eimPackage',
  'empty',
];
/** Those that stand in place of a message. */
export const REPLY_FORMS: readonly string[] = ['body', 'silence', 'close', 'default', 'eimPackage', 'empty'];

const HTTP_KEYS = ['status', 'headers', 'cutAfter', 'fillTo'];
const COAP_KEYS = [
  'code',
  'contentFormat',
  'options',
  'blockSize',
  'separate',
  'loseFirst',
  'missingBlock',
  'reset',
];

export interface BuiltReply {
  /** Undefined: what a good eIM says. */
  readonly reply: EsipaReply | undefined;
  readonly title: string;
  readonly message: Message | undefined;
  readonly variables: ReadonlyMap<string, TextValue>;
}

/** GetEimPackageResponse (SGP.32 6.3.2.6): its choice is inside. */
const GET_EIM_PACKAGE_RESPONSE = 0xbf4f;

/** @throws {SuiteError} `unknown-key` for what can not stand beside one of the forms, or below `http` and `coap`. */
export function checkReplyKeys(node: YMap): void {
  const form = REPLY_FORMS.find((key) => find(node, key) !== undefined);
  if (form !== undefined) onlyKeys(node, [form, 'http', 'coap', 'save'], 'an answer to the IPAd');
  for (const [key, known] of [
    ['http', HTTP_KEYS],
    ['coap', COAP_KEYS],
  ] as const) {
    const value = find(node, key);
    if (value !== undefined) onlyKeys(asMap(value, key), known, key);
  }
}

/** @throws {SuiteError} for an answer that can not be built. */
export function buildReply(node: YMap, scope: Scope, known: Knowledge): BuiltReply {
  const at: Evaluation = { scope, eims: known.eims };
  const http = facts(node, 'http', HTTP_KEYS, at);
  const coap = facts(node, 'coap', COAP_KEYS, at);
  const around: EsipaReply = {
    ...(http === undefined ? {} : { http: httpOf(http) }),
    ...(coap === undefined ? {} : { coap: coapOf(coap) }),
  };
  const save = find(node, 'save');
  const form = REPLY_FORMS.find((key) => find(node, key) !== undefined);
  const plain = (reply: EsipaReply | undefined, title: string, sent?: Message): BuiltReply => ({
    reply,
    title,
    message: sent,
    variables: new Map(),
  });
  checkReplyKeys(node);
  switch (form) {
    case 'default':
      return plain(undefined, 'what a good eIM answers');
    case 'silence':
      return plain({ ...around, silence: true }, 'silence');
    case 'close':
      return plain({ ...around, close: true }, 'the connection is closed');
    case 'empty':
      return plain(around, 'an answer without a body');
    case 'body': {
      const body = bytesOf(node, 'body', at);
      return plain({ ...around, body }, 'these bytes', { hex: bytesToHex(body) });
    }
    case 'eimPackage': {
      const inner = asMap(find(node, 'eimPackage') as YNode, 'eimPackage');
      const built = typedMessage(inner, scope, known, ['deviate']);
      const message = tlv(GET_EIM_PACKAGE_RESPONSE, built.bytes);
      return {
        reply: { ...around, message },
        title: built.title,
        message: shown(known, 'GetEimPackageResponse', message),
        variables: saved(save, built.bytes),
      };
    }
    default: {
      // Facts alone: a status without a body.
      if (!node.entries.some((e) => !['http', 'coap'].includes(e.key)))
        return plain(around, 'an answer without a body');
      const { type, bytes, title } = typedMessage(node, scope, known, REPLY_EXTRAS);
      return {
        reply: { ...around, message: bytes },
        title,
        message: shown(known, type, bytes),
        variables: saved(save, bytes),
      };
    }
  }
}

const saved = (save: YNode | undefined, bytes: Uint8Array): Map<string, TextValue> =>
  new Map(save === undefined ? [] : [[asText(save, 'save'), bytesToHex(bytes)]]);

function shown({ version }: Knowledge, type: string, bytes: Uint8Array): Message {
  const tree = decode(typeByName(version, type), bytes).node;
  return { type, hex: bytesToHex(bytes), ...(tree === undefined ? {} : { tree: renderTree(tree) }) };
}

function bytesOf(node: YMap, key: string, at: Evaluation): Uint8Array {
  const value = find(node, key) as YNode;
  const bytes = hexToBytes(evaluateText(value, at, key));
  if (bytes === undefined) throw new SuiteError('yaml-shape', `'${key}' must be hex`, value.place);
  return bytes;
}

function facts(
  node: YMap,
  key: string,
  known: readonly string[],
  at: Evaluation,
): { [name: string]: TextValue } | undefined {
  const value = find(node, key);
  return value === undefined ? undefined : factsOf(value, key, known, at);
}

const httpOf = (m: { [name: string]: TextValue }): HttpReplyDeviation =>
  given({
    status: numberOf(m['status']),
    headers: m['headers'] as Record<string, string | null> | undefined,
    cutAfter: numberOf(m['cutAfter']),
    fillTo: numberOf(m['fillTo']),
  });

const coapOf = (m: { [name: string]: TextValue }): CoapReplyDeviation => {
  const format = m['contentFormat'] as string | null | undefined;
  return given({
    code: m['code'] as string | undefined,
    contentFormat: format === undefined ? undefined : format === null ? null : Number(format),
    options: (m['options'] as { number: string; value: string }[] | undefined)?.map((o) => ({
      number: Number(o.number),
      value: o.value,
    })),
    blockSize: numberOf(m['blockSize']),
    separate: flagOf(m['separate']),
    loseFirst: flagOf(m['loseFirst']),
    missingBlock: numberOf(m['missingBlock']),
    reset: flagOf(m['reset']),
  });
};
