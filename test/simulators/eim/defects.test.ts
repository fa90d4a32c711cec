import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/protocol/package-root.js';
import { createEim, EIM_DEFECTS } from '../../../src/simulators/eim/index.js';
import { codeOf, Walk } from './walk.js';
import * as answers from './walks-of-answers.js';
import * as deliveries from './walks-of-deliveries.js';
import * as orders from './walks-of-orders.js';

const WALKS = Object.entries<(walk: Walk) => Promise<void>>({ ...orders, ...answers, ...deliveries });

async function walked(go: (walk: Walk) => Promise<void>, defects: readonly string[]): Promise<string[]> {
  const walk = new Walk(defects);
  try {
    await go(walk);
  } catch (error) {
    walk.say('ended', codeOf(error));
  }
  return walk.end();
}

const sound = new Map<string, string[]>();
for (const [name, go] of WALKS) sound.set(name, await walked(go, []));

/** Neighbours in the list of defects are of one kind: the walk that showed the last one is tried first. */
const inOrder = [...WALKS];

/** Name of a walk that goes otherwise. */
async function differs(defect: string): Promise<string | undefined> {
  for (const [at, [name, go]] of inOrder.entries()) {
    const lines = await walked(go, [defect]);
    if (JSON.stringify(lines) === JSON.stringify(sound.get(name))) continue;
    inOrder.unshift(...inOrder.splice(at, 1));
    return name;
  }
  return undefined;
}

describe('seeded defects of the eIM', () => {
  it('a sound eIM walks to the end of each, twice the same way', async () => {
    for (const [name, go] of WALKS) {
      expect(
        sound.get(name)?.filter((line) => line.startsWith('ended')),
        name,
      ).toEqual([]);
      expect(await walked(go, []), name).toEqual(sound.get(name));
    }
  });

  it.each(EIM_DEFECTS.map((d) => d.name))('%s shows', async (name) => {
    expect(await differs(name)).toBeDefined();
  });

  it('sits at one place each', () => {
    const folder = join(packageRoot(), 'src', 'simulators', 'eim');
    const source = readdirSync(folder)
      .filter((file) => file.endsWith('.ts') && !file.startsWith('defect-list'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const places = (name: string): number => source.split(`'${name}'`).length - 1;
    expect(EIM_DEFECTS.map((d) => [d.name, places(d.name)]).filter(([, n]) => n !== 1)).toEqual([]);
  });

  it('has a clause and a text for each', () => {
    expect(EIM_DEFECTS.length).toBeGreaterThanOrEqual(90);
    for (const { name, what, clause } of EIM_DEFECTS) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(what.length).toBeGreaterThan(10);
      expect(clause).toMatch(/^SGP\.(22|32) \d/);
    }
  });

  it('refuses a name that is none, with the nearest one', async () => {
    await expect(createEim({ defects: ['result-signature-uncheked'] })).rejects.toThrow(
      /result-signature-unchecked/,
    );
  });
});
