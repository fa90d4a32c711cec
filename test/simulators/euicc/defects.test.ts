import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/protocol/package-root.js';
import { DEFECTS } from '../../../src/simulators/euicc/defects.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { Terminal } from './terminal.js';
import { Differs, runWalk, WALKS } from './walk.js';

const FOLDER = join(packageRoot(), 'src', 'simulators', 'euicc');
const random = (length: number): Uint8Array => new Uint8Array(length).fill(0x11);

const card = (defects: string[]): Terminal => new Terminal(createEuicc({ defects, random }));

const walks = Object.keys(WALKS);
const sound = new Map(walks.map((walk) => [walk, runWalk(walk, card([]))]));

function differs(walk: string, defect: string): boolean {
  try {
    runWalk(walk, card([defect]), sound.get(walk));
    return false;
  } catch (error) {
    if (error instanceof Differs) return true;
    throw error;
  }
}

describe('seeded defects', () => {
  it('the sound card walks twice the same way', () => {
    for (const walk of walks) expect(runWalk(walk, card([])), walk).toEqual(sound.get(walk));
  });

  it.each(DEFECTS.map((d) => d.name))('%s shows at the interface', (name) => {
    expect(walks.some((walk) => differs(walk, name))).toBe(true);
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
