/** Suite and target as a command needs them, from where the user stands. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSuite } from '../engine/load-suite.js';
import { checkTarget, loadTarget, targetFolder, type Target } from '../engine/load-target.js';
import type { Suite } from '../engine/suite.js';
import { meant } from '../protocol/did-you-mean.js';
import { Sgp33Error } from '../protocol/errors.js';
import { packageRoot } from '../protocol/package-root.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import { sharedPkiFolder } from '../protocol/pki/shared-folder.js';
import { DEFAULT_TARGET } from './default-target.js';

export interface Loaded {
  /** Folder of `suites/`, `fixtures/` and `config/`. */
  readonly root: string;
  readonly suite: Suite;
  readonly target: Target;
}

/**
 * The target file that a user means: a path from the working folder, a path in the package, or the name of one of
 * the targets that come with it (`builtin-euicc`).
 * @throws {Sgp33Error} `target-not-found`.
 */
export function targetFile(given: string = DEFAULT_TARGET): string {
  const root = packageRoot();
  const folder = join(root, 'config', 'targets');
  const candidates = [
    resolve(given),
    join(root, given),
    ...(/[\\/]/.test(given) ? [] : [join(folder, `${given}.yaml`)]),
  ];
  const found = candidates.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  if (found !== undefined) return found;
  const names = readdirSync(folder).map((f) => f.replace(/\.yaml$/, ''));
  const repair = meant(given.replace(/^.*[\\/]|\.ya?ml$/g, ''), names);
  throw new Sgp33Error('target-not-found', 'there is no such target', {
    place: given,
    expected: `a target file, or one of ${names.join(', ')}`,
    ...(repair === undefined ? {} : { repair }),
  });
}

/** The suite of the package, read once a process: it is the same for all targets. */
let suite: Suite | undefined;

/** @throws {SuiteErrors} and {SuiteError} for whatever is wrong in suite or target. */
export function loadAll(target?: string): Loaded {
  const root = packageRoot();
  suite ??= loadSuite({ root });
  const loaded = loadTarget(root, targetFile(target));
  checkTarget(loaded, suite);
  return { root, suite, target: loaded };
}

/** Where the certificates and keys are: the target's `pki`, else SGP33_PKI, else those that come with the package. */
export function pkiDirectory(target: Target | undefined, root: string): string | undefined {
  if (target?.pki !== undefined) return resolve(targetFolder(target, root), target.pki);
  const fromEnvironment = process.env['SGP33_PKI'];
  return fromEnvironment === undefined || fromEnvironment === '' ? undefined : resolve(fromEnvironment);
}

/** @throws {Sgp33Error} `pki-folder`. */
export const pkiOf = (target: Target, root: string): PkiFolder => sharedPkiFolder(pkiDirectory(target, root));
