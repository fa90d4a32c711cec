/**
 * A PC/SC service of the test's own, with the virtual reader driver (vpcd) on a free port.
 *
 * Only one pcscd can run on a machine, because its socket path is fixed: files that use this are named
 * `*.pcscd.test.ts` and wait for each other. A pcscd that runs already is used, if it has the virtual reader.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import type { PcscBinding, ReaderInfo } from '../../drivers/pcsc/binding.js';
import { openFfiBinding } from '../../drivers/pcsc/binding-ffi.js';
import { findExecutable } from './executable.js';
import { describeNeeding } from './required.js';
import { takeTurn } from './turn.js';

const SOCKET = '/run/pcscd/pcscd.comm';
const READER_CONF = '/etc/reader.conf.d';
const DEFAULT_PORT = 35963;
const START_DEADLINE_MS = 15_000;
/** As long as all other files together may take. */
const TURN_DEADLINE_MS = 600_000;

export interface PcscdHandle {
  /** Where a card attaches to the first slot; the second is one above. */
  readonly port: number;
  /** The name of the first slot's reader. */
  readonly reader: string;
  /** The reader's status once it is as wanted. @throws after `deadlineMs` (default 10000). */
  waitFor(wanted: (reader: ReaderInfo) => boolean, deadlineMs?: number): Promise<ReaderInfo>;
  stop(): Promise<void>;
}

/**
 * A group of tests that need pcscd and vpcd. Without them the group is skipped with the reason as its note;
 * it fails instead when the environment variable SGP33_REQUIRE names `pcscd`.
 * @param body gets a function that returns the running service, to be called inside tests and hooks.
 */
export function describePcscd(name: string, body: (pcscd: () => PcscdHandle) => void): void {
  describeNeeding('pcscd', whatIsMissing(), name, () => {
    let handle: PcscdHandle | undefined;
    let release: (() => Promise<void>) | undefined;
    beforeAll(async () => {
      release = await takeTurn('pcscd');
      handle = await startPcscd();
    }, TURN_DEADLINE_MS);
    afterAll(async () => {
      await handle?.stop();
      await release?.();
    });
    body(() => {
      if (handle === undefined) throw new Error('pcscd did not start');
      return handle;
    });
  });
}

/** Says what this machine lacks, or undefined. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'the virtual reader tests run on Linux only';
  if (findExecutable('pcscd') === undefined) return 'pcscd is not installed (Debian: pcscd)';
  if (driverLibrary() === undefined) return 'the vpcd driver is not installed (Debian: vsmartcard-vpcd)';
  return undefined;
}

/** Starts pcscd, or takes the one that runs. @throws when it is not ready in time, with its output. */
export async function startPcscd(): Promise<PcscdHandle> {
  if (await accepts(SOCKET)) return handleOf(DEFAULT_PORT, async () => {});
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-pcscd-'));
  const port = await freePortPair();
  const hex = `0x${port.toString(16).toUpperCase()}`;
  writeFileSync(
    join(folder, 'vpcd'),
    `FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:${hex}\nLIBPATH ${driverLibrary() ?? ''}\nCHANNELID ${hex}\n`,
  );
  const child = spawn(findExecutable('pcscd') ?? 'pcscd', ['-f', '-c', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await exited;
    clearTimeout(killer);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(START_DEADLINE_MS, 'pcscd accepts clients', async () => {
      if (child.exitCode !== null) throw new Error(`pcscd ended with exit code ${child.exitCode}`);
      return (await accepts(SOCKET)) ? true : undefined;
    });
    return await handleOf(port, stop);
  } catch (error) {
    await stop();
    throw new Error(`pcscd did not start: ${String(error)}\n${output()}`, { cause: error });
  }
}

async function handleOf(port: number, stop: () => Promise<void>): Promise<PcscdHandle> {
  const binding: PcscBinding = openFfiBinding();
  const reader = await until(START_DEADLINE_MS, 'the virtual reader is listed', async () => {
    const readers = await binding.listReaders();
    return readers.find(({ name }) => name.startsWith('Virtual PCD'))?.name;
  });
  return {
    port,
    reader,
    stop,
    waitFor: (wanted, deadlineMs = 10_000) =>
      until(deadlineMs, `the reader "${reader}" is as wanted`, async () => {
        const readers = await binding.listReaders();
        return readers.find((info) => info.name === reader && isSettled(info) && wanted(info));
      }),
  };
}

/**
 * A failed power-down marks the reader empty before the service's own poll (every 0.4 s) has noticed. A card that
 * comes back in between would never be seen; but a removal that was noticed is counted, so the count is even.
 */
function isSettled({ present, changes }: ReaderInfo): boolean {
  return present === (changes % 2 === 1);
}

/** Asks again every 20 ms until there is a value. */
async function until<T>(deadlineMs: number, what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await delay(20);
  }
}

/** The driver's path, as the package that installed it tells pcscd. */
function driverLibrary(): string | undefined {
  if (!isAccessible(READER_CONF, constants.R_OK)) return undefined;
  return readdirSync(READER_CONF)
    .map((file) => join(READER_CONF, file))
    .filter((path) => statSync(path).isFile())
    .map((path) => /^\s*LIBPATH\s+(\S*vpcd\S*)/m.exec(readFileSync(path, 'utf8'))?.[1])
    .find((path) => path !== undefined && isAccessible(path, constants.R_OK));
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Two neighbouring ports, one for each slot, outside the range that the kernel hands out by itself. */
async function freePortPair(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + 2 * Math.floor(Math.random() * 5000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new Error('no two neighbouring TCP ports are free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString().slice(-4000);
}
