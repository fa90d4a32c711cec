/** Programs of a trigger notation: a command for one trigger, the process that is the device. */
import {
  LIFETIMES,
  type CommandWay,
  type DeviceProcess,
  type ProcessStart,
} from '../../../drivers/ipad-trigger/index.js';
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
import { argumentsOf, lineOf } from './management-calls.js';
import { pairsOf, textTemplate, type Names } from './management-notation.js';
import { numberOf, wordOf } from './settings.js';

export const PROCESS_KEYS = [
  'run',
  'shell',
  'env',
  'cwd',
  'lifetime',
  'graceMs',
  'ready',
  'readyMs',
  'reset',
] as const;
export const RESET_KEYS = ['stdin', 'done'] as const;
export const TRIGGER_COMMAND_KEYS = [
  'run',
  'shell',
  'env',
  'cwd',
  'lifetime',
  'graceMs',
  'wait',
  'timeoutMs',
] as const;
export const TRIGGER_WAITS = ['exit', 'none'] as const;
const TIMEOUT_MS = 60_000;
const READY_MS = 10_000;
const GRACE_MS = 2000;

/** @throws {SuiteError} for each mistake, at its place. */
export function commandOf(m: YMap, names: Names): CommandWay {
  onlyKeys(m, TRIGGER_COMMAND_KEYS, 'command');
  const wait = wordOf(m, 'wait', TRIGGER_WAITS) ?? 'exit';
  const timeoutMs = numberOf(m, 'timeoutMs', 1, 3_600_000);
  if (wait === 'none' && timeoutMs !== undefined)
    throw new SuiteError(
      'driver-setting',
      'a command that is not waited for has no timeoutMs',
      find(m, 'timeoutMs')?.place ?? m.place,
      { expected: 'wait: exit, or no timeoutMs' },
    );
  return {
    kind: 'command',
    ...startOf(m, 'command', names),
    timeoutMs: wait === 'none' ? undefined : (timeoutMs ?? TIMEOUT_MS),
  };
}

/** @throws {SuiteError} for each mistake, at its place. */
export function processOf(m: YMap, names: Names): DeviceProcess {
  onlyKeys(m, PROCESS_KEYS, 'process');
  const ready = find(m, 'ready');
  const readyMs = numberOf(m, 'readyMs', 1, 600_000);
  const reset = find(m, 'reset');
  return {
    ...startOf(m, 'process', names),
    ready: ready === undefined ? undefined : expressionOf(ready, 'ready'),
    readyMs: readyMs ?? READY_MS,
    ...(reset === undefined ? {} : { reset: resetOf(asMap(reset, 'reset')) }),
  };
}

function resetOf(m: YMap): NonNullable<DeviceProcess['reset']> {
  onlyKeys(m, RESET_KEYS, 'reset');
  return {
    text: asText(need(m, 'stdin', 'reset'), 'stdin'),
    done: expressionOf(need(m, 'done', 'reset'), 'done'),
  };
}

/** @throws {SuiteError} `regex`. */
export function expressionOf(n: YNode, key: string): RegExp {
  const text = asText(n, key);
  try {
    return new RegExp(text, 'm');
  } catch (cause) {
    throw new SuiteError('regex', `'${text}' is no regular expression`, n.place, {
      actual: cause instanceof Error ? cause.message : String(cause),
    });
  }
}

function startOf(m: YMap, what: string, names: Names): ProcessStart {
  const run = find(m, 'run');
  const shell = find(m, 'shell');
  const cwd = find(m, 'cwd');
  if ((run === undefined) === (shell === undefined))
    throw new SuiteError('driver-setting', `${what} needs one way to run`, m.place, {
      expected: 'run or shell',
    });
  return {
    run: run === undefined ? lineOf(shell as YNode) : argumentsOf(run, names),
    env: pairsOf(find(m, 'env'), 'env', names),
    ...(cwd === undefined ? {} : { cwd: textTemplate(cwd, 'cwd', names) }),
    lifetime: wordOf(m, 'lifetime', LIFETIMES) ?? 'sequence',
    graceMs: numberOf(m, 'graceMs', 0, 60_000) ?? GRACE_MS,
  };
}
