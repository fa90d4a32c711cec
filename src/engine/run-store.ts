/**
 * The run store, `runs/<id>/`: the one truth about a run.
 *
 *     run.json                        who, what, when, counts (rewritten when the run ends)
 *     sequences.jsonl                 one SequenceResult a line, appended as each ends
 *     sequences/<folder>/timeline.jsonl   every byte of the sequence, in order
 *
 * A sequence is appended only when it is complete, so a killed run keeps all that it finished.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Sgp33Error } from '../protocol/errors.js';
import type { RunInfo, SequenceResult, TimelineEvent } from './result.js';

/** A folder name that no URL, shell or file system trips over: `#` `'` `+` and the like become `~` and their UTF-8 bytes. */
export const folderName = (id: string): string =>
  id.replace(/[^A-Za-z0-9._-]|^\.+/gu, (text) =>
    [...Buffer.from(text)].map((byte) => `~${byte.toString(16).padStart(2, '0')}`).join(''),
  );

export class RunStore {
  private constructor(readonly folder: string) {}

  /** Makes the folder and `run.json`. @throws {Sgp33Error} `run-store` when it can not be written. */
  static create(folder: string, info: RunInfo): RunStore {
    const store = new RunStore(folder);
    guard(folder, () => {
      mkdirSync(join(folder, 'sequences'), { recursive: true });
      store.writeInfo(info);
    });
    return store;
  }

  /** @throws {Sgp33Error} `run-store` when there is none. */
  static open(folder: string): RunStore {
    if (!existsSync(join(folder, 'run.json')))
      throw new Sgp33Error('run-store', 'no run store here', {
        place: folder,
        expected: 'run.json',
        repair: 'Name a folder below runs/.',
      });
    return new RunStore(folder);
  }

  /** Written beside and renamed: a full disk never leaves half a file. */
  writeInfo(info: RunInfo): void {
    const file = join(this.folder, 'run.json');
    guard(file, () => {
      writeFileSync(`${file}.new`, `${JSON.stringify(info, null, 2)}\n`);
      renameSync(`${file}.new`, file);
    });
  }

  append(result: SequenceResult, timeline: readonly TimelineEvent[]): void {
    guard(this.folder, () => {
      const folder = join(this.folder, 'sequences', folderName(result.id));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'timeline.jsonl'), timeline.map((e) => `${JSON.stringify(e)}\n`).join(''));
      appendLine(join(this.folder, 'sequences.jsonl'), `${JSON.stringify(result)}\n`);
    });
  }

  /** Forces what was appended to the disk. */
  sync(): void {
    const path = join(this.folder, 'sequences.jsonl');
    if (!existsSync(path)) return;
    const file = openSync(path, 'r+');
    fsyncSync(file);
    closeSync(file);
  }

  log(line: string): void {
    guard(this.folder, () => appendFileSync(join(this.folder, 'run.log'), `${line}\n`));
  }

  info(): RunInfo {
    return parse(
      readFileSync(join(this.folder, 'run.json'), 'utf8'),
      join(this.folder, 'run.json'),
    ) as RunInfo;
  }

  /** Complete results; a half-written last line (a killed run) is left out. */
  results(): SequenceResult[] {
    const file = join(this.folder, 'sequences.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    const whole = lines.slice(0, -1).filter((l) => l !== '');
    return whole.map((line, i) => parse(line, `${file}:${i + 1}`) as SequenceResult);
  }

  timeline(id: string): TimelineEvent[] {
    const file = this.timelineFile(id);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((l) => l !== '')
      .map((line, i) => parse(line, `${file}:${i + 1}`) as TimelineEvent);
  }

  timelineFile(id: string): string {
    return join(this.folder, 'sequences', folderName(id), 'timeline.jsonl');
  }
}

/** Behind the last whole line: half a line, left by a full disk or a killed run, would spoil this one too. */
function appendLine(path: string, line: string): void {
  const file = openSync(path, 'a+');
  try {
    const end = endOfLastLine(file);
    ftruncateSync(file, end);
    try {
      writeFileSync(file, line);
    } catch (error) {
      ftruncateSync(file, end);
      throw error;
    }
  } finally {
    closeSync(file);
  }
}

function endOfLastLine(file: number): number {
  const chunk = Buffer.alloc(65_536);
  for (let end = fstatSync(file).size; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    const read = readSync(file, chunk, 0, end - start, start);
    const newline = chunk.subarray(0, read).lastIndexOf(0x0a);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Sgp33Error('run-store', 'not JSON', {
      place,
      cause,
      repair: 'The file was changed or cut off; remove the line.',
    });
  }
}

function guard(place: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (cause instanceof Sgp33Error) throw cause;
    throw new Sgp33Error('run-store', 'the run store can not be written', {
      place,
      cause,
      actual: cause instanceof Error ? cause.message : String(cause),
      repair: 'Check the free space and the rights of the folder.',
    });
  }
}
