import { whyUnavailable } from './available.js';
import { clientPool } from './client-pool.js';
import { DtlsError } from './errors.js';
import { prepareClient } from './prepare.js';
import type { DtlsClientOptions, DtlsConnection } from './types.js';

/** The child process has a deadline of its own; this one is for a child process that hangs. */
const GRACE_MS = 5000;

/**
 * Opens a DTLS session (RFC 6347) as a client, and judges the server's certificate as `trust` says.
 * @throws {DtlsError} `dtls-configuration`, `dtls-unavailable`, `dtls-handshake` (a refused port or an unknown host
 *   has its `systemCode`), `dtls-certificate`, `dtls-timeout`, `dtls-crashed`; `dtls-closed` when the signal fires.
 */
export async function connectDtls(o: DtlsClientOptions): Promise<DtlsConnection> {
  const options = prepareClient(o);
  const { signal, keyLog } = o;
  const reason = whyUnavailable();
  if (reason !== undefined)
    throw new DtlsError('dtls-unavailable', 'DTLS is not possible here', { actual: reason });
  if (signal?.aborted === true) throw aborted(signal);
  const pool = await clientPool();
  return new Promise((resolve, reject) => {
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const giveUp = pool.connect({
      options,
      keyLog,
      resolve: (connection) => {
        release();
        resolve(connection);
      },
      reject: (error) => {
        release();
        reject(signal?.aborted === true ? aborted(signal) : error);
      },
    });
    const onAbort = (): void => giveUp();
    const timer = setTimeout(() => {
      pool.kill(new DtlsError('dtls-crashed', 'The process that holds the DTLS sessions hangs'));
    }, options.handshakeTimeoutMs + GRACE_MS);
    signal?.addEventListener('abort', onAbort, { once: true });
    // It may have fired while the child process started.
    if (signal?.aborted === true) giveUp();
  });
}

function aborted(signal: AbortSignal): DtlsError {
  return new DtlsError('dtls-closed', 'The DTLS handshake was aborted', { cause: signal.reason });
}
