/** Foreign programs that tests talk with. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

/** What a machine may have, and the programs that belong to it. The names are those of SGP33_REQUIRE. */
const TOOLS = {
  libcoap: {
    programs: ['coap-client-openssl', 'coap-client-gnutls', 'coap-server-openssl', 'coap-server-gnutls'],
    install: 'Debian: libcoap3-bin',
  },
  openssl: { programs: ['openssl'], install: 'Debian: openssl' },
  tshark: { programs: ['tshark'], install: 'Debian: tshark' },
} as const;
export type Tool = keyof typeof TOOLS;

/**
 * A group of tests that need a foreign program. Without it the group is skipped with the reason as its note; it fails
 * instead when the environment variable SGP33_REQUIRE names the tool.
 */
export function describeWith(tool: Tool, name: string, body: () => void): void {
  const missing = TOOLS[tool].programs.find((program) => findExecutable(program) === undefined);
  describe(name, () => {
    if (missing === undefined) return body();
    const reason = `${missing} is not installed (${TOOLS[tool].install})`;
    it(`needs ${tool}`, (context) => {
      if (isRequired(tool)) throw new Error(reason);
      context.skip(reason);
    });
  });
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program to its end. @throws when it does not end in time; it is killed then. */
export function run(program: string, args: readonly string[], deadlineMs = 15_000): Promise<Finished> {
  const child = start(program, args);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(`${program} did not end within ${deadlineMs} ms\n${Buffer.concat(stderr).toString()}`),
      );
    }, deadlineMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Starts a program that goes on; who calls it stops it with {@link stop}. */
export function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(findExecutable(program) ?? program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}

function isRequired(tool: Tool): boolean {
  return (process.env['SGP33_REQUIRE'] ?? '').split(/[\s,]+/).includes(tool);
}

function findExecutable(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
