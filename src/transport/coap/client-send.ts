/** The body of a request, in Block1 blocks when it is larger than one (RFC 7959 2.5). */
import type { Answer, ClientExchanges, ExchangeRequest } from './client-exchange.js';
import { CoapError } from './errors.js';
import { isSuccess, type CoapOption } from './message.js';
import { blockOf, blockOption, MAX_BLOCK_NUM, MAX_BLOCK_SIZE, option, type Block } from './options.js';

export interface TransferContext {
  readonly exchanges: ClientExchanges;
  readonly code: string;
  readonly confirmable: boolean;
  readonly blockSize: number;
  readonly signal: AbortSignal | undefined;
}

export interface BodyToSend {
  readonly payload: Uint8Array;
  readonly options: readonly CoapOption[];
  readonly leaveFirstOut: boolean;
  /** For the datagram after which the server answers. */
  readonly last: Pick<ExchangeRequest, 'duplicate' | 'countAnswersMs' | 'onSent'>;
}

export interface SentBody {
  /** To the last block that was sent. */
  readonly answer: Answer;
  /** 0: without Block1. */
  readonly blocks: number;
  readonly size: number;
  readonly codes: readonly string[];
  readonly tokenEcho: boolean;
}

/** @throws {CoapError} as {@link ClientExchanges.run}, `coap-block` and `coap-unencodable`. */
export async function sendBody(context: TransferContext, body: BodyToSend): Promise<SentBody> {
  // A client that wants small blocks says so before the first response (early negotiation, RFC 7959 2.4).
  const early =
    context.blockSize < MAX_BLOCK_SIZE
      ? [blockOption('Block2', { num: 0, more: false, size: context.blockSize })]
      : [];
  const { code, confirmable } = context;
  const { payload } = body;
  if (payload.length <= context.blockSize && !body.leaveFirstOut) {
    const options = [...body.options, ...early];
    const answer = await context.exchanges.run(
      { code, confirmable, options, payload, ...body.last },
      context.signal,
    );
    return { answer, blocks: 0, size: context.blockSize, codes: [], tokenEcho: answer.tokenEcho };
  }
  let size = firstSize(context.blockSize, body);
  let offset = body.leaveFirstOut ? size : 0;
  let tokenEcho = true;
  const codes: string[] = [];
  for (let blocks = 1; ; blocks += 1) {
    const part = payload.subarray(offset, offset + size);
    const more = offset + part.length < payload.length;
    const block: Block = { num: offset / size, more, size };
    const options = [...body.options, blockOption('Block1', block)];
    if (offset === 0) options.push(option('Size1', payload.length));
    if (!more) options.push(...early);
    const answer = await context.exchanges.run(
      { code, confirmable, options, payload: part, ...(more ? {} : body.last) },
      context.signal,
    );
    tokenEcho &&= answer.tokenEcho;
    const done = { answer, blocks, size, codes, tokenEcho };
    if (!more) return done;
    const next = nextStep(answer, block);
    if (next === 'final') return done;
    codes.push(answer.message.code);
    if (next.restart) offset = 0;
    else offset += part.length;
    size = next.size;
  }
}

/** What the server's answer to a block that is not the last asks for. */
function nextStep(answer: Answer, block: Block): 'final' | { restart: boolean; size: number } {
  const { code, options } = answer.message;
  const theirs = blockOf(options, 'Block1');
  const size = Math.min(block.size, theirs?.size ?? block.size);
  // Too large, but smaller blocks would do (RFC 7959 2.9.3). Sizes only shrink, so that this ends.
  if (code === '4.13' && block.num === 0 && size < block.size) return { restart: true, size };
  if (!isSuccess(code)) return 'final';
  if (theirs === undefined && code !== '2.31') return 'final';
  if (theirs?.num !== block.num) {
    throw new CoapError('coap-block', 'an answer to another block than the one that was sent', {
      place: 'Block1',
      expected: `number ${block.num}`,
      actual: theirs === undefined ? 'no Block1' : `number ${theirs.num}`,
      seen: { code },
    });
  }
  return { restart: false, size };
}

function firstSize(blockSize: number, { payload, leaveFirstOut }: BodyToSend): number {
  let size = blockSize;
  if (leaveFirstOut) while (size >= payload.length && size > 16) size /= 2;
  const blocks = Math.ceil(payload.length / size);
  if ((leaveFirstOut && blocks < 2) || blocks > MAX_BLOCK_NUM + 1) {
    throw new CoapError('coap-unencodable', 'a body that can not go out in such blocks', {
      place: 'payload',
      expected: leaveFirstOut ? 'at least 17 bytes' : `at most ${MAX_BLOCK_NUM + 1} blocks`,
      actual: `${payload.length} bytes in blocks of ${size}`,
    });
  }
  return size;
}
