/** Starts vitest, our own and not another one beside us, on the one file that makes a test of each sequence. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { Sgp33AllureReporter } from '../../../reports/index.js';
import { packageRoot } from '../../protocol/package-root.js';
import type { Handover } from './handover.js';
import { ProgressReporter } from './progress-reporter.js';

/** How long an interrupted worker may take to write down what it has. */
const GRACE_MS = 20_000;

export interface Execution {
  readonly reporter: ProgressReporter;
  readonly interrupted: boolean;
}

/** Runs all planned sequences in one worker. Ends in order on SIGINT and SIGTERM. */
export async function execute(
  handover: Omit<Handover, 'pidFile'>,
  allureResults: string,
): Promise<Execution> {
  const here = fileURLToPath(import.meta.url);
  const file = fileURLToPath(new URL(`../vitest/sequences${extname(here)}`, import.meta.url));
  const temporary = mkdtempSync(join(tmpdir(), 'sgp33-run-'));
  const pidFile = join(temporary, 'worker.pid');
  const reporter = new ProgressReporter();
  const root = packageRoot();
  let interrupted = false;
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
      provide: { sgp33: { ...handover, pidFile } },
      // What is built is loaded as it is.
      server: { deps: { external: [/\/dist\/(src|drivers|reports)\//] } },
    },
    { configFile: false, envFile: false, logLevel: 'silent', cacheDir: temporary },
  );
  const interrupt = (): void => {
    if (interrupted) return;
    interrupted = true;
    signalWorker(pidFile);
    setTimeout(() => void vitest.cancelCurrentRun('keyboard-input'), GRACE_MS).unref();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    await vitest.start();
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await vitest.close();
    rmSync(temporary, { recursive: true, force: true });
    // vitest sets it for what it counts as failed; our exit code says more.
    process.exitCode = undefined;
  }
  return { reporter, interrupted };
}

function signalWorker(pidFile: string): void {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGINT');
  } catch {
    // Not started yet, or gone: there is nothing that runs.
  }
}
