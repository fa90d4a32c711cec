/** One process that was started for a trigger, with everything that comes of it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { endProcesses, killProcesses, type Ended } from './end-processes.js';
import { OutputTail } from './output-tail.js';
import { MARK, membersOf, nameOf, type Origin } from './process-table.js';

export interface StartOptions {
  /** Program and arguments, or a line for the shell. */
  readonly run: readonly string[] | string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether its standard input can be written to; otherwise it is empty. */
  readonly input: boolean;
  readonly graceMs: number;
}

export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The tool ended it: it did not end by itself just before. */
  readonly stopped: boolean;
}

/** What a process that ended has written may still be under way. */
const DRAIN_MS = 250;
/** More than that a device may leave unread of its standard input. */
const MOST_INPUT = 64 * 1024;
/** Enough to find a text that two parts share. */
const OVERLAP = 1024;

const alive = new Set<RunningProcess>();
process.on('exit', () => {
  for (const running of alive) killProcesses(running.origin);
});

export class RunningProcess {
  readonly output = new OutputTail();
  readonly startedAt = performance.now();
  /** Of the process itself, not of its children. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  #end: ProcessEnd | undefined;
  #stopping: Promise<Ended> | undefined;
  #toldToEnd = false;
  #watchers = new Set<(text: string) => void>();
  readonly #mark: string;

  /** @throws {Sgp33Error} `trigger-failed` when it can not run. */
  static async start(options: StartOptions): Promise<RunningProcess> {
    const { run, cwd, env, input } = options;
    const [program = '', ...args] = typeof run === 'string' ? [run] : run;
    const mark = randomUUID();
    try {
      const child = spawn(program, args, {
        shell: typeof run === 'string',
        cwd,
        env: { ...process.env, ...env, [MARK]: mark },
        // A session and a group of its own, so that all of it can be found.
        detached: true,
        stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      });
      const running = new RunningProcess(child, mark, options);
      await once(child, 'spawn');
      return running;
    } catch (cause) {
      throw new Sgp33Error('trigger-failed', 'the program can not run', {
        place: program,
        actual: cause instanceof Error ? cause.message : String(cause),
        repair: `Is there such a program, and the folder ${cwd}?`,
        cause,
      });
    }
  }

  private constructor(
    private readonly child: ChildProcess,
    mark: string,
    private readonly options: StartOptions,
  ) {
    this.#mark = mark;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part: Buffer) => {
        this.output.add(part);
        if (this.#watchers.size === 0) return;
        const text = part.toString('utf8');
        for (const watcher of [...this.#watchers]) watcher(text);
      });
    child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.once('error', () => {
        alive.delete(this);
        resolve({ exitCode: null, signal: null, stopped: false });
      });
      child.once('exit', (exitCode, signal) => {
        this.#end = { exitCode, signal, stopped: this.#toldToEnd };
        const end = this.#end;
        const closed = once(child, 'close');
        // Children may hold the pipes for ever.
        void Promise.race([closed, pause(DRAIN_MS, undefined, { ref: false })]).then(() => resolve(end));
      });
    });
    alive.add(this);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** How it ended, as soon as it did; what it wrote last may still come. */
  get end(): ProcessEnd | undefined {
    return this.#end;
  }

  get isAlive(): boolean {
    return this.#end === undefined && this.child.pid !== undefined;
  }

  get origin(): Origin {
    const { pid: leader, startedAt } = this;
    return { leader, mark: this.#mark, leaderEnded: this.#end !== undefined, startedAt };
  }

  /** What is left of it, itself included. */
  get members(): readonly string[] {
    return membersOf(this.origin).map((pid) => `${pid} ${nameOf(pid)}`.trim());
  }

  /**
   * Texts that it writes from now on, each behind a little of the one before, so that nothing is missed that two of them
   * share.
   * @returns the end of it.
   */
  watch(watcher: (text: string) => void): () => void {
    let last = '';
    const told = (text: string): void => {
      const both = last + text;
      last = both.slice(-OVERLAP);
      watcher(both);
    };
    this.#watchers.add(told);
    return () => void this.#watchers.delete(told);
  }

  /** To the process itself, not to its children. @returns false when it is gone. */
  signal(signal: NodeJS.Signals): boolean {
    return this.isAlive && this.child.kill(signal);
  }

  /** @returns false when it is gone, or does not read. */
  write(text: string): boolean {
    const { stdin } = this.child;
    if (!this.isAlive || stdin === null || stdin.destroyed || stdin.writableLength > MOST_INPUT) return false;
    stdin.write(text);
    return true;
  }

  /** Ends it and all that came of it; resolves when they are gone. Once or many times. */
  stop(): Promise<Ended> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<Ended> {
    const itself = (pid: number): boolean => Math.abs(pid) === this.pid;
    const ended = await endProcesses(
      () => this.origin,
      this.options.graceMs,
      (pid) => (this.#toldToEnd ||= itself(pid)),
    );
    // It is dead, but Node may not know yet, nor have read all that it wrote.
    if (!ended.left.some(itself)) await this.ended;
    this.release();
    return ended;
  }

  /** Nothing is left of it: its pipes are not read any more. */
  release(): void {
    alive.delete(this);
    this.child.stdin?.destroy();
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
    // One that can not be ended shall not hold the tool.
    this.child.unref();
  }
}
