/** How a card that is not in this process is personalised: a control socket, a command, or a person. */
import { resolve } from 'node:path';
import type { PersonalisationRequest } from '../../../drivers/contract.js';
import { asMap, asText, find, SuiteError, type YMap, type YNode } from '../../engine/yaml/nodes.js';
import { askControlSocket } from './control-client.js';
import { runCommand } from './personalise-command.js';
import { askPerson, canAskPerson } from './personalise-prompt.js';
import { numberOf, oneKeyOf } from './settings.js';

export interface Personaliser {
  /** @throws {Sgp33Error} `personalisation-failed`, `personalisation-unavailable`. */
  personalise: (request: PersonalisationRequest, signal?: AbortSignal) => Promise<void>;
}

export const PERSONALISER_KEYS = ['control', 'command', 'prompt'] as const;
const TIMEOUT_MS = 60_000;

/**
 * `{ control: PATH | HOST:PORT }`, `{ command: '...' }` or `{ prompt: true }`, with `timeoutMs` (default 60000) beside
 * the first two. Undefined for a prompt without a terminal: sequences that need it are then INCONCLUSIVE.
 * @param folder paths and commands are relative to it.
 */
export function personaliserOf(node: YNode, folder: string): Personaliser | undefined {
  const m = asMap(node, 'personaliser');
  const timeoutMs = numberOf(m, 'timeoutMs', 1, 3_600_000) ?? TIMEOUT_MS;
  const ways: YMap = { ...m, entries: m.entries.filter((e) => e.key !== 'timeoutMs') };
  const way = oneKeyOf(ways, PERSONALISER_KEYS, 'personaliser');
  const value = find(m, way) as YNode;
  const text = asText(value, way);
  switch (way) {
    case 'control': {
      const where = /^.+:\d{1,5}$/.test(text) ? text : resolve(folder, text);
      return { personalise: (request, signal) => askControlSocket(where, request, timeoutMs, signal) };
    }
    case 'command':
      return { personalise: (request, signal) => runCommand(text, folder, request, timeoutMs, signal) };
    default:
      if (text !== 'true')
        throw new SuiteError('driver-setting', `'${text}' is no prompt`, value.place, { expected: 'true' });
      return canAskPerson() ? { personalise: askPerson } : undefined;
  }
}
