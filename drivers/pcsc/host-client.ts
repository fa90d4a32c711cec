/** The driver's end of the host process: every call has a deadline, and what passes it is killed. */
import type { ChildProcess } from 'node:child_process';
import { forkBeside } from '../../src/transport/fork-beside.js';
import { TransportError } from '../contract.js';
import type { BindingName } from './binding.js';
import type { HostCallName, HostCalls, HostReply, HostRequest } from './host-protocol.js';
import { transportErrorOf } from './scard-errors.js';

interface Pending {
  /** The reader or daemon that an error names. */
  readonly place: string | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: TransportError) => void;
}

export interface CallOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly place?: string | undefined;
}

/** A running host process. Once a call timed out, was aborted, or the process died, every later call fails. */
export class PcscHost {
  readonly binding: BindingName;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #over: TransportError | undefined;

  private constructor(child: ChildProcess, binding: BindingName) {
    this.#child = child;
    this.binding = binding;
    child.on('message', (reply: HostReply) => this.#settle(reply));
    child.once('exit', (code, signal) => this.#end(died(`ended with ${signal ?? `exit code ${code}`}`)));
  }

  /**
   * Starts a host process with the binding asked for, or the first that loads.
   * @throws {TransportError} `pcsc-unavailable` when none loads, `timeout`, `aborted`.
   */
  static async start(binding: BindingName | 'auto', options: CallOptions): Promise<PcscHost> {
    const child = forkHost(binding);
    const ready = await new Promise<BindingName>((resolve, reject) => {
      const fail = (error: TransportError): void => {
        kill(child);
        reject(error);
      };
      const release = guard(options, 'The PC/SC host process did not start', (error) => fail(error));
      child.once('error', (cause) => fail(died(cause.message)));
      child.once('exit', (code, signal) =>
        fail(died(`ended with ${signal ?? `exit code ${code}`} at its start`)),
      );
      child.once('message', (reply: HostReply) => {
        release();
        child.removeAllListeners('exit');
        if (reply.kind === 'ready') resolve(reply.binding);
        else fail(unusable(reply.kind === 'unusable' ? reply.reasons : [reply.kind]));
      });
      child.once('exit', release);
    });
    return new PcscHost(child, ready);
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
      const release = guard(options, `The card or reader did not answer (${name})`, (error) => {
        this.#end(error);
        kill(this.#child);
      });
      this.#pending.set(id, {
        place: options.place,
        resolve: (value) => {
          release();
          resolve(value as HostCalls[Name]['result']);
        },
        reject: (error) => {
          release();
          reject(error);
        },
      });
      const request = { id, call: name, parameters } as HostRequest;
      this.#child.send(request, (failure) => {
        if (failure !== null) this.#end(died(failure.message));
      });
    });
  }

  /** Ends the process at once; the PC/SC service then lets the card go. */
  kill(): void {
    this.#end(new TransportError('communication', 'The connection to the card was closed'));
    kill(this.#child);
  }

  #settle(reply: HostReply): void {
    if (!('id' in reply)) return;
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    if (reply.kind === 'result') pending.resolve(reply.value);
    else if (reply.kind === 'scard-error')
      pending.reject(transportErrorOf(reply.code, reply.call, pending.place));
    else
      pending.reject(
        new TransportError('communication', 'The PC/SC binding failed', { actual: reply.message }),
      );
  }

  #end(error: TransportError): void {
    this.#over ??= error;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
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

function forkHost(binding: BindingName | 'auto'): ChildProcess {
  const child = forkBeside(import.meta.url, 'host', [binding], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // An idle connection must not keep the process alive; a call does, by its timer.
  child.unref();
  child.channel?.unref();
  return child;
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
