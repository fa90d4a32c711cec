/**
 * The main job on the built-in eUICC, as a user runs it: wall time a sequence with its Allure result, and the most
 * memory that the tool and its processes held together. Needs the built tool (`npm run build`).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/protocol/package-root.js';
import { RunStore } from '../src/engine/run-store.js';
import type { BenchResult } from './support/measure.js';

const TIME_GOAL_MS = 15;
const MEMORY_GOAL_MB = 400;

export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-bench-'));
  try {
    // Two runs: looking at the memory costs time.
    await runTool(join(folder, 'run'), false);
    const peak = await runTool(join(folder, 'memory'), true);
    const results = RunStore.open(join(folder, 'run'))
      .results()
      .filter((r) => r.steps.length > 0);
    const starts = results.map((r) => Date.parse(r.startedAt));
    // From the first sequence's begin to the last one's end: the time between them is Allure's and vitest's.
    const span = Math.max(...results.map((r, i) => (starts[i] ?? 0) + r.durationMs)) - Math.min(...starts);
    const each = span / results.length;
    const engine = results.reduce((n, r) => n + r.durationMs, 0) / results.length;
    return [
      {
        name: `a sequence on the in-process eUICC with its Allure result (${results.length} sequences)`,
        value: `${each.toFixed(1)} ms, of which ${engine.toFixed(1)} ms the sequence itself`,
        goal: `under ${TIME_GOAL_MS} ms`,
        ok: each < TIME_GOAL_MS,
      },
      {
        name: 'memory of the whole run, all processes',
        value: peak === undefined ? 'not measured: no /proc here' : `${peak.toFixed(0)} MB`,
        goal: `under ${MEMORY_GOAL_MB} MB`,
        ok: peak === undefined || peak < MEMORY_GOAL_MB,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the suite; gives the peak of the memory of the process tree in MB when it is watched. */
async function runTool(out: string, watch: boolean): Promise<number | undefined> {
  const main = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
  const child = spawn(process.execPath, [main, 'run', '--out', out], { stdio: 'ignore' });
  let peak: number | undefined;
  const timer = setInterval(() => {
    const now = watch ? treeMemory(child.pid ?? 0) : undefined;
    if (now !== undefined) peak = Math.max(peak ?? 0, now);
  }, 50);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`the run ended with exit code ${String(code)}`);
  return peak;
}

/** Proportional set size where the kernel tells it: pages that processes share count once. */
function treeMemory(root: number): number | undefined {
  try {
    const parents = new Map<number, number>();
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const stat = attempt(() => readFileSync(`/proc/${entry}/stat`, 'utf8'));
      if (stat !== undefined)
        parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    }
    const below = (pid: number): boolean =>
      pid === root || (parents.has(pid) && pid > 1 && below(parents.get(pid) ?? 0));
    let kilobytes = 0;
    for (const pid of parents.keys()) {
      if (!below(pid)) continue;
      const rollup = attempt(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup ?? '')?.[1] ?? 0);
    }
    return kilobytes / 1024;
  } catch {
    return undefined;
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
