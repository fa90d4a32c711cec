import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/protocol/package-root.js';
import { DEFECTS } from '../../../src/simulators/euicc/defects.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { Terminal } from './terminal.js';
import { runWalk, WALKS } from './walk.js';

const FOLDER = join(packageRoot(), 'src', 'simulators', 'euicc');
const random = (length: number): Uint8Array => new Uint8Array(length).fill(0x11);

function transcript(walk: string, defects: string[]): string[] {
  const terminal = new Terminal(createEuicc({ defects, random }));
  try {
    return runWalk(walk, terminal);
  } catch (error) {
    return [`ended: ${String(error)}`];
  }
}

const walks = Object.keys(WALKS);
const sound = new Map(walks.map((walk) => [walk, transcript(walk, [])]));

describe('seeded defects', () => {
  it('the sound card walks to the end, and twice the same way', () => {
    for (const walk of walks) {
      expect(sound.get(walk)?.at(-1), walk).not.toMatch(/^ended/);
      expect(transcript(walk, []), walk).toEqual(sound.get(walk));
    }
  });

  it.each(DEFECTS.map((d) => d.name))('%s shows at the interface', (name) => {
    const shows = walks.some((walk) => transcript(walk, [name]).join() !== sound.get(walk)?.join());
    expect(shows).toBe(true);
  });

  it('sits at one place each', () => {
    const source = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(FOLDER, file), 'utf8'))
      .join('\n');
    const places = (name: string): number => source.split(`has('${name}')`).length - 1;
    expect(DEFECTS.map((d) => [d.name, places(d.name)]).filter(([, n]) => n !== 1)).toEqual([]);
  });

  it('has a clause and a text for each', () => {
    for (const { name, what, clause } of DEFECTS) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(what.length).toBeGreaterThan(10);
      expect(clause).toMatch(/^SGP\.(22|32) \d/);
    }
  });

  it('refuses a name that is none, with the nearest one', () => {
    expect(() => createEuicc({ defects: ['skip-signature-check'] })).toThrow(
      /unknown-defect|no seeded defect.*skip-eim-signature-check/s,
    );
  });
});
