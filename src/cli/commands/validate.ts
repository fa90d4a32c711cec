/** `sgp33 validate`: everything that can be wrong before an IUT is known. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { readYaml, loadSuite } from '../../engine/load-suite.js';
import { SuiteErrors } from '../../engine/suite-errors.js';
import { checkTarget, loadTarget } from '../../engine/load-target.js';
import { allSequences, type Suite } from '../../engine/suite.js';
import { find } from '../../engine/yaml/nodes.js';
import { driverForTarget } from '../drivers/driver-for-target.js';
import { pkiDirectory } from '../load.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { packageRoot } from '../../protocol/package-root.js';
import { print, printError } from '../output.js';

/**
 * Checks the suite that comes with the package and the targets beside it, or the given files: test cases in place of
 * the package's own, and target files.
 * @returns 0, or 2 when there is a mistake; each is printed with file:line:column.
 */
export function validateCommand(files: readonly string[]): number {
  const root = packageRoot();
  const errors: Sgp33Error[] = [];
  const paths = files.map((f) => resolve(f));
  for (const [i, path] of paths.entries())
    if (!existsSync(path))
      throw new Sgp33Error('file-not-readable', 'there is no such file', { place: files[i] ?? path });
  const targets = files.length === 0 ? yamlIn(join(root, 'config', 'targets')) : paths.filter(isTarget);
  const cases = paths.filter((p) => !targets.includes(p));
  const suite = attempt(errors, () =>
    loadSuite({ root, ...(cases.length === 0 ? {} : { cases: cases.map((c) => relative(root, c)) }) }),
  );
  if (suite !== undefined)
    for (const file of targets) attempt(errors, () => validateTarget(root, file, suite));
  if (errors.length > 0) {
    for (const error of errors) printError(`error: ${error.message} [${error.code}]`);
    printError(`${errors.length} ${errors.length === 1 ? 'mistake' : 'mistakes'}`);
    return 2;
  }
  const count = suite === undefined ? 0 : allSequences(suite).length;
  print(
    `${suite?.testCases.length ?? 0} test cases with ${count} sequences, ${targets.length} targets: no mistake`,
  );
  return 0;
}

function attempt<T>(errors: Sgp33Error[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof SuiteErrors) errors.push(...error.errors);
    else if (error instanceof Sgp33Error) errors.push(error);
    else throw error;
    return undefined;
  }
}

function validateTarget(root: string, file: string, suite: Suite): void {
  const target = loadTarget(root, file);
  checkTarget(target, suite);
  // Makes the driver, which checks its keys; nothing is opened.
  driverForTarget(target, { root, pki: pkiDirectory(target, root), defects: target.defects });
}

/** A file with a driver is a target. One that is no YAML is said to be so when it is read as a test case. */
function isTarget(file: string): boolean {
  if (statSync(file).isDirectory()) return false;
  try {
    const node = readYaml('/', file);
    return node.kind === 'map' && find(node, 'driver') !== undefined;
  } catch {
    return /^driver:/m.test(readFileSync(file, 'utf8'));
  }
}

const yamlIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((f) => /\.ya?ml$/.test(f))
        .sort()
        .map((f) => join(folder, f))
    : [];
