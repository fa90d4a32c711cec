import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../src/protocol/package-root.js';
import { builtInCard, Ipad, IPAD_DEFECTS } from '../../../src/simulators/ipad/index.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { CHANGE_WALKS } from './walks-of-changes.js';
import { COAP_WALKS } from './walks-of-coap.js';
import { INJECTION_WALKS } from './walks-of-injection.js';
import { PACKAGE_WALKS } from './walks-of-packages.js';
import { SERVER_WALKS } from './walks-of-servers.js';

it('every defect shows in a walk', () => {
  const walks = [PACKAGE_WALKS, CHANGE_WALKS, SERVER_WALKS, COAP_WALKS, INJECTION_WALKS];
  const shown = new Set(walks.flatMap((group) => Object.values(group).flatMap(({ shows }) => shows)));
  const names = IPAD_DEFECTS.map((d) => d.name as string);
  expect(names.filter((name) => !shown.has(name))).toEqual([]);
  expect([...shown].filter((name) => !names.includes(name))).toEqual([]);
});

it('each sits at one place', () => {
  const folder = join(packageRoot(), 'src', 'simulators');
  const files = ['ipa', 'ipad'].flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).map((file) => join(name, file)),
  );
  const source = files
    .filter((file) => file.endsWith('.ts') && !/defect-list/.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const places = (name: string): number => source.split(`'${name}'`).length - 1;
  expect(IPAD_DEFECTS.map((d) => [d.name, places(d.name)]).filter(([, n]) => n !== 1)).toEqual([]);
});

it('each has a clause and a text', () => {
  expect(IPAD_DEFECTS.length).toBeGreaterThanOrEqual(150);
  for (const { name, what, clause } of IPAD_DEFECTS) {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(what.length).toBeGreaterThan(10);
    expect(clause).toMatch(/^SGP\.(22|32) \d/);
  }
});

it('a name that is none is refused, with the nearest one', () => {
  const port = builtInCard(createEuicc());
  expect(() => new Ipad({ version: '1.2', port, defects: ['expiry-uncheked'] })).toThrow(/expiry-unchecked/);
});
