/** Bodies of responses that go out in Block2 blocks (RFC 7959 2.4). */
import { createHash } from 'node:crypto';
import { CoapError } from './errors.js';
import { ExpiringMap } from './expiring-map.js';
import { isSuccess, type CoapMessage, type CoapOption } from './message.js';
import { blockOf, blockOption, blockSizeFor, MAX_BLOCK_NUM, option, type Block } from './options.js';
import type { ResponseParts } from './server-types.js';

/** Responses of one peer that may be half fetched at once. */
const MAX_BODIES = 4;

interface Body {
  readonly response: ResponseParts;
  readonly payload: Uint8Array;
  readonly etag: Uint8Array;
  /** Greatest block. */
  readonly blockSize: number;
}

export class ResponseBodies {
  readonly #bodies: ExpiringMap<Body>;
  readonly #blockSize: number;

  constructor(blockSize: number, lifetimeMs: number) {
    this.#bodies = new ExpiringMap(MAX_BODIES, lifetimeMs);
    this.#blockSize = blockSize;
  }

  clear(): void {
    this.#bodies.clear();
  }

  /**
   * The answer to a request for a further block of a response; undefined when the request is a new one.
   * @returns 4.08 when there is no such response any more, 4.00 for a block that is none or behind the end.
   */
  laterBlock(message: CoapMessage, key: string): ResponseParts | undefined {
    const block = wishOf(message);
    if (block === 'malformed') return { code: '4.00' };
    if (block === undefined || block.num === 0) return undefined;
    const body = this.#bodies.get(key);
    if (body === undefined) return { code: '4.08' };
    const size = Math.min(block.size, body.blockSize);
    const num = (block.num * block.size) / size;
    if (num * size >= body.payload.length || num > MAX_BLOCK_NUM) return { code: '4.00' };
    return partOf(body, { num, size }, []);
  }

  /** The whole response, or its first block when it is larger than a block or the client asked for blocks. */
  firstBlock(message: CoapMessage, key: string, response: ResponseParts): ResponseParts {
    const wish = wishOf(message);
    const payload = response.payload ?? new Uint8Array(0);
    const asked = wish === undefined || wish === 'malformed' ? undefined : wish.size;
    const { delivery } = response;
    const blockSize = Math.min(this.#blockSize, blockSizeFor(delivery?.blockSize ?? this.#blockSize));
    const size = Math.min(asked ?? blockSize, blockSize);
    this.#bodies.delete(key);
    if (
      payload.length <= size &&
      (asked === undefined || !isSuccess(response.code) || payload.length === 0)
    ) {
      if (delivery?.missingBlock === 0) return missing(response);
      delivery?.onProgress?.({ kind: 'block', num: 0, more: false });
      return response;
    }
    const etag = Uint8Array.from(createHash('sha256').update(payload).digest().subarray(0, 8));
    const body: Body = { response, payload, etag, blockSize };
    if (payload.length > size) this.#bodies.set(key, body);
    return partOf(body, { num: 0, size }, [option('Size2', payload.length), ...(response.options ?? [])]);
  }
}

function partOf(
  { response, payload, etag }: Body,
  { num, size }: Pick<Block, 'num' | 'size'>,
  options: readonly CoapOption[],
): ResponseParts {
  const { code, contentFormat, delivery } = response;
  if (delivery?.missingBlock === num) return missing(response);
  const start = num * size;
  const more = start + size < payload.length;
  delivery?.onProgress?.({ kind: 'block', num, more });
  return {
    code,
    contentFormat,
    payload: payload.subarray(start, start + size),
    // The first block goes out as it was told; the others in their ACKs.
    ...(num === 0 ? { delivery } : {}),
    options: [option('ETag', etag), blockOption('Block2', { num, more, size }), ...options],
  };
}

/** RFC 7959 2.9.2: the request has to be made again. */
function missing({ delivery }: ResponseParts): ResponseParts {
  delivery?.onProgress?.({ kind: 'missing' });
  return { code: '4.08' };
}

/** Block2 of a request: number and greatest size of the block that the client wants. */
function wishOf(message: CoapMessage): Block | undefined | 'malformed' {
  try {
    return blockOf(message.options, 'Block2');
  } catch (error) {
    if (error instanceof CoapError) return 'malformed';
    throw error;
  }
}
