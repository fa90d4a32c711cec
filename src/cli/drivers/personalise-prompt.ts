/** Asks the person at the terminal to personalise the card. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ReadStream } from 'node:tty';
import type { PersonalisationRequest } from '../../../drivers/contract.js';
import { Sgp33Error } from '../../protocol/errors.js';

const TERMINAL = '/dev/tty';

/** True when there is a terminal with a person at it: never in CI. */
export function canAskPerson(env: NodeJS.ProcessEnv = process.env): boolean {
  if ((env['CI'] ?? '') !== '' && env['CI'] !== 'false') return false;
  try {
    closeSync(openSync(TERMINAL, 'r+'));
    return true;
  } catch {
    return false;
  }
}

/** @throws {Sgp33Error} `personalisation-unavailable` without a terminal, `personalisation-failed` for the answer no. */
export async function askPerson(request: PersonalisationRequest, signal?: AbortSignal): Promise<void> {
  if (!canAskPerson())
    throw new Sgp33Error('personalisation-unavailable', 'there is nobody to ask', {
      repair: 'Name a command or a control socket as the personaliser of the target.',
    });
  // The terminal itself: standard input of a worker process is not it.
  const terminal = openSync(TERMINAL, 'r+');
  const input = new ReadStream(terminal);
  const lines = createInterface({ input });
  try {
    writeSync(
      terminal,
      `\nPlease do this with the card: ${request.action} ${JSON.stringify(request.parameters)}\nDone? [y/n] `,
    );
    const answer = await lines.question('', signal === undefined ? {} : { signal });
    if (/^\s*y/i.test(answer)) return;
  } finally {
    lines.close();
    input.destroy();
  }
  throw new Sgp33Error('personalisation-failed', `${request.action} was not done`);
}
