/** A program of the mapping, started with the values of one trigger. */
import { resolve } from 'node:path';
import { MARK } from './process-table.js';
import { renderPairs, renderText, type Scope } from '../management/render.js';
import type { EventRecorder } from '../management/events.js';
import type { FactMap } from '../eim-contract.js';
import type { ProcessStart } from './mapping.js';
import { RunningProcess } from './running-process.js';

export interface StartContext {
  readonly scope: Scope;
  /** Every one of them is in the environment, too: `eimFqdn` as SGP33_EIM_FQDN. */
  readonly parameters: FactMap;
  readonly folder: string;
  readonly recorder: EventRecorder;
}

/** @throws {Sgp33Error} `trigger-failed`, `management-parameter`. */
export async function startProcess(
  start: ProcessStart,
  input: boolean,
  { scope, parameters, folder, recorder }: StartContext,
): Promise<RunningProcess> {
  const run =
    typeof start.run === 'string' ? start.run : start.run.flatMap((t) => renderText(t, scope) ?? []);
  const cwd = start.cwd === undefined ? folder : resolve(folder, renderText(start.cwd, scope) ?? '.');
  const env = { ...environmentOf(parameters), ...Object.fromEntries(renderPairs(start.env, scope)) };
  const running = await RunningProcess.start({ run, cwd, env, input, graceMs: start.graceMs });
  recorder.record('note', `${running.pid}: ${typeof run === 'string' ? run : run.join(' ')}`);
  return running;
}

/** No more fits into one variable everywhere. */
const MOST_OF_A_VALUE = 65_536;

const environmentOf = (parameters: FactMap): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => {
      const upper = `SGP33_${name.replace(/([A-Z])/g, '_$1').toUpperCase()}`;
      const fits = typeof value === 'string' && value.length <= MOST_OF_A_VALUE && upper !== MARK;
      return fits ? [[upper, value]] : [];
    }),
  );
