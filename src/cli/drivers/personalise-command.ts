/** Personalises a card by a command of the target: the request is JSON on its standard input. */
import { spawn } from 'node:child_process';
import type { PersonalisationRequest } from '../../../drivers/contract.js';
import { Sgp33Error } from '../../protocol/errors.js';

const MAX_TEXT = 4096;

/**
 * Runs the command in a shell, in `folder`; exit code 0 means done.
 * @throws {Sgp33Error} `personalisation-failed` for another exit code or a timeout; what it ran is then killed.
 */
export function runCommand(
  command: string,
  folder: string,
  request: PersonalisationRequest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (actual: string): void =>
      reject(
        new Sgp33Error('personalisation-failed', `the command did not do ${request.action}`, {
          place: command,
          expected: 'exit code 0',
          actual,
        }),
      );
    // A process group of its own, so that the children of the shell end with it.
    const child = spawn(command, {
      shell: true,
      cwd: folder,
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const kill = (why: string) => (): void => {
      failed(why);
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself in this very moment.
      }
    };
    const timer = setTimeout(kill(`nothing in ${timeoutMs} ms`), timeoutMs);
    const stop = kill('aborted');
    signal?.addEventListener('abort', stop);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-MAX_TEXT)));
    // A command that does not read its input ends without harm.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${JSON.stringify(request)}\n`);
    child.on('error', (error) => failed(error.message));
    child.on('close', (code, killedBy) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else failed(`${killedBy ?? `exit code ${code ?? '?'}`} ${said.trim()}`.trim());
    });
  });
}
