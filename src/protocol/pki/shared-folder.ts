/** PKI folders that this process has read: reading certificates is most of the time that a simulator takes to start. */
import { loadPkiFolder, type PkiFolder } from './folder.js';

const folders = new Map<string | undefined, PkiFolder>();

/**
 * As {@link loadPkiFolder}, and the same folder each time: what changes in it later is not seen.
 * @throws {Sgp33Error} `pki-folder`.
 */
export function sharedPkiFolder(dir?: string): PkiFolder {
  const known = folders.get(dir);
  if (known !== undefined) return known;
  const pki = loadPkiFolder(dir);
  folders.set(dir, pki);
  return pki;
}
