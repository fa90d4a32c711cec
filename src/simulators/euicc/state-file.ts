/** The state file: the whole state as JSON, replaced in one step so that a kill at any time leaves a whole one. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Sgp33Error } from '../../protocol/errors.js';
import type { EuiccState } from './state.js';

/** @throws {Sgp33Error} `state-file` when it can not be written. */
export function saveState(file: string, json: string): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, json);
    renameSync(draft, file);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw wrong(file, 'the state of the eUICC can not be stored', cause);
  }
}

/**
 * The stored state, or undefined when there is no file yet.
 * @throws {Sgp33Error} `state-file` when the file holds something else, or another eUICC.
 */
export function loadState(file: string, eid: string): EuiccState | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw wrong(file, 'the state file can not be read', cause);
  }
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw wrong(file, 'the state file is not JSON', cause);
  }
  if (!isState(state)) throw wrong(file, 'not a state file of this version');
  if (state.eid !== eid)
    throw new Sgp33Error('state-file', 'the state file belongs to another eUICC', {
      place: file,
      expected: eid,
      actual: state.eid,
      repair: 'Name another state file, or remove this one to start from the personalisation.',
    });
  return state;
}

function isState(value: unknown): value is EuiccState {
  if (typeof value !== 'object' || value === null) return false;
  const s = value as Partial<Record<keyof EuiccState, unknown>>;
  return (
    s.format === 1 &&
    typeof s.eid === 'string' &&
    typeof s.seqNumber === 'number' &&
    typeof s.limits === 'object' &&
    typeof s.capabilities === 'object' &&
    [s.profiles, s.eims, s.notifications, s.results, s.rat].every(Array.isArray)
  );
}

const wrong = (file: string, what: string, cause?: unknown): Sgp33Error =>
  new Sgp33Error('state-file', what, {
    place: file,
    repair: 'Remove the file to start from the personalisation.',
    ...(cause === undefined ? {} : { cause }),
  });
