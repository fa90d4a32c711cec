/** The eIM as a party of S_IPA: an ESipa message, or what is wrong with it on its way. */
import type {
  CoapDeviation,
  EimObservation,
  EsipaRequest,
  HttpDeviation,
  TlsOffer,
} from '../../drivers/eim-contract.js';
import { bytesToHex, decode, hexToBytes, renderTree, type TextValue } from '../protocol/asn1/index.js';
import { typeByName } from '../protocol/types/index.js';
import { evaluateData, evaluateText, type Evaluation } from './evaluate.js';
import type { Message } from './result.js';
import type { Scope } from './scope.js';
import type { Knowledge, Prepared, Seen } from './stage.js';
import { typedMessage } from './step-request.js';
import type { ExchangeStep } from './suite.js';
import { asMap, asText, find, onlyKeys, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

/** Keys beside the message. */
export const ESIPA_EXTRAS: readonly string[] = [
  'deviate',
  'save',
  'http',
  'coap',
  'tls',
  'connection',
  'body',
  'handshake',
];

const HTTP_KEYS = ['method', 'path', 'headers', 'chunked', 'plain', 'cutAfter'];
const COAP_KEYS = [
  'code',
  'path',
  'contentFormat',
  'options',
  'blockSize',
  'blocksOutOfOrder',
  'duplicate',
  'replayRecord',
  'plain',
];
const TLS_KEYS = ['versions', 'ciphers', 'groups', 'signatureAlgorithms', 'servername', 'resume'];

export interface EsipaParty {
  readonly knowledge: Knowledge;
  /** Name of the device that speaks. */
  readonly device: string;
  exchange(request: EsipaRequest, signal: AbortSignal): Promise<EimObservation>;
}

/** @throws {SuiteError} for a request that can not be built. */
export function prepareEsipa(party: EsipaParty, step: ExchangeStep, scope: Scope): Prepared {
  const { request, title, message } = esipaRequest(party, step.request, scope);
  const save = find(step.request, 'save');
  return {
    title,
    message,
    async send(signal): Promise<Seen> {
      const { data, facts, fault, findings } = await party.exchange(request, signal);
      return { data, facts, findings, ...(fault === undefined ? {} : { fault }) };
    },
    after: () => ({
      variables: new Map<string, TextValue>(
        save === undefined || request.message === undefined
          ? []
          : [[asText(save, 'save'), bytesToHex(request.message)]],
      ),
    }),
  };
}

function esipaRequest(
  party: EsipaParty,
  node: YMap,
  scope: Scope,
): { request: EsipaRequest; title: string; message: Message | undefined } {
  const at: Evaluation = { scope, eims: party.knowledge.eims };
  const part = (key: string, known: readonly string[]): { [name: string]: TextValue } | undefined => {
    const value = find(node, key);
    if (value === undefined) return undefined;
    onlyKeys(asMap(value, key), known, key);
    return nullable(value, at) as { [name: string]: TextValue };
  };
  const [http, coap, tls] = [part('http', HTTP_KEYS), part('coap', COAP_KEYS), part('tls', TLS_KEYS)];
  const connection = find(node, 'connection');
  if (connection !== undefined && asText(connection, 'connection') !== 'new')
    throw new SuiteError('yaml-shape', 'connection can only be new', connection.place);
  const body = find(node, 'body');
  const bodyBytes = body === undefined ? undefined : hexToBytes(evaluateText(body, at, 'body'));
  if (body !== undefined && bodyBytes === undefined)
    throw new SuiteError('yaml-shape', "'body' must be hex", body.place);
  const request: EsipaRequest = {
    device: party.device,
    ...(connection === undefined ? {} : { fresh: true }),
    ...(http === undefined ? {} : { http: httpOf(http) }),
    ...(coap === undefined ? {} : { coap: coapOf(coap) }),
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    ...(bodyBytes === undefined ? {} : { body: bodyBytes }),
  };
  if (find(node, 'handshake') !== undefined) {
    onlyKeys(node, ['handshake', 'tls'], 'a handshake');
    return { request: { ...request, handshakeOnly: true }, title: 'Handshake', message: undefined };
  }
  const named = find(node, 'use') ?? node.entries.find((e) => !ESIPA_EXTRAS.includes(e.key));
  if (named === undefined) {
    if (bodyBytes === undefined)
      throw new SuiteError('step-shape', 'a request without a message', node.place);
    return { request, title: 'ESipa body', message: { hex: bytesToHex(bodyBytes) } };
  }
  const { type, bytes, title } = typedMessage(node, scope, party.knowledge, ESIPA_EXTRAS);
  const tree = decode(typeByName(party.knowledge.version, type), bytes).node;
  return {
    request: { ...request, message: bytes },
    title,
    message: { type, hex: bytesToHex(bytes), ...(tree === undefined ? {} : { tree: renderTree(tree) }) },
  };
}

/** `!absent` is null here: the header or option that is left out. */
function nullable(node: YNode, at: Evaluation): unknown {
  if (node.tag === 'absent') return null;
  if (node.kind === 'map') return Object.fromEntries(node.entries.map((e) => [e.key, nullable(e.value, at)]));
  return evaluateData(node, at);
}

const whole = (value: TextValue | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);
const given = <T extends object>(o: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as never;

const httpOf = (m: { [name: string]: TextValue }): HttpDeviation =>
  given({
    method: m['method'] as string | undefined,
    path: m['path'] as string | undefined,
    headers: m['headers'] as Record<string, string | null> | undefined,
    chunked: whole(m['chunked']),
    plain: m['plain'] === undefined ? undefined : m['plain'] === 'true',
    cutAfter: whole(m['cutAfter']),
  });

const tlsOf = ({ resume, ...offer }: { [name: string]: TextValue }): TlsOffer => ({
  ...(offer as TlsOffer),
  ...(resume === undefined ? {} : { resume: resume === 'true' }),
});

const coapOf = (m: { [name: string]: TextValue }): CoapDeviation => {
  const flag = (name: string): boolean | undefined =>
    m[name] === undefined ? undefined : m[name] === 'true';
  const format = m['contentFormat'] as string | null | undefined;
  return given({
    code: m['code'] as string | undefined,
    path: m['path'] as string | undefined,
    contentFormat: format === undefined ? undefined : format === null ? null : Number(format),
    options: (m['options'] as { number: string; value: string }[] | undefined)?.map((o) => ({
      number: Number(o.number),
      value: o.value,
    })),
    blockSize: whole(m['blockSize']),
    blocksOutOfOrder: flag('blocksOutOfOrder'),
    duplicate: flag('duplicate'),
    replayRecord: flag('replayRecord'),
    plain: flag('plain'),
  });
};
