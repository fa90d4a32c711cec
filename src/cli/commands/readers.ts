/** `sgp33 readers`: what the PC/SC service has. */
import { listReaders } from '../../../drivers/pcsc/readers.js';
import { print, table } from '../output.js';

export interface ReadersOptions {
  readonly json?: true;
}

/** @returns 0 also without a reader. @throws {TransportError} `pcsc-unavailable`. */
export async function readersCommand(options: ReadersOptions): Promise<number> {
  const readers = (await listReaders()).map(({ name, state, present, atr }) => ({
    name,
    state,
    present,
    atr: atr === undefined ? '' : Buffer.from(atr).toString('hex').toUpperCase(),
  }));
  if (options.json === true) print(JSON.stringify(readers, null, 2));
  else if (readers.length === 0) print('No reader. Plug one in.');
  else print(table([['READER', 'STATE', 'ATR'], ...readers.map((r) => [r.name, r.state, r.atr])]));
  return 0;
}
