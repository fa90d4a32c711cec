/** Transmission parameters (RFC 7252 4.8), in milliseconds. */
export interface CoapTimings {
  /** Wait before the first retransmission of a confirmable message; each further wait is twice as long. */
  readonly ackTimeoutMs: number;
  /** The first wait is multiplied by a random number between 1 and this. */
  readonly ackRandomFactor: number;
  readonly maxRetransmit: number;
}

export const DEFAULT_TIMINGS: CoapTimings = { ackTimeoutMs: 2000, ackRandomFactor: 1.5, maxRetransmit: 4 };

/** MAX_TRANSMIT_WAIT: how long after the first transmission an answer may still come (93 s by default). */
export function maxTransmitWait({ ackTimeoutMs, ackRandomFactor, maxRetransmit }: CoapTimings): number {
  return ackTimeoutMs * (2 ** (maxRetransmit + 1) - 1) * ackRandomFactor;
}

/** EXCHANGE_LIFETIME: how long a message id stands for one message (247 s by default, with a latency of 100 s). */
export function exchangeLifetime(timings: CoapTimings): number {
  const { ackTimeoutMs, ackRandomFactor, maxRetransmit } = timings;
  const span = ackTimeoutMs * (2 ** maxRetransmit - 1) * ackRandomFactor;
  return span + 200_000 + ackTimeoutMs;
}
