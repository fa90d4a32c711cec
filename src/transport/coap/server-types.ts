/** What a CoAP server is asked, and how it can be told to answer. */
import type { CoapTrace } from './channel.js';
import type { CoapOption } from './message.js';
import type { CoapTimings } from './timings.js';

export interface CoapServerRequest {
  /** `0.02` is POST; unknown methods come here, too. */
  readonly code: string;
  readonly type: 'CON' | 'NON';
  /** Segments. */
  readonly path: readonly string[];
  /** `name=value` texts. */
  readonly query: readonly string[];
  readonly contentFormat: number | undefined;
  /** Put together from all blocks. */
  readonly payload: Uint8Array;
  /** Messages that the body came in. */
  readonly blocks: number;
  /** Messages of the peer that came again since its request before. */
  readonly retransmissions: number;
  /** Of the (last) message, without those that were not understood. */
  readonly options: readonly CoapOption[];
}

export interface CoapServerResponse {
  readonly code: string;
  readonly contentFormat?: number | undefined;
  readonly payload?: Uint8Array | undefined;
  /** Besides Content-Format, and what belongs to blocks. */
  readonly options?: readonly CoapOption[] | undefined;
  readonly delivery?: CoapDelivery | undefined;
}

/** How a response goes out: choices that CoAP leaves open, and what is not as it wants it. */
export interface CoapDelivery {
  /** Greatest block of this response. */
  readonly blockSize?: number | undefined;
  /** An empty ACK at once, and the response as a confirmable message of its own (RFC 7252 5.2.2). */
  readonly separate?: boolean | undefined;
  /** The first datagram is not sent; of a separate response, neither the ACK nor the response. */
  readonly loseFirst?: boolean | undefined;
  /** The block with that number is answered with 4.08, as often as it is asked for. */
  readonly missingBlock?: number | undefined;
  /** RST in place of the response. */
  readonly reset?: boolean | undefined;
  /** Nothing goes out, not even an acknowledgement. */
  readonly silent?: boolean | undefined;
  readonly onProgress?: ((progress: CoapProgress) => void) | undefined;
}

export type CoapProgress =
  /** The response, or a block of it, went out (or was lost). */
  | { readonly kind: 'block'; readonly num: number; readonly more: boolean }
  /** The block that is missing was asked for. */
  | { readonly kind: 'missing' }
  /** The peer sent the request again. */
  | { readonly kind: 'repeated' }
  /** The end of a separate response. */
  | { readonly kind: 'acknowledged' | 'unacknowledged' };

export type CoapHandler = (request: CoapServerRequest) => Promise<CoapServerResponse>;

export interface CoapServerOptions extends Partial<CoapTimings> {
  /** Greatest block of a response and wish for blocks of a request, default 1024. */
  readonly blockSize?: number | undefined;
  /** Greatest body of a request in bytes, default 256 KiB. */
  readonly maxPayload?: number | undefined;
  /** Bodies of requests that may be under way at once, default 4. */
  readonly maxBodies?: number | undefined;
  /** A handler that takes longer gets an empty ACK and a separate response, default 1000 ms. */
  readonly piggybackMs?: number | undefined;
  /** How long unfinished and half-fetched bodies are kept, default 60 s. */
  readonly bodyLifetimeMs?: number | undefined;
  /** Requests of the peer that are handled at once, default 16; more are answered 5.03. */
  readonly maxConcurrent?: number | undefined;
  readonly trace?: CoapTrace | undefined;
  /** Gets what the server refuses by itself, and why: no message, a block that does not fit, an unknown critical option. */
  readonly onRefused?: ((reason: string, datagram: Uint8Array) => void) | undefined;
}

/** A response with the options that are not made of `contentFormat`. */
export type ResponseParts = CoapServerResponse;
