import type { HostError } from './host-protocol.js';

/** An error inside the child process, on its way to the parent, where it becomes a `DtlsError`. */
export class HostFailure extends Error {
  readonly error: HostError;

  constructor(error: HostError) {
    super(error.what);
    this.error = error;
  }
}

/** What a failed call of the operating system becomes. */
export function systemError(code: HostError['code'], what: string, cause: unknown): HostError {
  const systemCode = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code, what, actual: message, systemCode };
}

/** The error that goes to the parent for anything thrown. */
export function hostErrorOf(thrown: unknown): HostError {
  if (thrown instanceof HostFailure) return thrown.error;
  return systemError('dtls-configuration', 'The DTLS endpoint cannot be set up', thrown);
}
