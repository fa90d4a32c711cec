/** The driver's end of the host process: every call has a deadline, and what passes it is killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TransportError } from '../contract.js';
import type { BindingName } from './binding.js';
import {
  apduFrame,
  FrameKind,
  FrameReader,
  messageFrame,
  messageOf,
  PIPE_FD,
  START_ID,
  type Frame,
  type HostCallName,
  type HostCalls,
  type HostReply,
  type HostRequest,
} from './host-protocol.js';
import { transportErrorOf } from './scard-errors.js';

interface Pending {
  /** The reader or daemon that an error names. */
  readonly place: string | undefined;
  /** Disarms the deadline and the signal. */
  readonly release: () => void;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: TransportError) => void;
}

export interface CallOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly place?: string | undefined;
}

/** Far more than the longest answer, and than any list of readers. */
const MAX_REPLY = 1 << 20;

/** A running host process. Once a call timed out, was aborted, or the process died, every later call fails. */
export class PcscHost {
  readonly #child: ChildProcess;
  readonly #pipe: Socket;
  readonly #pending = new Map<number, Pending>();
  #binding: BindingName = 'ffi';
  #started = false;
  #nextId = START_ID + 1;
  #over: TransportError | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#pipe = child.stdio[PIPE_FD] as Socket;
    // An idle connection must not keep the process alive; a call does, by its timer.
    child.unref();
    this.#pipe.unref();
    child.once('error', (cause) => this.#end(died(cause.message)));
    child.once('exit', (code, signal) => {
      const how = `ended with ${signal ?? `exit code ${code}`}`;
      this.#end(died(this.#started ? how : `${how} at its start`));
    });
    const frames = new FrameReader(MAX_REPLY, (frame) => this.#settle(frame));
    this.#pipe.on('data', (chunk: Buffer) => {
      if (this.#over !== undefined) return;
      try {
        frames.push(chunk);
      } catch (cause) {
        this.#giveUp(
          died(`sent what is no reply: ${cause instanceof Error ? cause.message : String(cause)}`),
        );
      }
    });
    // How the process ended says more than that its pipe broke.
    this.#pipe.on('error', () => kill(child));
  }

  /**
   * Starts a host process with the binding asked for, or the first that loads.
   * @throws {TransportError} `pcsc-unavailable` when none loads, `timeout`, `aborted`.
   */
  static async start(binding: BindingName | 'auto', options: CallOptions): Promise<PcscHost> {
    const host = new PcscHost(spawnHost(binding));
    await new Promise((resolve, reject) => {
      host.#expect(START_ID, options, 'The PC/SC host process did not start', resolve, reject);
    });
    return host;
  }

  /** The binding that was loaded. */
  get binding(): BindingName {
    return this.#binding;
  }

  /** Runs one call in the host. @throws {TransportError} */
  call<Name extends HostCallName>(
    name: Name,
    parameters: HostCalls[Name]['parameters'],
    options: CallOptions,
  ): Promise<HostCalls[Name]['result']> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) return void reject(this.#over);
      const id = this.#nextId++;
      const done = (value: unknown): void => resolve(value as HostCalls[Name]['result']);
      this.#expect(id, options, `The card or reader did not answer (${name})`, done, reject);
      const [command] = parameters;
      this.#pipe.write(
        command instanceof Uint8Array
          ? apduFrame(id, command)
          : messageFrame(id, { call: name, parameters } as HostRequest),
      );
    });
  }

  /** Ends the process at once; the PC/SC service then lets the card go. */
  kill(): void {
    this.#giveUp(new TransportError('communication', 'The connection to the card was closed'));
  }

  #expect(
    id: number,
    options: CallOptions,
    what: string,
    resolve: (value: unknown) => void,
    reject: (error: TransportError) => void,
  ): void {
    const release = guard(options, what, (error) => this.#giveUp(error));
    this.#pending.set(id, { place: options.place, release, resolve, reject });
  }

  /** @throws when the reply can not be read. */
  #settle({ id, kind, body }: Frame): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const reply = kind === FrameKind.APDU ? undefined : (messageOf(body) as HostReply);
    if (reply?.kind === 'unusable') return this.#giveUp(unusable(reply.reasons));
    this.#pending.delete(id);
    pending.release();
    // The answer outlives the bytes that were read along with it.
    if (reply === undefined) pending.resolve(new Uint8Array(body));
    else if (reply.kind === 'result') pending.resolve(reply.value);
    else if (reply.kind === 'ready') {
      this.#started = true;
      this.#binding = reply.binding;
      pending.resolve(undefined);
    } else if (reply.kind === 'scard-error')
      pending.reject(transportErrorOf(reply.code, reply.call, pending.place));
    else
      pending.reject(
        new TransportError('communication', 'The PC/SC binding failed', { actual: reply.message }),
      );
  }

  #giveUp(error: TransportError): void {
    this.#end(error);
    kill(this.#child);
  }

  #end(error: TransportError): void {
    this.#over ??= error;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { release, reject } of pending) {
      release();
      reject(error);
    }
  }
}

/** Calls `fail` at the deadline or when the signal fires; returns the function that disarms both. */
function guard(options: CallOptions, what: string, fail: (error: TransportError) => void): () => void {
  const { deadlineMs, signal, place } = options;
  const where = place === undefined ? {} : { place };
  const timer = setTimeout(() => {
    release();
    fail(new TransportError('timeout', what, { ...where, expected: `an answer within ${deadlineMs} ms` }));
  }, deadlineMs);
  const onAbort = (): void => {
    release();
    fail(new TransportError('aborted', 'The exchange was aborted', where));
  };
  const release = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  // The caller must have its promise before it fails.
  if (signal?.aborted === true) queueMicrotask(onAbort);
  return release;
}

function spawnHost(binding: BindingName | 'auto'): ChildProcess {
  // From source (tests, tsx) the host is TypeScript too, and Node 20 needs a loader for it.
  const fromSource = import.meta.url.endsWith('.ts');
  const module = fileURLToPath(new URL(fromSource ? './host.ts' : './host.js', import.meta.url));
  const loader = fromSource
    ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
    : [];
  // A pipe of our own costs half as much as the messages between Node's processes.
  return spawn(process.execPath, [...loader, module, binding, String(process.pid)], {
    stdio: ['ignore', 'ignore', 'ignore', 'overlapped'],
  });
}

function kill(child: ChildProcess): void {
  child.kill('SIGKILL');
}

function died(how: string): TransportError {
  return new TransportError('communication', `The PC/SC host process ${how}`, {
    repair: 'Try the other binding (`pcsclite` or `ffi`).',
  });
}

function unusable(reasons: readonly string[]): TransportError {
  return new TransportError('pcsc-unavailable', 'No PC/SC binding can be loaded', {
    actual: reasons.join('; '),
    repair: 'Install the PC/SC library (Debian: libpcsclite1), or build the package pcsclite.',
  });
}
