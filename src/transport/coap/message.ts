/** A CoAP message, apart from its bytes (RFC 7252 3). */

export type CoapType = 'CON' | 'NON' | 'ACK' | 'RST';

export interface CoapOption {
  /** 0 to 65535; odd numbers are critical. */
  readonly number: number;
  readonly value: Uint8Array;
}

export interface CoapMessage {
  readonly type: CoapType;
  /** Class and detail: `0.02` is POST, `2.05` Content, `0.00` an empty message. */
  readonly code: string;
  /** 0 to 65535. */
  readonly messageId: number;
  /** 0 to 8 bytes. */
  readonly token: Uint8Array;
  /** In the order of their numbers; equal numbers in the order of the message. */
  readonly options: readonly CoapOption[];
  readonly payload: Uint8Array;
}

export const EMPTY_CODE = '0.00';
const NOTHING = new Uint8Array(0);

/** ACK or RST without anything in it, as an answer to a message id. */
export function emptyMessage(type: 'ACK' | 'RST', messageId: number): CoapMessage {
  return { type, code: EMPTY_CODE, messageId, token: NOTHING, options: [], payload: NOTHING };
}

/** Class 0, other than the empty message. */
export function isRequestCode(code: string): boolean {
  return code.startsWith('0.') && code !== EMPTY_CODE;
}

/** Classes 2, 4 and 5 (RFC 7252 5.9). */
export function isResponseCode(code: string): boolean {
  return /^[245]\.(?:[012]\d|3[01])$/.test(code);
}

export function isSuccess(code: string): boolean {
  return code.startsWith('2.');
}
