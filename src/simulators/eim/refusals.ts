import { Sgp33Error } from '../../protocol/errors.js';

/** An order or a question of the operator that the eIM refuses; nothing was changed. `code` says why. */
export class EimRefusal extends Sgp33Error {}

/** Bytes that are no ESipa message: a transport fault, HTTP 400. Nothing was changed. */
export class EsipaRefusal extends Sgp33Error {}

/** The store could not be written: nothing of what was asked has happened, and nothing is promised. */
export class StoreFailure extends Sgp33Error {}

export function unknownDevice(eid: string): never {
  throw new EimRefusal('device-unknown', 'no device of that EID', { actual: eid.slice(0, 64) });
}
