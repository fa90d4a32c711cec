/** A card as a process of its own, for the tests that kill it: a C-APDU in hex a line in, an R-APDU a line out. */
import { createInterface } from 'node:readline';
import { createEuicc } from '../../../src/simulators/euicc/index.js';

const [stateFile] = process.argv.slice(2);
const card = createEuicc(stateFile === undefined ? {} : { stateFile });
card.powerOn();
createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${Buffer.from(card.transmit(Buffer.from(line, 'hex'))).toString('hex')}\n`);
});
