/** Why a message to an eIM, or to a Notification Receiver, brought no answer. */
import { Sgp33Error, type ErrorDetail } from '../../../protocol/errors.js';

/**
 * `unreachable`: no connection, or it broke; `timeout`; `tls`: no session, or a server that is not trusted; `status`:
 * an HTTP status or CoAP code other than success; `protocol`: an answer that is none of the binding.
 */
export type EsipaFault = 'unreachable' | 'timeout' | 'tls' | 'status' | 'protocol';

export interface EsipaErrorDetail extends ErrorDetail {
  /** The same message may bring more in a while. */
  readonly again: boolean;
  /** Milliseconds that the server asks to wait. */
  readonly afterMs?: number | undefined;
}

export class EsipaError extends Sgp33Error {
  declare readonly code: 'ipad-esipa';
  readonly again: boolean;
  readonly afterMs: number | undefined;

  constructor(
    readonly fault: EsipaFault,
    what: string,
    detail: EsipaErrorDetail,
  ) {
    super('ipad-esipa', what, detail);
    this.again = detail.again;
    this.afterMs = detail.afterMs;
  }

  /** There is no way to the server at all, as after a Profile switch that went wrong. */
  get lostConnectivity(): boolean {
    return this.fault === 'unreachable' || this.fault === 'timeout';
  }
}
