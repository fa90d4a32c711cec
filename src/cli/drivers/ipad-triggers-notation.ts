/**
 * `driver.triggers` of a target: how a device under test is made to do something. Everything is checked before anything
 * is started.
 */
import { constants } from 'node:os';
import { IPAD_TRIGGERS, TRIGGER_PARAMETERS, type IpadTriggerName } from '../../../drivers/ipad-contract.js';
import type { TriggerMapping, TriggerWay } from '../../../drivers/ipad-trigger/index.js';
import { meant } from '../../protocol/did-you-mean.js';
import {
  asMap,
  asText,
  find,
  need,
  onlyKeys,
  SuiteError,
  type YMap,
  type YNode,
} from '../../engine/yaml/nodes.js';
import { commandOf, expressionOf, processOf } from './ipad-trigger-programs.js';
import { codes, httpCall } from './management-calls.js';
import { textTemplate, type Names } from './management-notation.js';
import { httpSettings } from './management-settings.js';
import { oneKeyOf } from './settings.js';

/** Keys below `triggers:` besides the names of triggers. */
export const TRIGGER_SETTING_KEYS = ['http', 'process'] as const;
/** Of them a trigger has one. */
export const TRIGGER_WAYS = [
  'command',
  'http',
  'prompt',
  'wait',
  'signal',
  'stdin',
  'start',
  'stop',
  'restart',
] as const;
export const TRIGGER_PROMPT_KEYS = ['say'] as const;
/** What a process of the target has without a word. */
const OF_PROCESS = ['start', 'stop', 'restart'] as const;
const ALL_OTHERS = '*';

export interface TriggersContext {
  /** Paths are relative to it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The target's settings. */
  readonly settings: Readonly<Record<string, string>>;
}

/** @throws {SuiteError} for each mistake, at its place. */
export function triggersOf(n: YNode, context: TriggersContext): TriggerMapping {
  const m = asMap(n, 'triggers');
  const { folder, env, settings } = context;
  const names: Names = {
    values: { needed: TRIGGER_PARAMETERS.always, optional: TRIGGER_PARAMETERS.sometimes },
    bound: new Set(),
    env,
    settings: new Set(Object.keys(settings)),
  };
  const http = find(m, 'http');
  const process = find(m, 'process');
  const triggers = new Map<IpadTriggerName, TriggerWay>();
  for (const [name, node] of entriesOf(m)) triggers.set(name, wayOf(name, node, names, m));
  if (process !== undefined)
    for (const name of OF_PROCESS) if (!triggers.has(name)) triggers.set(name, { kind: name });
  if (triggers.size === 0)
    throw new SuiteError('driver-setting', 'triggers maps nothing', m.place, {
      expected: IPAD_TRIGGERS.join(', '),
    });
  return {
    folder,
    settings,
    ...(http === undefined ? {} : { http: httpSettings(asMap(http, 'http'), context) }),
    ...(process === undefined ? {} : { process: processOf(asMap(process, 'process'), names) }),
    triggers,
  };
}

/** `poll, restart: ...` is both; `*` is what nobody else names. @throws {SuiteError} `unknown-trigger`, `duplicate-name`. */
function entriesOf(m: YMap): Map<IpadTriggerName, YNode> {
  const found = new Map<IpadTriggerName, YNode>();
  for (const { key, keyPlace, value } of m.entries) {
    if (key === ALL_OTHERS || TRIGGER_SETTING_KEYS.some((k) => k === key)) continue;
    for (const part of key.split(',').map((p) => p.trim())) {
      const name = IPAD_TRIGGERS.find((t) => t === part);
      if (name === undefined) {
        const known = [...IPAD_TRIGGERS, ...TRIGGER_SETTING_KEYS];
        const repair = meant(part, known);
        throw new SuiteError('unknown-trigger', `unknown trigger '${part}'`, keyPlace, {
          expected: known.join(', '),
          ...(repair === undefined ? {} : { repair }),
        });
      }
      if (found.has(name)) throw new SuiteError('duplicate-name', `${name} is mapped twice`, keyPlace);
      found.set(name, value);
    }
  }
  const others = find(m, ALL_OTHERS);
  if (others !== undefined) for (const name of IPAD_TRIGGERS) if (!found.has(name)) found.set(name, others);
  return found;
}

function wayOf(name: IpadTriggerName, n: YNode, names: Names, all: YMap): TriggerWay {
  const m = asMap(n, name);
  const process = find(all, 'process');
  // `restart: {}` is what it says.
  const itself = OF_PROCESS.find((way) => way === name);
  if (m.entries.length === 0 && itself !== undefined) {
    needsProcess(process, m, name);
    return { kind: itself };
  }
  const accepted = find(m, 'accepted');
  const done = find(m, 'done');
  const beside = ['accepted', 'done'];
  const ways: YMap = { ...m, entries: m.entries.filter((e) => !beside.includes(e.key)) };
  const way = oneKeyOf(ways, TRIGGER_WAYS, name) as (typeof TRIGGER_WAYS)[number];
  if (accepted !== undefined && way !== 'http')
    throw new SuiteError('driver-setting', 'only an HTTP call has an answer to accept', accepted.place);
  if (done !== undefined && way !== 'signal' && way !== 'stdin')
    throw new SuiteError(
      'driver-setting',
      'only a process that was told something says that it is done',
      done.place,
    );
  const says = done === undefined ? {} : { done: expressionOf(done, 'done') };
  const value = find(m, way) as YNode;
  switch (way) {
    case 'command':
      return commandOf(asMap(value, way), names);
    case 'http':
      return {
        kind: way,
        call: httpCallOf(asMap(value, way), names, all),
        ...(accepted === undefined ? {} : { accepted: codes(accepted, 'http') }),
      };
    case 'prompt': {
      const prompt = asMap(value, way);
      onlyKeys(prompt, TRIGGER_PROMPT_KEYS, way);
      const say = textTemplate(need(prompt, 'say', way), 'say', names);
      return { kind: way, call: { kind: 'prompt', say, ask: [] } };
    }
    case 'wait':
      onlyKeys(asMap(value, way), [], way);
      return { kind: way };
    case 'signal':
      needsProcess(process, m, name);
      return { kind: way, signal: signalOf(value), ...says };
    case 'stdin':
      needsProcess(process, m, name);
      return { kind: way, text: textTemplate(value, way, names), ...says };
    default:
      onlyKeys(asMap(value, way), [], way);
      needsProcess(process, m, name);
      return { kind: way };
  }
}

function needsProcess(process: YNode | undefined, m: YMap, name: string): void {
  if (process === undefined)
    throw new SuiteError('missing-key', `${name} needs the process of the device`, m.place, {
      expected: 'triggers.process',
    });
}

/** The URL of what is called stands in one place. */
function httpCallOf(m: YMap, names: Names, all: YMap): ReturnType<typeof httpCall> {
  const http = find(all, 'http');
  const base = http?.kind === 'map' ? find(http, 'url') : undefined;
  if (base === undefined)
    throw new SuiteError('missing-key', 'HTTP calls need a base URL', (http ?? m).place, {
      expected: 'triggers.http.url',
    });
  return httpCall(m, names);
}

function signalOf(n: YNode): NodeJS.Signals {
  const text = asText(n, 'signal');
  const known = Object.keys(constants.signals) as NodeJS.Signals[];
  const signal = known.find((s) => s === text);
  if (signal !== undefined) return signal;
  const repair = meant(text, known) ?? meant(`SIG${text}`, known);
  throw new SuiteError('driver-setting', `'${text}' is no signal`, n.place, {
    expected: 'a name such as SIGUSR1',
    ...(repair === undefined ? {} : { repair }),
  });
}
