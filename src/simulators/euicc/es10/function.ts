/** The shape of an ES10 function of the card. */
import type { EuiccCore } from '../core.js';
import type { Tlv } from '../../tlv/reader.js';

/**
 * Answers one request.
 * @returns the response TLV.
 * @throws {Malformed} for a request that breaks the type, {Refused} for a status word.
 */
export type Es10Function = (core: EuiccCore, request: Tlv) => Uint8Array;

/** A session of commands that must not be disturbed is running (result catBusy). */
export const isBusy = (core: EuiccCore): boolean =>
  (core.state.catBusy || core.state.pendingChange !== undefined) && !core.defects.has('cat-busy-ignored');
