/** What a step sends: a message built from its definition, ES10 bytes, an APDU or a reset. */
import type { EuiccRequest } from '../../drivers/contract.js';
import { bytesToHex, decode, hexToBytes, renderTree } from '../protocol/asn1/index.js';
import { typeByName } from '../protocol/types/index.js';
import { evaluateText } from './evaluate.js';
import { buildMessage, unfold } from './message.js';
import type { Message } from './result.js';
import { textOf, type Bound, type Scope } from './scope.js';
import type { Knowledge } from './stage.js';
import { asMap, asText, find, onlyKeys, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

/** Keys that may stand beside a message. */
export const REQUEST_EXTRAS: readonly string[] = ['deviate', 'blockSize', 'save', 'refresh'];

export interface StepRequest {
  readonly request: EuiccRequest;
  readonly title: string;
  /** For the report; undefined for a reset. */
  readonly message: Message | undefined;
}

/** @throws {SuiteError} for a request that can not be built. */
export function stepRequest(node: YMap, scope: Scope, known: Knowledge): StepRequest {
  const at = { scope, eims: known.eims };
  const reset = find(node, 'reset');
  if (reset !== undefined) {
    onlyKeys(node, ['reset'], 'a reset');
    const kind = textOf(reset, scope, 'reset');
    if (kind !== 'cold' && kind !== 'bare')
      throw new SuiteError('yaml-shape', `'${kind}' is no reset`, reset.place, { expected: 'cold or bare' });
    return {
      request: { kind: 'reset', start: kind === 'cold' },
      title: kind === 'cold' ? 'Cold reset and start-up' : 'Cold reset',
      message: undefined,
    };
  }
  const hex = (key: string): Uint8Array | undefined => {
    const value = find(node, key);
    if (value === undefined) return undefined;
    const bytes = hexToBytes(evaluateText(value, at, key));
    if (bytes === undefined) throw new SuiteError('yaml-shape', `'${key}' must be hex`, value.place);
    return bytes;
  };
  const apdu = hex('apdu');
  if (apdu !== undefined) {
    onlyKeys(node, ['apdu', 'chain'], 'an APDU');
    const chain = find(node, 'chain');
    const chained = chain === undefined ? 'true' : textOf(chain, scope, 'chain');
    if (chain !== undefined && chained !== 'true' && chained !== 'false')
      throw new SuiteError('yaml-shape', 'chain must be true or false', chain.place, { actual: chained });
    return {
      request: { kind: 'apdu', command: apdu, chain: chained === 'true' },
      title: 'APDU',
      message: { hex: bytesToHex(apdu) },
    };
  }
  const blockNode = find(node, 'blockSize');
  const block = blockNode === undefined ? {} : { blockSize: blockSizeOf(blockNode, scope) };
  const raw = hex('es10');
  if (raw !== undefined) {
    onlyKeys(node, ['es10', 'blockSize', 'save'], 'ES10 bytes');
    return {
      request: { kind: 'es10', data: raw, ...block },
      title: 'ES10 command',
      message: { hex: bytesToHex(raw) },
    };
  }
  const message = typedMessage(node, scope, known, REQUEST_EXTRAS);
  const tree = decode(typeByName(known.version, message.type), message.bytes).node;
  return {
    request: { kind: 'es10', data: message.bytes, ...block },
    title: message.title,
    message: {
      type: message.type,
      hex: bytesToHex(message.bytes),
      ...(tree === undefined ? {} : { tree: renderTree(tree) }),
    },
  };
}

/** A message by its type or method, with its deviations. @throws {SuiteError} */
export function typedMessage(
  node: YMap,
  scope: Scope,
  known: Knowledge,
  extras: readonly string[],
): { type: string; bytes: Uint8Array; title: string } {
  const deviate = find(node, 'deviate');
  const own: Bound[] = deviate === undefined ? [] : [{ node: deviate, scope }];
  const use = find(node, 'use');
  if (use !== undefined) {
    onlyKeys(node, ['use', 'with', ...extras], 'a request');
    const given = find(node, 'with');
    const name = asText(use, 'use');
    const unfolded = unfold(
      known,
      'method',
      name,
      given === undefined ? undefined : asMap(given, 'with'),
      scope,
      use.place,
    );
    const built = buildMessage(known, unfolded.type, unfolded.value, [...unfolded.deviate, ...own]);
    return { type: unfolded.type, bytes: built.bytes, title: name };
  }
  const entry = node.entries.find((e) => !extras.includes(e.key));
  if (entry === undefined) throw new SuiteError('step-shape', 'a request without a message', node.place);
  onlyKeys(node, [entry.key, ...extras], 'a request');
  const built = buildMessage(known, entry.key, { node: entry.value, scope }, own);
  return { type: entry.key, bytes: built.bytes, title: entry.key.replace(/Request$/, '') };
}

/** Bytes of data a STORE DATA command carries, 1 to 255. */
function blockSizeOf(node: YNode, scope: Scope): number {
  const size = Number(textOf(node, scope, 'blockSize'));
  if (Number.isInteger(size) && size >= 1 && size <= 255) return size;
  throw new SuiteError('yaml-shape', 'blockSize must be 1 to 255', node.place);
}
