/** How processes are started from a mapping, and what is told of their ends. */
import { resolve } from 'node:path';
import type { TraceEvent } from '../contract.js';
import type { TriggerEnd } from '../ipad-contract.js';
import { renderPairs, renderText, type Scope } from '../management/render.js';
import type { Ended } from './end-processes.js';
import type { ProcessStart } from './mapping.js';
import type { ProcessEnd, RunningProcess, StartOptions } from './running-process.js';

type Note = (text: string) => TraceEvent;

/** @throws {Sgp33Error} `management-parameter` for a placeholder without a value. */
export function startOf(start: ProcessStart, folder: string, scope: Scope, input: boolean): StartOptions {
  const cwd = start.cwd === undefined ? undefined : renderText(start.cwd, scope);
  return {
    run: typeof start.run === 'string' ? start.run : start.run.flatMap((t) => renderText(t, scope) ?? []),
    cwd: cwd === undefined ? folder : resolve(folder, cwd),
    env: Object.fromEntries(renderPairs(start.env, scope)),
    input,
    graceMs: start.graceMs,
  };
}

/** Children that are left are named: they are ended with the sequence. */
export function endOf(running: RunningProcess, end: ProcessEnd, note: Note): TriggerEnd {
  const { output } = running;
  const left = running.members;
  const how = end.stopped ? 'stopped' : end.signal === null ? 'exited' : 'signalled';
  const text = output.text;
  return {
    how,
    ...(end.exitCode === null ? {} : { exitCode: end.exitCode }),
    ...(end.signal === null ? {} : { signal: end.signal }),
    output: text,
    outputBytes: output.bytes,
    events: [
      note(
        `process ${running.pid} ${how}${end.exitCode === null ? '' : ` with exit code ${end.exitCode}`}${end.signal === null ? '' : ` by ${end.signal}`}`,
      ),
      ...(text === '' ? [] : [note(`it wrote ${output.bytes} bytes, the last of them:\n${text}`)]),
      ...(left.length === 0 ? [] : [note(`children that it left: ${left.join('; ')}`)]),
    ],
  };
}

export const stoppedEvents = ({ lines }: Ended, note: Note): TraceEvent[] =>
  lines.length === 0 ? [] : [note(`ended: ${lines.join('; ')}`)];
