/** What is recorded of triggers: all but secrets, and of the output its end. */
import type { FactMap } from '../eim-contract.js';
import type { TriggerEnd } from '../ipad-contract.js';
import { EventRecorder, hider } from '../management/events.js';
import type { Value } from '../management/filters.js';
import type { Scope } from '../management/render.js';
import { placeholdersOf, type Template } from '../management/template.js';
import type { ProcessStart, TriggerMapping, TriggerWay } from './mapping.js';
import type { Ended } from './end-processes.js';
import type { ProcessEnd, RunningProcess } from './running-process.js';

export interface Tracer {
  readonly now: () => number;
  readonly hide: (text: string) => string;
}

/** Values of the environment that the mapping uses are secrets. */
export function tracerOf(
  mapping: TriggerMapping,
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
): Tracer {
  const templates = [
    ...[...mapping.triggers.values()].flatMap(templatesOf),
    ...(mapping.process === undefined ? [] : startTemplates(mapping.process)),
    ...(mapping.http?.headers.map(([, t]) => t) ?? []),
  ];
  const names = templates.flatMap((t) =>
    [...placeholdersOf(t)].flatMap(({ name }) => (name?.[0] === 'env' ? (name[1] ?? []) : [])),
  );
  return { now, hide: hider([...new Set(names)].map((name) => env[name] ?? '')) };
}

const startTemplates = ({ run, env, cwd }: ProcessStart): Template[] => [
  ...(typeof run === 'string' ? [] : run),
  ...env.map(([, t]) => t),
  ...(cwd === undefined ? [] : [cwd]),
];

function templatesOf(way: TriggerWay): Template[] {
  switch (way.kind) {
    case 'command':
      return startTemplates(way);
    case 'http': {
      const { path, query, headers, json, form = [] } = way.call;
      const pairs = [...query, ...headers, ...form].map(([, t]) => t);
      return [path, ...pairs, ...(json === undefined ? [] : [json])];
    }
    case 'stdin':
      return [way.text];
    case 'prompt':
      return [way.call.say];
    default:
      return [];
  }
}

export const recorderOf = ({ now, hide }: Tracer): EventRecorder => new EventRecorder(now, hide);

/** What `{name}` leads to. @param parameters the trigger's name and a new text among them. */
export const scopeOf = (
  parameters: FactMap,
  settings: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): Scope => [parameters, { settings, env: env as Value }];

/** The end of a process as it is told. @param stopped what the tool did, where it did something. */
export function endOf(running: RunningProcess, end: ProcessEnd, tracer: Tracer, stopped?: Ended): TriggerEnd {
  const { exitCode, signal } = end;
  const { text, bytes } = running.output;
  const output = tracer.hide(text);
  const how = end.stopped ? 'stopped' : signal === null ? 'exited' : 'signalled';
  const told = signal === null ? `exit code ${exitCode ?? 'unknown'}` : `ended by ${signal}`;
  const recorder = recorderOf(tracer);
  const cut = bytes > text.length ? `, of which these are the last` : '';
  recorder.record('note', `${running.pid}: ${told}; ${bytes} bytes written${cut}`, Buffer.from(output));
  recordEnded(recorder, stopped);
  return {
    how,
    ...(exitCode === null ? {} : { exitCode }),
    ...(signal === null ? {} : { signal }),
    output,
    outputBytes: bytes,
    events: recorder.events,
  };
}

export function recordEnded(recorder: EventRecorder, ended: Ended | undefined): void {
  if (ended !== undefined && ended.lines.length > 0)
    recorder.record('note', `ended by the tool:\n${ended.lines.join('\n')}`);
}
