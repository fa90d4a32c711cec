import { Sgp33Error } from '../protocol/errors.js';

/** Several mistakes at once; `errors` has each. */
export class SuiteErrors extends Sgp33Error {
  constructor(readonly errors: readonly Sgp33Error[]) {
    super('suite', errors.map((e) => e.message).join('\n'));
  }
}
