/**
 * How an implementation under test is reached. A driver moves bytes and reports what it saw; it never judges.
 */
import { Sgp33Error, type ErrorDetail } from '../src/protocol/errors.js';

/** A card behind a reader, or the in-process eUICC: one C-APDU in, one R-APDU (data and SW1 SW2) out. */
export interface CardTransport {
  /** The reader's name as PC/SC gives it, or `in-process`. */
  readonly name: string;
  /** Answer to reset of the last (cold) reset. */
  readonly atr: Uint8Array;
  readonly protocol: 'T=0' | 'T=1';
  /** How the card is reached; `IutIdentity.transport` repeats it. */
  readonly binding?: 'in-process' | 'pcsclite' | 'pcsc-ffi';
  /**
   * Exchanges one APDU, exactly the bytes given (no GET RESPONSE, no Le handling).
   * @throws {TransportError} `timeout` when the deadline passes, `card-removed`, `reader-gone`, `communication`.
   */
  transmit(command: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
  /** Powers the card off and on again. Returns the new ATR. Also the way back after a card was pulled. */
  coldReset(signal?: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type TransportErrorCode =
  | 'timeout'
  | 'card-removed'
  | 'reader-gone'
  | 'reader-not-found'
  | 'pcsc-unavailable'
  | 'communication'
  /** A host that refuses, has no route or no name. */
  | 'unreachable'
  | 'aborted';

/** Trouble below the APDU: always the environment's, never a FAIL of the IUT by itself. */
export class TransportError extends Sgp33Error {
  declare readonly code: TransportErrorCode;
  /** What had gone over the wire before the trouble; a driver sets it. */
  events?: readonly TraceEvent[];

  constructor(code: TransportErrorCode, what: string, detail: ErrorDetail = {}) {
    super(code, what, detail);
  }
}

export type TraceKind =
  | 'c-apdu'
  | 'r-apdu'
  | 'reset'
  | 'note'
  /** TLS or DTLS facts of a session, in `text`. */
  | 'tls'
  /** Head in `text`, body in `bytes`. */
  | 'http-request'
  | 'http-response'
  /** One CoAP message in `bytes`, decoded in `text`. */
  | 'coap-out'
  | 'coap-in'
  /** The management API of an eIM; secrets are left out. */
  | 'api-request'
  | 'api-response';

/** One thing that happened on the wire. `at` is milliseconds since the driver was opened. */
export interface TraceEvent {
  readonly at: number;
  readonly kind: TraceKind;
  readonly bytes?: Uint8Array;
  readonly text?: string;
}

/** What the engine asks of an eUICC driver. */
export type EuiccRequest =
  /** One ES10 function: the request TLV goes out in STORE DATA blocks on the ISD-R's channel, the answer is put together. */
  | { readonly kind: 'es10'; readonly data: Uint8Array; readonly blockSize?: number }
  /** One raw APDU. `chain` follows 61xx and 6Cxx; without it, the very answer is reported. */
  | { readonly kind: 'apdu'; readonly command: Uint8Array; readonly chain?: boolean }
  /** Cold reset; `start: false` leaves the card just after the ATR, otherwise TERMINAL CAPABILITY, channel and ISD-R follow. */
  | { readonly kind: 'reset'; readonly start?: boolean };

/** What came back. `sw` is null after a bare reset (data is the ATR), and when `malformed` is set. */
export interface Observation {
  readonly data: Uint8Array;
  readonly sw: number | null;
  /** An R-APDU of less than 2 bytes, as it came; `data` holds what came before it. */
  readonly malformed?: Uint8Array;
  /** A chain of 61xx was longer than the driver follows; `data` is what was read until then. */
  readonly overflow?: 'bytes' | 'rounds';
  /** All that went over the wire for this request, in order. */
  readonly events: readonly TraceEvent[];
}

/** Who the implementation under test is, as far as it can be read from it. All hex in upper case. */
export interface IutIdentity {
  readonly eid?: string;
  readonly reader?: string;
  readonly atr?: string;
  readonly protocol?: string;
  /** `transport` names the binding: in-process, pcsclite, pcsc-ffi. */
  readonly transport: string;
}

/** A personalisation step that no ES10 command can do (installing a profile without SM-DP+, filling the memory ...). */
export interface PersonalisationRequest {
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The one interface between engine and drivers for an eUICC. */
export interface EuiccDriver {
  readonly kind: 'eUICC';
  readonly identity: IutIdentity;
  /**
   * Opens the card: cold reset, TERMINAL CAPABILITY, MANAGE CHANNEL, SELECT ISD-R, GetEID.
   * @returns all that went over the wire for it.
   * @throws {TransportError} or {@link Sgp33Error} `not-an-euicc`, `eid-mismatch`.
   */
  open(signal?: AbortSignal): Promise<readonly TraceEvent[]>;
  /**
   * @throws {TransportError} any bytes of the card are an Observation. The events so far are in `error.events`.
   * @throws {Sgp33Error} for a request that can not be sent: `driver-not-open`, `es10-request-too-long`.
   */
  exchange(request: EuiccRequest, signal?: AbortSignal): Promise<Observation>;
  /** True when the target names a way to personalise. */
  readonly canPersonalise: boolean;
  /** @throws {Sgp33Error} `personalisation-unavailable`, `personalisation-failed`. */
  personalise(request: PersonalisationRequest, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
