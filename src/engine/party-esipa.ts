/** The eIM as a party of S_IPA: an ESipa message, or what is wrong with it on its way. */
import type { ChannelFault, EimObservation, EsipaRequest } from '../../drivers/eim-contract.js';
import { bytesToHex, decode, hexToBytes, renderTree, type TextValue } from '../protocol/asn1/index.js';
import { typeByName } from '../protocol/types/index.js';
import { offersOf } from './esipa-offers.js';
import { evaluateText, type Evaluation } from './evaluate.js';
import type { Message } from './result.js';
import type { Scope } from './scope.js';
import type { Knowledge, Prepared, Seen } from './stage.js';
import { typedMessage } from './step-request.js';
import type { ExchangeStep } from './suite.js';
import { asText, find, onlyKeys, SuiteError, type YMap } from './yaml/nodes.js';

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
  'over',
];

export interface EsipaParty {
  readonly knowledge: Knowledge;
  /** Name of the device that speaks. */
  readonly device: string;
  /** Of the eIM's EimConfigurationData. */
  readonly trustedPublicKeyDataTls: TextValue | undefined;
  exchange(request: EsipaRequest, signal: AbortSignal): Promise<EimObservation>;
}

/** For an IPA that shall use what the eIM gave to the eUICC. */
const NOTHING_CONFIGURED: ChannelFault = {
  kind: 'certificate',
  path: 'trustedPublicKeyDataTls',
  expected: 'a key or a certificate in EimConfigurationData',
  actual: 'none',
};

/** @throws {SuiteError} for a request that can not be built. */
export function prepareEsipa(party: EsipaParty, step: ExchangeStep, scope: Scope): Prepared {
  const { request, title, message, nothingConfigured } = esipaRequest(party, step.request, scope);
  const save = find(step.request, 'save');
  return {
    title,
    message,
    async send(signal): Promise<Seen> {
      if (nothingConfigured) return { data: new Uint8Array(0), fault: NOTHING_CONFIGURED };
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
): { request: EsipaRequest; title: string; message: Message | undefined; nothingConfigured: boolean } {
  const at: Evaluation = { scope, eims: party.knowledge.eims };
  const connection = find(node, 'connection');
  if (connection !== undefined && asText(connection, 'connection') !== 'new')
    throw new SuiteError('yaml-shape', 'connection can only be new', connection.place);
  const over = find(node, 'over');
  if (over !== undefined && asText(over, 'over') !== 'https')
    throw new SuiteError('yaml-shape', 'over can only be https', over.place);
  const body = find(node, 'body');
  const bodyBytes = body === undefined ? undefined : hexToBytes(evaluateText(body, at, 'body'));
  if (body !== undefined && bodyBytes === undefined)
    throw new SuiteError('yaml-shape', "'body' must be hex", body.place);
  const { nothingConfigured = false, ...offers } = offersOf(node, at, party.trustedPublicKeyDataTls);
  const request: EsipaRequest = {
    device: party.device,
    ...(over === undefined ? {} : { over: 'https' }),
    ...(connection === undefined ? {} : { fresh: true }),
    ...offers,
    ...(bodyBytes === undefined ? {} : { body: bodyBytes }),
  };
  if (find(node, 'handshake') !== undefined) {
    onlyKeys(node, ['handshake', 'tls'], 'a handshake');
    return {
      request: { ...request, handshakeOnly: true },
      title: 'Handshake',
      message: undefined,
      nothingConfigured,
    };
  }
  const named = find(node, 'use') ?? node.entries.find((e) => !ESIPA_EXTRAS.includes(e.key));
  if (named === undefined) {
    if (bodyBytes === undefined)
      throw new SuiteError('step-shape', 'a request without a message', node.place);
    return { request, title: 'ESipa body', message: { hex: bytesToHex(bodyBytes) }, nothingConfigured };
  }
  const { type, bytes, title } = typedMessage(node, scope, party.knowledge, ESIPA_EXTRAS);
  const tree = decode(typeByName(party.knowledge.version, type), bytes).node;
  return {
    request: { ...request, message: bytes },
    title,
    nothingConfigured,
    message: { type, hex: bytesToHex(bytes), ...(tree === undefined ? {} : { tree: renderTree(tree) }) },
  };
}
