/** Starts vitest, our own and not another one beside us, on the one file that makes a test of each sequence. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { Sgp33AllureReporter } from '../../../reports/index.js';
import { packageRoot } from '../../protocol/package-root.js';
import type { Handover, HandoverFiles } from './handover.js';
import { workerArguments } from '../vitest/same-vitest.js';
import { ProgressReporter } from './progress-reporter.js';

/** How long an interrupted worker may take to write down what it has. */
const GRACE_MS = 20_000;
const STOPPING = ['SIGINT', 'SIGTERM'] as const;

export interface Execution {
  readonly reporter: ProgressReporter;
  readonly interrupted: boolean;
}

/** Runs all planned sequences in one worker. Ends in order on SIGINT and SIGTERM. */
export async function execute(
  handover: Omit<Handover, keyof HandoverFiles>,
  allureResults: string,
  concurrent: number,
): Promise<Execution> {
  const here = fileURLToPath(import.meta.url);
  const file = fileURLToPath(new URL(`../vitest/sequences${extname(here)}`, import.meta.url));
  const temporary = mkdtempSync(join(tmpdir(), 'sgp33-run-'));
  const handoverFiles = { pidFile: join(temporary, 'worker.pid'), stopFile: join(temporary, 'stop') };
  const reporter = new ProgressReporter();
  const root = packageRoot();
  let interrupted = false;
  const before = STOPPING.map((signal) => new Set(process.listeners(signal)));
  const vitest = await createVitest(
    'test',
    {
      config: false,
      root,
      include: [file],
      exclude: [],
      watch: false,
      pool: 'forks',
      maxWorkers: 1,
      maxConcurrency: concurrent,
      execArgv: workerArguments(),
      isolate: false,
      fileParallelism: false,
      testTimeout: 0,
      hookTimeout: 30_000,
      teardownTimeout: 10_000,
      disableConsoleIntercept: true,
      passWithNoTests: false,
      includeTaskLocation: false,
      cache: false,
      reporters: [reporter, new Sgp33AllureReporter(allureResults, handover.info)],
      provide: { sgp33: { ...handover, ...handoverFiles } },
      // What is built is loaded as it is.
      server: { deps: { external: [/\/dist\/(src|drivers|reports)\//] } },
    },
    { envDir: false, logLevel: 'silent', cacheDir: temporary },
  );
  // vitest ends the process on a signal; the running sequence shall be brought to its end first.
  STOPPING.forEach((signal, i) => {
    for (const listener of process.listeners(signal))
      if (before[i]?.has(listener) !== true) process.off(signal, listener);
  });
  const interrupt = (): void => {
    // The second time the worker is not asked any more: what it finished is in the store.
    signalWorker(handoverFiles, interrupted ? 'SIGKILL' : 'SIGINT');
    interrupted = true;
    setTimeout(() => void vitest.cancelCurrentRun('keyboard-input'), GRACE_MS).unref();
  };
  for (const signal of STOPPING) process.on(signal, interrupt);
  try {
    await vitest.start();
  } finally {
    for (const signal of STOPPING) process.off(signal, interrupt);
    await vitest.close();
    rmSync(temporary, { recursive: true, force: true });
    // vitest sets it for what it counts as failed; our exit code says more.
    process.exitCode = undefined;
  }
  return { reporter, interrupted };
}

/** A worker that has not begun yet finds the file `stopFile` when it does. */
function signalWorker({ pidFile, stopFile }: HandoverFiles, signal: NodeJS.Signals): void {
  writeFileSync(stopFile, '');
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), signal);
  } catch {
    // Not started yet, or gone: there is nothing that runs.
  }
}
