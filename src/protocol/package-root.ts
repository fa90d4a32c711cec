import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Sgp33Error } from './errors.js';

/**
 * The folder that holds this package's `package.json`, and with it `fixtures/`, `suites/` and `config/`.
 * Found by walking up, so that it is the same folder from `src/` (tests) and from `dist/src/` (built).
 *
 * @param from a file or folder to start at; this module by default.
 * @throws {Sgp33Error} `package-root-missing` when no folder above has the package.json of `sgp33`.
 */
export function packageRoot(from?: string): string {
  if (from === undefined) return (ownRoot ??= rootAbove(fileURLToPath(import.meta.url)));
  return rootAbove(from);
}

/** It does not move while the process runs, and is asked for with every card. */
let ownRoot: string | undefined;

function rootAbove(from: string): string {
  let folder = from;
  for (;;) {
    if (isOurs(join(folder, 'package.json'))) return folder;
    const parent = dirname(folder);
    if (parent === folder) {
      throw new Sgp33Error('package-root-missing', 'no package.json of sgp33 in any folder above', {
        place: from,
        repair: 'Keep the installed package together: dist/ beside fixtures/, suites/ and package.json.',
      });
    }
    folder = parent;
  }
}

function isOurs(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof parsed === 'object' && parsed !== null && 'name' in parsed && parsed.name === 'sgp33';
  } catch {
    return false;
  }
}
