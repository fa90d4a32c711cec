/** The `openssl` program as a peer that is not ours. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { freePort, HOST, waitUntil } from './support.js';

export interface OpensslRun {
  /** All that it wrote so far, both streams. */
  output(): string;
  /** Waits until the output has this. */
  shows(text: string | RegExp): Promise<void>;
  /** A line; not one that begins with a command letter (k, Q, R ...). */
  type(line: string): void;
  /** Bytes to its standard input. */
  write(data: Uint8Array): void;
  ended(): Promise<void>;
}

/** Runs the program until the test is over. */
export function openssl(...parameters: string[]): OpensslRun {
  const child = spawn('openssl', parameters);
  onTestFinished(() => stop(child));
  let output = '';
  let over = false;
  const checks = new Set<() => void>();
  const look = (): void => {
    for (const check of checks) check();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString('latin1');
      look();
    });
  }
  child.stdin.on('error', () => {
    // It ended before it read everything.
  });
  child.once('close', () => {
    over = true;
    look();
  });
  const wait = (condition: () => boolean, what: string): Promise<void> =>
    waitUntil((check) => checks.add(check), condition, `${what} in the output of openssl`).catch(
      (cause: unknown) => {
        throw new Error(`${String(cause)}:\n${output}`, { cause });
      },
    );
  return {
    output: () => output,
    shows: (text) =>
      wait(() => (typeof text === 'string' ? output.includes(text) : text.test(output)), String(text)),
    type: (line) => child.stdin.write(`${line}\n`),
    write: (data) => child.stdin.write(data),
    ended: () => wait(() => over, 'an end'),
  };
}

/** `openssl s_server` for DTLS on a free port. */
export async function opensslServer(
  ...parameters: string[]
): Promise<OpensslRun & { readonly port: number }> {
  const port = await freePort();
  const run = openssl('s_server', '-accept', `${HOST}:${port}`, '-msg', ...parameters);
  await run.shows('ACCEPT');
  return { ...run, port };
}

function stop(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill('SIGKILL');
  });
}
