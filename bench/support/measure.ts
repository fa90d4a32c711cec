/** Timing of small functions against each other, in one process and interleaved, so that only the ratio counts. */

export interface BenchResult {
  readonly name: string;
  readonly value: string;
  readonly goal: string;
  readonly ok: boolean;
}

/** Keeps results alive, so that the compiler can not drop the work. */
let sink: unknown;

/**
 * Median time of one call of each contestant, in microseconds. Rounds are interleaved: a busy machine slows all of
 * them alike.
 */
export function compare<K extends string>(
  contestants: Readonly<Record<K, () => unknown>>,
  rounds = 15,
  roundMs = 20,
): Record<K, number> {
  const names = Object.keys(contestants) as K[];
  const times = Object.fromEntries(names.map((n) => [n, [] as number[]])) as Record<K, number[]>;
  for (let round = -2; round < rounds; round++)
    for (const name of names) {
      const time = timeOf(contestants[name], roundMs);
      // The first rounds only warm up.
      if (round >= 0) times[name].push(time);
    }
  return Object.fromEntries(names.map((n) => [n, median(times[n])])) as Record<K, number>;
}

function timeOf(work: () => unknown, ms: number): number {
  let calls = 0;
  let batch = 1;
  const begin = performance.now();
  let now = begin;
  while (now - begin < ms) {
    for (let i = 0; i < batch; i++) sink = work();
    calls += batch;
    if (batch < 1000) batch *= 2;
    now = performance.now();
  }
  return ((now - begin) / calls) * 1000;
}

export const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;

/** What the last call of anything gave. */
export const lastResult = (): unknown => sink;
