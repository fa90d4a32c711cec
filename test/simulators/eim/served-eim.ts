/** `sgp33 serve eim` as a process of its own, which can be killed and started again where it was. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { packageRoot } from '../../../src/protocol/package-root.js';

const MAIN = join(packageRoot(), 'src', 'cli', 'main.ts');

export class ServedProcess {
  /** Port of ESipa and of the API, the same over restarts. */
  https = 0;
  api = 0;
  #child: ChildProcess | undefined;

  constructor(private readonly store: string) {}

  /** Returns when both listen. */
  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', MAIN, 'serve', 'eim', '--store', this.store],
        ...['--https', `127.0.0.1:${String(this.https)}`, '--api', `127.0.0.1:${String(this.api)}`],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: packageRoot() },
    );
    this.#child = child;
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    let told = '';
    for await (const line of createInterface({ input: child.stdout })) {
      told += `${line}\n`;
      if (line.startsWith('store ')) break;
    }
    const port = (pattern: RegExp): number => Number(pattern.exec(told)?.[1] ?? expect.fail(told + err));
    this.https = port(/^https https:\/\/127\.0\.0\.1:(\d+)$/m);
    this.api = port(/^api http:\/\/127\.0\.0\.1:(\d+),/m);
  }

  /** Ends it at once; returns when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
