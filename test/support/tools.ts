/** Foreign programs that tests talk with. */
import { spawn, type ChildProcess } from 'node:child_process';
import { findExecutable } from './executable.js';
import { describeNeeding } from './required.js';

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
  const reason = missing && `${missing} is not installed (${TOOLS[tool].install})`;
  describeNeeding(tool, reason, name, body);
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
