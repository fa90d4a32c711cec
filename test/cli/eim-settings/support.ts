import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eimSettings, type EimDriverSettings } from '../../../src/cli/drivers/eim-settings.js';
import { loadTarget } from '../../../src/engine/load-target.js';

/** A folder with these files, gone after the test. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-eim-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Lines before that of `kind`. */
const HEAD = 'name: t\niut: eIM\ndriver:\n';

/** The settings of a target with this text below `driver:`, whose first line is line 4. */
export function settingsOf(
  driver: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
  env: Readonly<Record<string, string>> = {},
  rest = '',
): EimDriverSettings {
  const folder = folderWith({ 't.yaml': `${HEAD}${driver}${rest}`, ...files });
  return eimSettings(loadTarget(folder, join(folder, 't.yaml')), folder, env);
}

/** `  kind: eim-https` and so on: two lines, then `management:` in line 6 with an operation that is good. */
export const https = (more = ''): string => `  kind: eim-https
  url: https://eim.example.com:8443
  management: { http: { url: https://eim.example.com }, operations: { restart: { http: { method: POST, path: /r } } } }
${more}`;
