/** `sgp33 pki export`: what a device and its eUICC have to know of the eIMs that the tool plays. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TRUST_KINDS } from '../../../drivers/ipad-contract.js';
import { SuiteError } from '../../engine/yaml/nodes.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { oneOf } from '../arguments.js';
import { ipadSettings } from '../drivers/ipad-settings.js';
import { loadAll, pkiOf } from '../load.js';
import { print } from '../output.js';
import { exportFiles, type ExportedFile } from '../pki/export-files.js';

export interface PkiExportOptions {
  readonly target: string;
  readonly out: string;
  readonly trust: string;
  readonly force?: boolean;
}

/** @returns 0. @throws {SuiteError} for the target; {Sgp33Error} `export-folder`, and nothing is written over. */
export function pkiExportCommand(options: PkiExportOptions): number {
  const { root, suite, target } = loadAll(options.target);
  if (target.driver.kind !== 'ipad')
    throw new SuiteError(
      'unknown-driver',
      `the driver ${target.driver.kind} plays no eIM`,
      target.driver.settings.place,
      { expected: 'kind: ipad' },
    );
  const files = exportFiles({
    target,
    settings: ipadSettings(target, root),
    suite,
    pki: pkiOf(target, root),
    trust: oneOf('--trust', options.trust, TRUST_KINDS),
  });
  const folder = resolve(options.out);
  writeAll(folder, files, options.force === true);
  for (const { name } of files) print(join(options.out, name));
  return 0;
}

function writeAll(folder: string, files: readonly ExportedFile[], force: boolean): void {
  const there = files.find(({ name }) => existsSync(join(folder, name)));
  if (there !== undefined && !force)
    throw new Sgp33Error('export-folder', 'the file is there already, and nothing was written', {
      place: join(folder, there.name),
      repair: 'Name another folder with --out, or let it be replaced with --force.',
    });
  // All of them are there in full before the first takes its place.
  const drafts = new Map<string, string>();
  try {
    for (const { name, content } of files) {
      const file = join(folder, name);
      if (existsSync(file) && !statSync(file).isFile()) throw new Error(`${file} is no file`);
      mkdirSync(dirname(file), { recursive: true });
      const draft = `${file}.${process.pid}.tmp`;
      drafts.set(draft, file);
      writeFileSync(draft, content);
    }
    for (const [draft, file] of drafts) renameSync(draft, file);
  } catch (cause) {
    for (const draft of drafts.keys()) rmSync(draft, { force: true });
    throw new Sgp33Error('export-folder', 'the folder can not be written', {
      place: folder,
      actual: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
