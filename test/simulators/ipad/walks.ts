/** What a device goes through in a walk, and which seeded defects show in it. */
import { describe, expect, it } from 'vitest';
import { Bench, type BenchOptions } from './bench.js';

export interface Walk {
  readonly bench?: BenchOptions;
  readonly go: (b: Bench) => Promise<void>;
  /** Defects that make the transcript another one. */
  readonly shows: readonly string[];
}

export type Walks = Readonly<Record<string, Walk>>;

async function walked({ bench = {}, go }: Walk, defects: readonly string[]): Promise<string[]> {
  const b = await Bench.open({ ...bench, defects });
  try {
    await go(b);
  } finally {
    await b.close();
  }
  return b.lines;
}

/** Each walk is the same twice, and another one with each defect that it shows. */
export function describeWalks(walks: Walks): void {
  describe.each(Object.entries(walks))('%s', (_, walk) => {
    let sound: string[] = [];
    it('goes the same way twice', async () => {
      sound = await walked(walk, []);
      expect(await walked(walk, [])).toEqual(sound);
    });

    it.each(walk.shows)('%s shows', async (defect) => {
      expect(await walked(walk, [defect])).not.toEqual(sound);
    });
  });
}
