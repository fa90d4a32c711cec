/** The parent's end of the child process that holds OpenSSL and the sockets. */
import type { ChildProcess } from 'node:child_process';
import { forkBeside } from '../fork-beside.js';
import { DtlsError } from './errors.js';
import type { HostError, HostEvent, HostEvents, HostRequest } from './host-protocol.js';

const START_DEADLINE_MS = 20_000;

/** The requests that are answered, without their number. */
type Question = HostRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;
type DoneValue = Extract<HostEvent, { kind: 'done' }>['value'];
export type SessionEvent = Extract<
  HostEvent,
  { kind: 'opened' | 'message' | 'closed' | 'keylog' | 'refused' }
>;

interface Pending {
  readonly resolve: (value: DoneValue) => void;
  readonly reject: (error: DtlsError) => void;
}

/** A running child process. Once it is gone, every call fails with `dtls-crashed`, or `dtls-closed` after `kill`. */
export class DtlsHost {
  readonly #child: ChildProcess;
  #onEvent: (event: SessionEvent) => void;
  #onEnd: (error: DtlsError) => void;
  readonly #pending = new Map<number, Pending>();
  #requests: HostRequest[] = [];
  #nextId = 1;
  #over: DtlsError | undefined;
  #fatal: string | undefined;

  private constructor(
    child: ChildProcess,
    onEvent: (event: SessionEvent) => void,
    onEnd: (error: DtlsError) => void,
  ) {
    this.#child = child;
    this.#onEvent = onEvent;
    this.#onEnd = onEnd;
    child.on('message', (events: HostEvents) => {
      for (const event of events) this.#take(event);
    });
    child.once('error', (error) => this.#end(crashed(error.message)));
    child.once('exit', (code, signal) =>
      this.#end(crashed(this.#fatal ?? `it ended with ${signal ?? `exit code ${code}`}`)),
    );
  }

  /**
   * @param onEvent what sessions do; in order.
   * @param onEnd once, when the process is gone or was killed.
   * @throws {DtlsError} `dtls-unavailable`, `dtls-crashed`.
   */
  static async start(
    onEvent: (event: SessionEvent) => void,
    onEnd: (error: DtlsError) => void,
  ): Promise<DtlsHost> {
    const child = forkHost();
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: DtlsError): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (error === undefined) return resolve();
        // Its last word may be an error event.
        child.on('error', () => {});
        child.kill('SIGKILL');
        reject(error);
      };
      const timer = setTimeout(() => settle(crashed('it did not start')), START_DEADLINE_MS);
      child.once('error', (error) => settle(crashed(error.message)));
      child.once('exit', (code, signal) =>
        settle(crashed(`it ended with ${signal ?? `exit code ${code}`} at its start`)),
      );
      child.once('message', ([first]: HostEvents) =>
        settle(first?.kind === 'ready' ? undefined : unusable(first)),
      );
    });
    return new DtlsHost(child, onEvent, onEnd);
  }

  /**
   * Passes it on to another who serves or connects with it; nothing of before may be open any more.
   * @returns false when it is gone.
   */
  handOver(onEvent: (event: SessionEvent) => void, onEnd: (error: DtlsError) => void): boolean {
    if (this.#over !== undefined) return false;
    this.#onEvent = onEvent;
    this.#onEnd = onEnd;
    return true;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks for something and waits for it. @throws {DtlsError} */
  ask(question: Question): Promise<DoneValue> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) return void reject(this.#over);
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      this.tell({ ...question, id });
    });
  }

  /** What is told in one turn of the loop goes over together. */
  tell(request: HostRequest): void {
    if (this.#over !== undefined) return;
    this.#requests.push(request);
    if (this.#requests.length === 1) queueMicrotask(() => this.#flush());
  }

  /** Whether this process stays alive because of it. */
  keepAlive(wanted: boolean): void {
    const channel = this.#child.channel;
    if (wanted) {
      this.#child.ref();
      channel?.ref();
    } else {
      this.#child.unref();
      channel?.unref();
    }
  }

  kill(error: DtlsError): void {
    this.#end(error);
    this.#child.kill('SIGKILL');
  }

  #flush(): void {
    const requests = this.#requests;
    this.#requests = [];
    if (this.#over !== undefined) return;
    this.#child.send(requests, (failure) => {
      if (failure !== null) this.#end(crashed(failure.message));
    });
  }

  #take(event: HostEvent): void {
    switch (event.kind) {
      case 'done':
      case 'failed': {
        const pending = this.#pending.get(event.id);
        this.#pending.delete(event.id);
        if (event.kind === 'done') pending?.resolve(event.value);
        else pending?.reject(dtlsErrorOf(event.error));
        return;
      }
      case 'fatal':
        this.#fatal = event.message;
        return;
      case 'ready':
      case 'unusable':
        return;
      default:
        this.#onEvent(event);
    }
  }

  #end(error: DtlsError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
    this.#onEnd(error);
  }
}

/** An error of the child process, as callers see it. */
export function dtlsErrorOf(error: HostError): DtlsError {
  const { what, ...rest } = error;
  // exactOptionalPropertyTypes: what is undefined is left out.
  const detail = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return new DtlsError(error.code, what, detail);
}

const forkHost = (): ChildProcess =>
  forkBeside(import.meta.url, 'host', [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });

function crashed(how: string): DtlsError {
  return new DtlsError('dtls-crashed', 'The process that holds the DTLS sessions is gone', { actual: how });
}

function unusable(first: HostEvent | undefined): DtlsError {
  return new DtlsError('dtls-unavailable', 'DTLS needs koffi and an OpenSSL 3', {
    actual: first?.kind === 'unusable' ? first.reason : 'an unknown first message',
    repair: 'Use the Node of nodejs.org, or install the OpenSSL library (Debian: libssl3).',
  });
}
