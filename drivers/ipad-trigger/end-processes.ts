/** The end of a process and of all that came of it: SIGTERM, and SIGKILL for what is there after a while. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { membersOf, nameOf, readTable, type Origin, type ProcessTable } from './process-table.js';

/** SIGKILL needs no longer, unless the kernel itself hangs. */
const KILL_MS = 5000;
const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 100;

export interface Ended {
  /** Process ids and what they call themselves, with what it took. */
  readonly lines: readonly string[];
  /** What could not be ended. */
  readonly left: readonly number[];
}

/**
 * Resolves when all are gone.
 * @param origin is asked again each time, for its first process may end meanwhile.
 * @param onSignal for each process id, or negative group, that got a signal.
 */
export async function endProcesses(
  origin: () => Origin,
  graceMs: number,
  onSignal: (pid: number) => void = () => {},
): Promise<Ended> {
  const names = new Map<number, string>();
  const signalled = { SIGTERM: new Set<number>(), SIGKILL: new Set<number>() };
  let left: number[] = [];
  for (const [signal, ms] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', KILL_MS],
  ] as const) {
    const end = performance.now() + ms;
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(2 * wait, LAST_LOOK_MS)) {
      const now = origin();
      left = membersOf(now, tableFor(now));
      for (const pid of left) if (!names.has(pid)) names.set(pid, nameOf(pid));
      // Those that came meanwhile get the signal, too.
      for (const pid of left) {
        if (signalled[signal].has(pid) || !send(pid, signal)) continue;
        signalled[signal].add(pid);
        onSignal(pid);
      }
      if (left.length === 0 || performance.now() >= end) break;
      await pause(wait);
    }
    if (left.length === 0) break;
  }
  return {
    lines: [...names].map(([pid, name]) => {
      const took = signalled.SIGKILL.has(pid) ? 'SIGKILL' : 'SIGTERM';
      return `${left.includes(pid) ? 'could not be ended' : took} ${pid} ${name}`.trim();
    }),
    left,
  };
}

let current: { readonly table: ProcessTable; readonly readAt: number } | undefined;

/**
 * One table serves all that look in the same turn of the event loop: reading it is most of what this costs. A turn may be
 * long, so it must be younger than who is looked for.
 */
function tableFor({ startedAt }: Origin): ProcessTable {
  if (current === undefined) setImmediate(() => (current = undefined));
  if (current === undefined || current.readAt <= startedAt)
    current = { readAt: performance.now(), table: readTable() };
  return current.table;
}

/** At once, for a tool that is about to exit. */
export function killProcesses(origin: Origin): void {
  for (const pid of membersOf(origin)) send(pid, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // Gone by itself, or not allowed.
    return false;
  }
}
