/** Devices for tests: programs in a folder of their own, and triggers from text. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { createIpadTriggers, type TriggerContext } from '../../../drivers/ipad-trigger/index.js';
import type { FactMap } from '../../../drivers/eim-contract.js';
import type {
  FiredTrigger,
  IpadTriggerName,
  IpadTriggers,
  TriggerEnd,
} from '../../../drivers/ipad-contract.js';
import { triggersOf } from '../../../src/cli/drivers/ipad-triggers-notation.js';
import { parseYaml } from '../../../src/engine/yaml/parse.js';

export const PARAMETERS: FactMap = {
  sequence: 'TC_IPAd_Poll#01',
  eimId: 'eim1',
  eimFqdn: 'eim.example.com',
  eimAddress: '127.0.0.1:8443',
};

export class Bench {
  readonly triggers: IpadTriggers;

  constructor(
    readonly folder: string,
    text: string,
    context: TriggerContext,
  ) {
    const env = context.env ?? {};
    const mapping = triggersOf(parseYaml(text, 't.yaml'), { folder, env, settings: { port: '99' } });
    this.triggers = createIpadTriggers(mapping, { env, ...context });
  }

  fire(name: IpadTriggerName, parameters: FactMap = {}, signal?: AbortSignal): Promise<FiredTrigger> {
    return this.triggers.fire(name, { ...PARAMETERS, ...parameters }, signal);
  }

  /** Fires, and waits for the end. */
  async end(name: IpadTriggerName, parameters: FactMap = {}): Promise<TriggerEnd> {
    const { ended } = await this.fire(name, parameters);
    return (await ended) ?? expect.fail('it tells no end');
  }

  /** The text of a file that a device writes, once it is there. */
  async written(name: string): Promise<string> {
    const file = join(this.folder, name);
    const text = (): string => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '');
    await vi.waitUntil(() => text() !== '', { timeout: 15_000 });
    return text();
  }

  /** Process id that a device writes to a file. */
  async pid(name = 'pid'): Promise<number> {
    return Number(await this.written(name));
  }
}

/**
 * Closed with the test.
 * @param scripts by name: shell scripts, or Node programs where the name ends in `.mjs`.
 */
export function bench(
  text: string,
  scripts: Readonly<Record<string, string>> = {},
  context: TriggerContext = {},
): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-trigger-'));
  for (const [name, source] of Object.entries(scripts)) {
    const first = name.endsWith('.mjs') ? `#!${process.execPath}` : '#!/bin/sh';
    writeFileSync(join(folder, name), `${first}\n${source}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const made = new Bench(folder, text, context);
  onTestFinished(async () => {
    await made.triggers.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return made;
}

/** Zombies do not run: what nobody reaps in a container is not the tool's. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

export const textOf = (events: readonly { readonly text?: string; readonly bytes?: Uint8Array }[]): string =>
  events.map(({ text = '', bytes }) => `${text}\n${Buffer.from(bytes ?? []).toString()}`).join('\n');
