/** The body of a response, fetched block by block where it came in Block2 (RFC 7959 2.4). */
import type { Answer } from './client-exchange.js';
import type { TransferContext } from './client-send.js';
import { CoapError, type CoapSeen } from './errors.js';
import type { CoapOption } from './message.js';
import { blockOf, blockOption, MAX_BLOCK_NUM, optionUint, optionValue, type Block } from './options.js';

export interface ReceivedBody {
  readonly payload: Uint8Array;
  readonly blocks: number;
  readonly block2Size?: number;
  readonly etag?: string;
  readonly size2?: number;
  readonly tokenEcho: boolean;
}

export interface BodyToReceive {
  /** Of the request, without those about its body. */
  readonly options: readonly CoapOption[];
  readonly maxPayload: number;
}

/**
 * @param first the response to the whole request.
 * @throws {CoapError} `coap-block` for blocks that do not fit together, `coap-too-large`, and what an exchange throws.
 */
export async function receiveBody(
  context: TransferContext,
  first: Answer,
  { options, maxPayload }: BodyToReceive,
): Promise<ReceivedBody> {
  const { code } = first.message;
  const size2 = optionUint(first.message.options, 'Size2');
  const etag = etagOf(first);
  const parts = [first.message.payload];
  let total = first.message.payload.length;
  let answer = first;
  let tokenEcho = first.tokenEcho;
  let block = blockIn(answer, 0, { code });
  let size = block?.size;
  const seen = (): CoapSeen => ({ code, blocks: parts.length, payloadLength: total });
  assertFits(Math.max(total, size2 ?? 0), maxPayload, seen());
  while (block?.more === true) {
    // Ours when it is smaller: what came so far is a whole number of such blocks, too.
    size = Math.min(block.size, context.blockSize);
    const num = total / size;
    if (num > MAX_BLOCK_NUM) assertFits(Infinity, maxPayload, seen());
    answer = await context.exchanges.run(
      {
        code: context.code,
        confirmable: context.confirmable,
        options: [...options, blockOption('Block2', { num, more: false, size })],
        payload: new Uint8Array(0),
      },
      context.signal,
    );
    tokenEcho &&= answer.tokenEcho;
    if (answer.message.code !== code) throw misfit('code', code, answer.message.code, seen());
    if (etagOf(answer) !== etag) throw misfit('ETag', etag ?? 'none', etagOf(answer) ?? 'none', seen());
    block = blockIn(answer, total, seen());
    if (block === undefined) throw misfit('Block2', `number ${num}`, 'no Block2', seen());
    parts.push(answer.message.payload);
    total += answer.message.payload.length;
    assertFits(total, maxPayload, seen());
  }
  return {
    payload: parts.length === 1 ? first.message.payload : Uint8Array.from(Buffer.concat(parts)),
    blocks: parts.length,
    ...(size === undefined ? {} : { block2Size: size }),
    ...(etag === undefined ? {} : { etag }),
    ...(size2 === undefined ? {} : { size2 }),
    tokenEcho,
  };
}

/** Block2 of an answer, when it goes on at `offset` with as many bytes as it says. */
function blockIn(answer: Answer, offset: number, seen: CoapSeen): Block | undefined {
  const { options, payload } = answer.message;
  const block = blockOf(options, 'Block2');
  if (block === undefined) return undefined;
  if (block.num * block.size !== offset) {
    throw misfit('Block2', `a block at byte ${offset}`, `a block at byte ${block.num * block.size}`, seen);
  }
  const fits = block.more ? payload.length === block.size : payload.length <= block.size;
  if (!fits) {
    const expected = `${block.more ? '' : 'at most '}${block.size} bytes in the block`;
    throw misfit('Block2', expected, `${payload.length} bytes`, seen);
  }
  return block;
}

function etagOf({ message }: Answer): string | undefined {
  const value = optionValue(message.options, 'ETag');
  return value === undefined ? undefined : Buffer.from(value).toString('hex').toUpperCase();
}

function assertFits(length: number, maxPayload: number, seen: CoapSeen): void {
  if (length <= maxPayload) return;
  throw new CoapError('coap-too-large', 'a response with more payload than is taken', {
    place: 'payload',
    expected: `at most ${maxPayload} bytes`,
    actual: length === Infinity ? 'blocks without an end' : `${length} bytes`,
    seen,
  });
}

function misfit(place: string, expected: string, actual: string, seen: CoapSeen): CoapError {
  return new CoapError('coap-block', 'blocks that do not fit together', { place, expected, actual, seen });
}
