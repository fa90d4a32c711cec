/** What goes wrong between two CoAP endpoints (RFC 7252, RFC 7959). */
import { Sgp33Error, type ErrorDetail } from '../../protocol/errors.js';

export type CoapErrorCode =
  /** No answer before the last retransmission or the caller's deadline. */
  | 'coap-timeout'
  /** The peer answered with a Reset message. */
  | 'coap-reset'
  /** The channel was closed, by us or by the peer, before the answer. */
  | 'coap-closed'
  /** Bytes that are no CoAP message, or a message that RFC 7252 says to reject. */
  | 'coap-malformed'
  /** A message of ours that has no encoding: a token, an option, a body in such blocks. */
  | 'coap-unencodable'
  /** More payload than the receiver takes. */
  | 'coap-too-large'
  /** Blocks that do not fit together (RFC 7959). */
  | 'coap-block';

export class CoapError extends Sgp33Error {
  declare readonly code: CoapErrorCode;
  /** What the peer had answered before the trouble, for a report. */
  readonly seen: CoapSeen | undefined;

  constructor(code: CoapErrorCode, what: string, detail: ErrorDetail & { seen?: CoapSeen | undefined } = {}) {
    super(code, what, detail);
    this.seen = detail.seen;
  }
}

/** The last answer of the peer in an exchange that failed. */
export interface CoapSeen {
  /** `2.05`; `0.00` for a bare acknowledgement. */
  readonly code?: string;
  /** Response blocks put together so far. */
  readonly blocks?: number;
  /** Bytes of payload put together so far. */
  readonly payloadLength?: number;
}
