/** Tells another process which seeded defects an IPAd was asked for: what nobody asked for can not matter. */
import { appendFileSync, existsSync } from 'node:fs';
import type { DefectObserver } from '../../simulators/defect-set.js';

/**
 * Appends each name once, before its answer counts. Whoever removes the file is told all again.
 * @param file one name a line.
 */
export function askedIn(file: string): DefectObserver {
  const told = new Set<string>();
  return {
    watches: () => undefined,
    asked(name) {
      if (told.size > 0 && !existsSync(file)) told.clear();
      if (told.has(name)) return;
      told.add(name);
      appendFileSync(file, `${name}\n`);
    },
  };
}
