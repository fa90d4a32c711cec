/** `triggers:`, `process:` and `http:` of the driver `ipad`: how the device is made to act. Everything is checked before anything is started. */
import { IPAD_TRIGGERS, TRIGGER_PARAMETERS, type IpadTriggerName } from '../../../drivers/ipad-contract.js';
import {
  LIFETIMES,
  type DeviceProcess,
  type ProcessStart,
  type TriggerMapping,
  type TriggerWay,
} from '../../../drivers/ipad-trigger/index.js';
import { meant } from '../../protocol/did-you-mean.js';
import {
  asList,
  asMap,
  asText,
  find,
  need,
  onlyKeys,
  SuiteError,
  type YMap,
  type YNode,
} from '../../engine/yaml/nodes.js';
import { callOf, COMMAND_KEYS } from './management-calls.js';
import { pairsOf, textTemplate, type Names } from './management-notation.js';
import { httpSettings, type MappingContext } from './management-settings.js';
import { numberOf, wordOf } from './settings.js';

export const IPAD_TRIGGER_KEYS = ['triggers', 'process', 'http'] as const;
export const PROCESS_KEYS = [
  ...['run', 'shell', 'env', 'cwd', 'ready', 'readyMs', 'lifetime', 'graceMs'],
] as const;
export const TRIGGER_WAYS = [
  ...(['command', 'http', 'prompt', 'wait', 'signal', 'stdin', 'start', 'stop', 'restart'] as const),
] as const;
export const TRIGGER_COMMAND_KEYS = [...COMMAND_KEYS, 'cwd', 'wait', 'lifetime', 'graceMs'] as const;
export const SIGNALS = ['SIGUSR1', 'SIGUSR2', 'SIGHUP', 'SIGINT', 'SIGCONT', 'SIGALRM'] as const;
const GRACE_MS = 2_000;
const READY_MS = 30_000;
const TIMEOUT_MS = 60_000;

/** @throws {SuiteError} for each mistake, with file:line:column. */
export function triggersOf(driver: YMap, context: Omit<MappingContext, 'hasBaseUrl'>): TriggerMapping {
  const written = asMap(need(driver, 'triggers', 'the driver ipad'), 'triggers');
  const processNode = find(driver, 'process');
  const http = find(driver, 'http');
  const names: Names = {
    bound: new Set([...TRIGGER_PARAMETERS.always, ...TRIGGER_PARAMETERS.sometimes]),
    env: context.env,
    settings: new Set(Object.keys(context.settings)),
  };
  const settings =
    http === undefined ? undefined : httpSettings(asMap(http, 'http'), { ...context, hasBaseUrl: false });
  const device = processNode === undefined ? undefined : deviceOf(asMap(processNode, 'process'), names);
  const triggers = new Map<IpadTriggerName, TriggerWay>();
  for (const e of written.entries) {
    const name = IPAD_TRIGGERS.find((t) => t === e.key);
    if (name === undefined) {
      const repair = meant(e.key, IPAD_TRIGGERS);
      throw new SuiteError('unknown-trigger', `unknown trigger '${e.key}'`, e.keyPlace, {
        expected: IPAD_TRIGGERS.join(', '),
        ...(repair === undefined ? {} : { repair }),
      });
    }
    const way = wayOf(asMap(e.value, name), name, names);
    if (NEEDS_PROCESS.has(way.kind) && device === undefined)
      throw new SuiteError('missing-key', `${name} is about a process, and there is none`, e.keyPlace, {
        expected: 'process: { run: [...] } beside triggers',
      });
    if (way.kind === 'http' && settings?.url === undefined)
      throw new SuiteError('missing-key', 'HTTP calls need a base URL', e.keyPlace, {
        expected: 'http: { url: ... } beside triggers',
      });
    triggers.set(name, way);
  }
  if (triggers.size === 0)
    throw new SuiteError('driver-setting', 'triggers maps nothing', written.place, {
      expected: IPAD_TRIGGERS.join(', '),
    });
  return {
    folder: context.folder,
    settings: context.settings,
    ...(settings === undefined ? {} : { http: settings }),
    ...(device === undefined ? {} : { process: device }),
    triggers,
  };
}

const NEEDS_PROCESS: ReadonlySet<TriggerWay['kind']> = new Set([
  'signal',
  'stdin',
  'start',
  'stop',
  'restart',
]);

function wayOf(m: YMap, name: string, names: Names): TriggerWay {
  const kinds = TRIGGER_WAYS.filter((kind) => find(m, kind) !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new SuiteError('driver-setting', `${name} needs one way`, m.place, {
      expected: `one of ${TRIGGER_WAYS.join(', ')}`,
    });
  const value = need(m, kind, name);
  switch (kind) {
    case 'command':
      onlyKeys(m, ['command'], name);
      return commandOf(asMap(value, 'command'), names);
    case 'http': {
      const { call, accepted } = callOf(m, name, names);
      if (call.kind !== 'http') throw new SuiteError('driver-setting', `${name} needs one way`, m.place);
      return { kind, call, ...(accepted === undefined ? {} : { accepted }) };
    }
    case 'prompt': {
      const { call } = callOf(m, name, names);
      if (call.kind !== 'prompt') throw new SuiteError('driver-setting', `${name} needs one way`, m.place);
      return { kind, call };
    }
    case 'signal': {
      onlyKeys(m, ['signal', 'done'], name);
      const signal = wordOf(m, 'signal', SIGNALS) ?? 'SIGUSR1';
      return { kind, signal, ...doneOf(m) };
    }
    case 'stdin':
      onlyKeys(m, ['stdin', 'done'], name);
      return { kind, text: textTemplate(value, 'stdin', names), ...doneOf(m) };
    default:
      onlyKeys(m, [kind], name);
      onlyKeys(asMap(value, kind), [], kind);
      return { kind };
  }
}

const doneOf = (m: YMap): { done?: RegExp } => {
  const node = find(m, 'done');
  return node === undefined ? {} : { done: expressionOf(node, 'done') };
};

function commandOf(m: YMap, names: Names): TriggerWay {
  onlyKeys(m, TRIGGER_COMMAND_KEYS, 'command');
  const waits = (wordOf(m, 'wait', ['exit', 'none']) ?? 'exit') === 'exit';
  return {
    kind: 'command',
    ...processStart(m, names, 'sequence'),
    timeoutMs: waits ? (numberOf(m, 'timeoutMs', 1, 3_600_000) ?? TIMEOUT_MS) : undefined,
  };
}

function deviceOf(m: YMap, names: Names): DeviceProcess {
  onlyKeys(m, PROCESS_KEYS, 'process');
  const ready = find(m, 'ready');
  return {
    ...processStart(m, names, 'run'),
    ready: ready === undefined ? undefined : expressionOf(ready, 'ready'),
    readyMs: numberOf(m, 'readyMs', 1, 600_000) ?? READY_MS,
  };
}

function processStart(m: YMap, names: Names, lifetime: (typeof LIFETIMES)[number]): ProcessStart {
  const run = find(m, 'run');
  const shell = find(m, 'shell');
  const cwd = find(m, 'cwd');
  if ((run === undefined) === (shell === undefined))
    throw new SuiteError('driver-setting', 'a process needs one way to run', m.place, {
      expected: 'run or shell',
    });
  return {
    run: run === undefined ? lineOf(shell as YNode) : wordsOf(run, names),
    env: pairsOf(find(m, 'env'), 'env', names),
    ...(cwd === undefined ? {} : { cwd: textTemplate(cwd, 'cwd', names) }),
    lifetime: wordOf(m, 'lifetime', LIFETIMES) ?? lifetime,
    graceMs: numberOf(m, 'graceMs', 0, 600_000) ?? GRACE_MS,
  };
}

function wordsOf(n: YNode, names: Names): ProcessStart['run'] {
  const { items } = asList(n, 'run');
  if (items.length === 0) throw new SuiteError('driver-setting', 'the command is empty', n.place);
  return items.map((item) => textTemplate(item, 'run', names));
}

function lineOf(n: YNode): string {
  const line = asText(n, 'shell');
  if (line.trim() !== '') return line;
  throw new SuiteError('driver-setting', 'the command is empty', n.place);
}

/** @throws {SuiteError} `driver-setting` for what is no regular expression. */
function expressionOf(n: YNode, key: string): RegExp {
  const text = asText(n, key);
  try {
    return new RegExp(text, 'm');
  } catch (error) {
    throw new SuiteError('driver-setting', `'${text}' is no ${key}`, n.place, {
      expected: 'a regular expression',
      actual: error instanceof Error ? error.message : String(error),
    });
  }
}
