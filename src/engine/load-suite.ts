/** Reads `suites/` and `fixtures/` into a {@link Suite}. The first mistake of each file is reported, all files at once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Sgp33Error } from '../protocol/errors.js';
import { checkSuite } from './check-suite.js';
import { loadDefinitions } from './load-definitions.js';
import { loadCatalogue, loadEims, loadInterpretations, loadRequirements } from './load-data.js';
import { loadTestCase } from './load-test-case.js';
import type { Definition, Suite, TestCase } from './suite.js';
import { asMap, SuiteError, type YNode } from './yaml/nodes.js';
import { SuiteErrors } from './suite-errors.js';
import { parseYaml } from './yaml/parse.js';

export interface SuiteSource {
  /** Folder that holds `suites/` and `fixtures/`; places in messages are relative to it. */
  readonly root: string;
  /** Test cases from another folder or file instead of `suites/sgp33-*`. */
  readonly cases?: readonly string[];
}

/** @throws {SuiteErrors} with every file's first mistake. */
export function loadSuite({ root, cases }: SuiteSource): Suite {
  const errors: Sgp33Error[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Sgp33Error)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const read = (folder: string): YNode[] =>
    yamlFiles(join(root, folder)).flatMap((file) => attempt(() => readYaml(root, file)) ?? []);

  const catalogue = attempt(() => loadCatalogue(read('suites/options'))) ?? {
    options: new Map(),
    conditions: new Map(),
  };
  const requirements = attempt(() => loadRequirements(read('suites/requirements'))) ?? new Map();
  const interpretations = attempt(() => loadInterpretations(read('suites/interpretations'))) ?? new Map();
  const eims =
    attempt(() => loadEims(read('fixtures').filter((n) => n.place.file.endsWith('eims.yaml')))) ?? new Map();
  const constants = new Map<string, YNode>();
  for (const file of read('fixtures/constants'))
    attempt(() => {
      for (const e of asMap(file, 'a file of constants').entries) {
        if (constants.has(e.key))
          throw new SuiteError('duplicate-name', `constant ${e.key} is defined twice`, e.keyPlace);
        constants.set(e.key, e.value);
      }
    });
  const definitions = new Map<string, Definition>();
  for (const file of read('suites/procedures'))
    attempt(() => {
      for (const definition of loadDefinitions(file)) {
        if (definitions.has(definition.name))
          throw new SuiteError('duplicate-name', `${definition.name} is defined twice`, definition.place);
        definitions.set(definition.name, definition);
      }
    });
  const testCases: TestCase[] = [];
  const folders = cases ?? ['suites/sgp33-1-euicc', 'suites/sgp33-2-ipa', 'suites/sgp33-3-eim'];
  for (const folder of folders)
    for (const file of read(folder)) {
      const testCase = attempt(() => loadTestCase(file, definitions, catalogue));
      if (testCase === undefined) continue;
      if (testCases.some((t) => t.id === testCase.id))
        errors.push(
          new SuiteError('duplicate-name', `test case ${testCase.id} exists twice`, testCase.place),
        );
      else testCases.push(testCase);
    }
  const suite: Suite = { testCases, definitions, constants, requirements, interpretations, catalogue, eims };
  // References are checked only when every file could be read: otherwise one mistake would look like many.
  if (errors.length === 0) errors.push(...checkSuite(suite));
  if (errors.length > 0) throw new SuiteErrors(errors);
  return suite;
}

export function readYaml(root: string, file: string): YNode {
  const place = relative(root, file).split(sep).join('/');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Sgp33Error('file-not-readable', 'the file can not be read', {
      place: place.startsWith('..') ? file : place,
      cause,
      actual: cause instanceof Error ? cause.message : String(cause),
    });
  }
  return parseYaml(text, place.startsWith('..') ? file : place);
}

function yamlFiles(path: string): string[] {
  if (!existsSync(path)) return [];
  if (/\.ya?ml$/.test(path)) return [path];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((e) => {
      const full = join(path, e.name);
      return e.isDirectory() ? yamlFiles(full) : /\.ya?ml$/.test(e.name) ? [full] : [];
    });
}
