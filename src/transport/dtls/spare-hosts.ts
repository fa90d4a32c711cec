/**
 * Child processes whose server stopped: the next server takes one of them, since starting a process takes longer than
 * most of what a server in it does in a test run.
 */
import { DtlsError } from './errors.js';
import { DtlsHost, type SessionEvent } from './host-process.js';

/** More are not needed by what runs at the same time. */
const MOST = 8;
const IDLE_MS = 2000;

interface Spare {
  readonly host: DtlsHost;
  readonly idle: NodeJS.Timeout;
}

const spares: Spare[] = [];

/**
 * Does work in a process that is left over, or in a new one. A left one may die before anybody hears of it: then another
 * takes its place.
 * @throws {DtlsError} `dtls-unavailable`, `dtls-crashed`, and those of the work.
 */
export async function withHost<T>(
  work: (host: DtlsHost) => Promise<T>,
  onEvent: (event: SessionEvent) => void,
  onEnd: (error: DtlsError) => void,
): Promise<[host: DtlsHost, result: T]> {
  for (let spare = spares.pop(); spare !== undefined; spare = spares.pop()) {
    const { host, idle } = spare;
    clearTimeout(idle);
    let settled = false;
    if (!host.handOver(onEvent, (error) => (settled ? onEnd(error) : undefined))) continue;
    host.keepAlive(true);
    try {
      const result = await work(host);
      settled = true;
      return [host, result];
    } catch (error) {
      if (!(error instanceof DtlsError) || error.code !== 'dtls-crashed') {
        host.kill(unneeded());
        throw error;
      }
    }
  }
  const host = await DtlsHost.start(onEvent, onEnd);
  try {
    return [host, await work(host)];
  } catch (error) {
    host.kill(unneeded());
    throw error;
  }
}

/** @param host whose server has stopped and closed its socket. */
export function keepForNext(host: DtlsHost): void {
  const forget = (): void => {
    const at = spares.findIndex((spare) => spare.host === host);
    if (at >= 0) clearTimeout(spares.splice(at, 1)[0]?.idle);
  };
  if (spares.length >= MOST || !host.handOver(() => undefined, forget)) {
    host.kill(unneeded());
    return;
  }
  host.keepAlive(false);
  const idle = setTimeout(() => host.kill(unneeded()), IDLE_MS);
  idle.unref();
  spares.push({ host, idle });
}

const unneeded = (): DtlsError => new DtlsError('dtls-closed', 'The DTLS process was not needed any more');
