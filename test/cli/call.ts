/** Calls the tool: in this process for what sends nothing, as a process of its own for runs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { cli } from '../../src/cli/cli.js';
import { packageRoot } from '../../src/protocol/package-root.js';

export interface Called {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export const MAIN = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');

/** The command in this process, with what it wrote. */
export async function call(...args: string[]): Promise<Called> {
  let out = '';
  let err = '';
  const stdout = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => ((out += String(text)), true));
  const stderr = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => ((err += String(text)), true));
  try {
    return { code: await cli(args), out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

/** The built command as a process; `npm test` builds it first. */
export function start(args: readonly string[], cwd: string): { child: ChildProcess; done: Promise<Called> } {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV|TEST$|ALLURE|SGP33)/.test(name),
  );
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: Object.fromEntries(clean) });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const done = new Promise<Called>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { child, done };
}

export const run = (args: readonly string[], cwd: string): Promise<Called> =>
  start(['run', ...args], cwd).done;

export const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

/** A folder that goes away with the test. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-cli-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function write(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The built-in target with some lines changed. */
export const target = (driver = '  kind: in-process', more = '', options = OPTIONS): string =>
  `name: t\niut: eUICC\ndriver:\n${driver}\noptions:\n${options}allow: [profiles, eim-configuration, addresses, memory-reset]\n${more}`;

export const OPTIONS = [
  ...['O_E_NIST: true', 'O_E_BRP: true', 'O_E_INTEGRATED: false', 'O_E_CATBUSY: true', 'P_E_ECALL: true'],
  ...['P_E_FALLBACK: true', 'P_E_IPAE: false', 'P_E_IMMEDIATE_ENABLE: true'],
]
  .map((line) => `  ${line}\n`)
  .join('');
