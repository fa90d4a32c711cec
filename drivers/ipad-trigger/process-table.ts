/**
 * Who belongs to a process that the tool started: its session and group, its descendants, and whoever inherited the mark in
 * its environment, which a daemon keeps when it leaves session and parent. Linux tells; elsewhere the group is all.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Name of the environment variable that marks all that was started together. */
export const MARK = 'SGP33_DEVICE';

export interface Origin {
  /** Process id of the first, which leads a session and a group of its own. */
  readonly leader: number;
  readonly mark: string;
  /** The first one was seen to end: its number may be another's by now. */
  readonly leaderEnded: boolean;
  /** When it was started, on the clock of `performance`. */
  readonly startedAt: number;
}

interface Entry {
  readonly pid: number;
  /** What {@link MARK} is in its environment. */
  readonly mark: string | undefined;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** Process ids, in no order; zombies are none. Negative: a group. @param table of {@link readTable}. */
export function membersOf(origin: Origin, table = readTable()): number[] {
  // One that did not start has no number, and 0 would be everybody.
  if (origin.leader <= 1) return [];
  return process.platform === 'linux' ? onLinux(origin, table) : groupOf(origin);
}

export type ProcessTable = readonly Entry[];

/** All processes that are there now; empty where nothing tells them. */
export const readTable = (): ProcessTable =>
  process.platform !== 'linux'
    ? []
    : readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((name) => entryOf(Number(name)) ?? []);

/** What a process calls itself, for a message. */
export function nameOf(pid: number): string {
  return readText(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim().slice(0, 200) ?? '';
}

function groupOf({ leader, leaderEnded }: Origin): number[] {
  try {
    process.kill(-leader, 0);
    return [-leader];
  } catch (error) {
    // Not allowed: there is one.
    return !leaderEnded && (error as NodeJS.ErrnoException).code === 'EPERM' ? [-leader] : [];
  }
}

function onLinux({ leader, mark, leaderEnded }: Origin, entries: ProcessTable): number[] {
  // The kernel gives a number away again only when no session or group has it any more.
  const reused = leaderEnded && entries.some(({ pid }) => pid === leader);
  const found = new Set<number>();
  for (const entry of entries) {
    const { pid, group, session } = entry;
    if (pid === process.pid) continue;
    const related = !reused && (pid === leader || group === leader || session === leader);
    if (related || entry.mark === mark) found.add(pid);
  }
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of entries) if (found.has(parent) && pid !== process.pid) found.add(pid);
  }
  return [...found];
}

/** @returns undefined for one that is gone, or dead and not yet reaped. */
function entryOf(pid: number): Entry | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name before it may hold blanks and parentheses.
  const [state = '', parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, mark: markOf(pid), parent: Number(parent), group: Number(group), session: Number(session) };
}

function markOf(pid: number): string | undefined {
  const environment = readText(`/proc/${pid}/environ`)?.split('\0');
  return environment?.find((line) => line.startsWith(`${MARK}=`))?.slice(MARK.length + 1);
}

/** @returns undefined for what is not there any more, or another user's. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
