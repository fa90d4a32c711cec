import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../protocol/package-root.js';

/** The version of this package. */
export function toolVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
