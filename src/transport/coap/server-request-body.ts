/** Bodies of requests that come in Block1 blocks, put together (RFC 7959 2.5). */
import { CoapError } from './errors.js';
import { ExpiringMap } from './expiring-map.js';
import type { CoapMessage, CoapOption } from './message.js';
import { blockOf, blockOption, option, optionUint, type Block } from './options.js';
import type { ResponseParts } from './server-types.js';

export interface RequestBodyLimits {
  /** Bytes of one body. */
  readonly maxPayload: number;
  /** Bodies of one peer that may be under way at once. */
  readonly maxBodies: number;
  readonly blockSize: number;
  readonly lifetimeMs: number;
}

interface Assembly {
  readonly parts: Uint8Array[];
  readonly contentFormat: number | undefined;
  length: number;
}

export type TakenBody =
  /** The body is not whole, or never will be. */
  | { readonly kind: 'answer'; readonly response: ResponseParts }
  /** The options go into the final response. */
  | {
      readonly kind: 'whole';
      readonly payload: Uint8Array;
      readonly blocks: number;
      readonly options: readonly CoapOption[];
    };

export class RequestBodies {
  readonly #assemblies: ExpiringMap<Assembly>;
  readonly #maxPayload: number;
  readonly #blockSize: number;

  constructor({ maxPayload, maxBodies, blockSize, lifetimeMs }: RequestBodyLimits) {
    this.#assemblies = new ExpiringMap(maxBodies, lifetimeMs);
    this.#maxPayload = maxPayload;
    this.#blockSize = blockSize;
  }

  clear(): void {
    this.#assemblies.clear();
  }

  /**
   * @param key what the blocks of one body have in common.
   * @returns 2.31 after a block that is not the last; 4.08 for one that does not go on where the last ended (or goes on
   *   with another Content-Format); 4.13 with Size1 for a body over the limit; 4.00 for a block that is none.
   */
  take(message: CoapMessage, key: string): TakenBody {
    const block = blockOrNothing(message);
    if (block === 'malformed') return answer('4.00');
    if (block === undefined) {
      if (message.payload.length > this.#maxPayload) return this.#tooLarge(key);
      return { kind: 'whole', payload: message.payload, blocks: 1, options: [] };
    }
    const fits = block.more ? message.payload.length === block.size : message.payload.length <= block.size;
    if (!fits) return this.#drop(key, '4.00');
    const contentFormat = optionUint(message.options, 'Content-Format');
    const begins = block.num === 0;
    const assembly = begins ? { parts: [], contentFormat, length: 0 } : this.#assemblies.get(key);
    if (assembly?.length !== block.num * block.size || assembly.contentFormat !== contentFormat)
      return this.#drop(key, '4.08');
    const length = assembly.length + message.payload.length;
    const announced = begins ? (optionUint(message.options, 'Size1') ?? 0) : 0;
    if (Math.max(length, announced) > this.#maxPayload) return this.#tooLarge(key);
    assembly.parts.push(message.payload);
    assembly.length = length;
    if (!block.more) {
      this.#assemblies.delete(key);
      const payload = Uint8Array.from(Buffer.concat(assembly.parts));
      const blocks = assembly.parts.length;
      return { kind: 'whole', payload, blocks, options: [blockOption('Block1', block)] };
    }
    this.#assemblies.set(key, assembly);
    const size = Math.min(block.size, this.#blockSize);
    return answer('2.31', [blockOption('Block1', { ...block, size })]);
  }

  #drop(key: string, code: string): TakenBody {
    this.#assemblies.delete(key);
    return answer(code);
  }

  #tooLarge(key: string): TakenBody {
    this.#assemblies.delete(key);
    return answer('4.13', [option('Size1', this.#maxPayload)]);
  }
}

function answer(code: string, options: readonly CoapOption[] = []): TakenBody {
  return { kind: 'answer', response: { code, options } };
}

function blockOrNothing(message: CoapMessage): Block | undefined | 'malformed' {
  try {
    return blockOf(message.options, 'Block1');
  } catch (error) {
    if (error instanceof CoapError) return 'malformed';
    throw error;
  }
}
