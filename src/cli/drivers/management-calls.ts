/** Calls of a mapping: HTTP, a command, a prompt; when they are accepted, and how often they are made. */
import type {
  CallMapping,
  CommandCall,
  HttpCall,
  PromptCall,
  Refusal,
  Until,
} from '../../../drivers/management/mapping.js';
import { POLL_DEADLINE_MS, POLL_MS } from '../../../drivers/management/poll.js';
import { ORDER_STATUSES } from '../../../drivers/management/check-facts.js';
import { meant } from '../../protocol/did-you-mean.js';
import {
  asList,
  asMap,
  asText,
  find,
  need,
  onlyKeys,
  SuiteError,
  texts,
  type YMap,
  type YNode,
} from '../../engine/yaml/nodes.js';
import { bindings } from './management-answers.js';
import { pairsOf, pathOf, templateOf, textTemplate, type Names } from './management-notation.js';
import { numberOf, wordOf } from './settings.js';

export const CALL_KINDS = ['http', 'command', 'prompt'] as const;
export const CALL_KEYS = [...CALL_KINDS, 'accepted', 'refused', 'bind', 'until'] as const;
export const HTTP_CALL_KEYS = ['method', 'path', 'query', 'headers', 'json', 'form'] as const;
export const COMMAND_KEYS = ['run', 'shell', 'env', 'timeoutMs'] as const;
export const PROMPT_KEYS = ['say', 'ask'] as const;
export const REFUSED_KEYS = ['status', 'exitCode', 'from', 'is', 'reason'] as const;
export const UNTIL_KEYS = ['status', 'from', 'is', 'pollMs', 'deadlineMs'] as const;
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const COMMAND_TIMEOUT_MS = 60_000;

/** @param m a map with the keys of {@link CALL_KEYS}, and `others` that belong to whoever holds it. */
export function callOf(m: YMap, what: string, names: Names, others: readonly string[] = []): CallMapping {
  onlyKeys(m, [...CALL_KEYS, ...others], what);
  const kinds = CALL_KINDS.filter((kind) => find(m, kind) !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new SuiteError('driver-setting', `${what} needs one way to call`, m.place, {
      expected: `one of ${CALL_KINDS.join(', ')}`,
    });
  const settings = asMap(need(m, kind, what), kind);
  const call =
    kind === 'http'
      ? httpCall(settings, names)
      : kind === 'command'
        ? commandCall(settings, names)
        : promptCall(settings, names);
  const accepted = find(m, 'accepted');
  const refused = find(m, 'refused');
  const until = find(m, 'until');
  return {
    call,
    ...(accepted === undefined ? {} : { accepted: codes(accepted, kind) }),
    ...(refused === undefined ? {} : { refused: refusalOf(asMap(refused, 'refused'), kind) }),
    bind: bindings(find(m, 'bind'), names),
    ...(until === undefined ? {} : { until: untilOf(asMap(until, 'until')) }),
  };
}

export function httpCall(m: YMap, names: Names): HttpCall {
  onlyKeys(m, HTTP_CALL_KEYS, 'http');
  const path = find(m, 'path');
  const json = find(m, 'json');
  const form = find(m, 'form');
  if (json !== undefined && form !== undefined)
    throw new SuiteError('driver-setting', 'a request has one body', form.place, {
      expected: 'json or form',
    });
  if (path?.kind === 'scalar' && path.text !== '' && !/^[/{?]/.test(path.text))
    throw new SuiteError('driver-setting', `'${path.text}' is no path`, path.place, {
      expected: 'a path that begins with /',
    });
  return {
    kind: 'http',
    method: wordOf(m, 'method', METHODS) ?? (json === undefined && form === undefined ? 'GET' : 'POST'),
    path: path === undefined ? { kind: 'text', parts: [] } : templateOf(path, 'path', names),
    query: pairsOf(find(m, 'query'), 'query', names),
    headers: headersOf(find(m, 'headers'), names),
    ...(json === undefined ? {} : { json: templateOf(json, 'json', names) }),
    ...(form === undefined ? {} : { form: pairsOf(form, 'form', names) }),
  };
}

/** @throws {SuiteError} `driver-setting` for a name that no header has. */
export function headersOf(n: YNode | undefined, names: Names): HttpCall['headers'] {
  if (n === undefined) return [];
  for (const e of asMap(n, 'headers').entries)
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(e.key))
      throw new SuiteError('driver-setting', `'${e.key}' is no name of a header`, e.keyPlace);
  return pairsOf(n, 'headers', names);
}

function commandCall(m: YMap, names: Names): CommandCall {
  onlyKeys(m, COMMAND_KEYS, 'command');
  const run = find(m, 'run');
  const shell = find(m, 'shell');
  if ((run === undefined) === (shell === undefined))
    throw new SuiteError('driver-setting', 'command needs one way to run', m.place, {
      expected: 'run or shell',
    });
  return {
    kind: 'command',
    run: run === undefined ? lineOf(shell as YNode) : argumentsOf(run, names),
    env: pairsOf(find(m, 'env'), 'env', names),
    timeoutMs: numberOf(m, 'timeoutMs', 1, 3_600_000) ?? COMMAND_TIMEOUT_MS,
  };
}

export function lineOf(n: YNode): string {
  const line = asText(n, 'shell');
  if (line.trim() !== '') return line;
  throw new SuiteError('driver-setting', 'the command is empty', n.place);
}

export function argumentsOf(n: YNode, names: Names): CommandCall['run'] {
  const items = asList(n, 'run').items;
  if (items.length === 0) throw new SuiteError('driver-setting', 'the command is empty', n.place);
  return items.map((item) => textTemplate(item, 'run', names));
}

function promptCall(m: YMap, names: Names): PromptCall {
  onlyKeys(m, PROMPT_KEYS, 'prompt');
  return {
    kind: 'prompt',
    say: textTemplate(need(m, 'say', 'prompt'), 'say', names),
    ask: pairsOf(find(m, 'ask'), 'ask', names),
  };
}

/** HTTP statuses or exit codes: one or a list. */
export function codes(n: YNode, kind: (typeof CALL_KINDS)[number]): number[] {
  const [least, most] = kind === 'http' ? [100, 599] : [0, 255];
  return (n.kind === 'list' ? n.items : [n]).map((item) => {
    const text = asText(item, 'a status');
    const value = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new SuiteError(
      'driver-setting',
      `'${text}' is no ${kind === 'http' ? 'HTTP status' : 'exit code'}`,
      item.place,
      {
        expected: `${least} to ${most}`,
      },
    );
  });
}

function refusalOf(m: YMap, kind: (typeof CALL_KINDS)[number]): Refusal {
  onlyKeys(m, REFUSED_KEYS, 'refused');
  const status = find(m, 'status') ?? find(m, 'exitCode');
  const from = find(m, 'from');
  const is = find(m, 'is');
  const reason = find(m, 'reason');
  if ((from === undefined) !== (is === undefined))
    throw new SuiteError('missing-key', 'from and is belong together', m.place, { expected: 'from and is' });
  return {
    ...(status === undefined ? {} : { status: codes(status, kind) }),
    ...(from === undefined ? {} : { from: pathOf(from, 'from', false) }),
    ...(is === undefined ? {} : { is: words(is) }),
    ...(reason === undefined ? {} : { reason: pathOf(reason, 'reason', false) }),
  };
}

const words = (n: YNode): string[] => (n.kind === 'list' ? texts(n, 'is') : [asText(n, 'is')]);

function untilOf(m: YMap): Until {
  onlyKeys(m, UNTIL_KEYS, 'until');
  const status = find(m, 'status');
  const from = find(m, 'from');
  const is = find(m, 'is');
  if ((from === undefined) !== (is === undefined) || (status === undefined) === (from === undefined))
    throw new SuiteError('driver-setting', 'until needs what it waits for', m.place, {
      expected: 'status, or from and is',
    });
  const times = {
    pollMs: numberOf(m, 'pollMs', 1, 600_000) ?? POLL_MS,
    deadlineMs: numberOf(m, 'deadlineMs', 1, 3_600_000) ?? POLL_DEADLINE_MS,
  };
  if (from !== undefined && is !== undefined)
    return { from: pathOf(from, 'from', false), is: words(is), ...times };
  const node = status as YNode;
  for (const item of node.kind === 'list' ? node.items : [node]) {
    const text = asText(item, 'status');
    if ((ORDER_STATUSES as readonly string[]).includes(text)) continue;
    const repair = meant(text, ORDER_STATUSES);
    throw new SuiteError('driver-setting', `'${text}' is no status of an order`, item.place, {
      expected: ORDER_STATUSES.join(', '),
      ...(repair === undefined ? {} : { repair }),
    });
  }
  return { is: words(node), ...times };
}
