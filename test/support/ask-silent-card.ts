/**
 * A program that asks a silent card, for tests of how a process ends: `node ask-silent-card.ts READER BINDING HOW`.
 * HOW `timeout` waits for the deadline and ends by itself; `exit` leaves in the middle of the exchange.
 * Prints the process ids of its children, then what became of the exchange.
 */
import { readFileSync } from 'node:fs';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { openPcsc } from '../../drivers/pcsc/open-pcsc.js';

const [reader = '', binding = 'auto', how = 'timeout'] = process.argv.slice(2);
const transport = await openPcsc({
  reader,
  binding: binding === 'ffi' || binding === 'pcsclite' ? binding : 'auto',
  deadlineMs: 2000,
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`children ${readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim()}`);
const exchange = transport.transmit(Uint8Array.of(0, 0xa4, 0, 0x0c));
if (how === 'exit') {
  process.stdin.once('data', () => process.exit(0));
  exchange.catch(() => process.exit(1));
} else {
  await exchange.catch((error: unknown) => say(error instanceof Sgp33Error ? error.code : String(error)));
}
