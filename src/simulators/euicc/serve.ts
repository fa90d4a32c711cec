/** S_eUICC as a program of its own: a card in the virtual PC/SC reader, with a control socket beside it. */
import { Sgp33Error } from '../../protocol/errors.js';
import { attachToVpcd } from '../vpcd-client.js';
import { serveControl } from './control.js';
import { createEuicc, type EuiccOptions } from './create-euicc.js';

export interface ServeEuiccOptions extends EuiccOptions {
  /** `host:port` of the virtual reader; its driver's default is 127.0.0.1:35963. */
  readonly vpcd?: string;
  /** See {@link serveControl}. */
  readonly control?: string;
  /** Pulls the card and ends. */
  readonly signal?: AbortSignal;
}

export interface ServedEuicc {
  readonly eid: string;
  /** Where the reader is. */
  readonly vpcd: string;
  /** Where the control socket listens, when there is one. */
  readonly control: string | undefined;
  /** Settles when the card is out and the control socket is closed. Never rejects. */
  readonly closed: Promise<void>;
}

/**
 * Puts a card into the virtual reader; returns when it is in.
 * @throws {Sgp33Error} those of {@link createEuicc}, `vpcd-address`, `vpcd-unreachable`, `control-socket`.
 */
export async function serveEuicc(options: ServeEuiccOptions): Promise<ServedEuicc> {
  const { vpcd = '127.0.0.1:35963', control, signal, ...card } = options;
  const { host, port } = parseVpcd(vpcd);
  const euicc = createEuicc(card);
  const server = control === undefined ? undefined : await serveControl(euicc, control);
  try {
    const attached = await attachToVpcd(euicc, { host, port, ...(signal === undefined ? {} : { signal }) });
    const closed = attached.closed.then(() => server?.close());
    return { eid: euicc.eid, vpcd: `${host}:${port}`, control: server?.address, closed };
  } catch (error) {
    await server?.close();
    throw error;
  }
}

function parseVpcd(vpcd: string): { host: string; port: number } {
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(vpcd);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 65535)
    throw new Sgp33Error('vpcd-address', 'not the address of a virtual reader', {
      expected: 'HOST:PORT, such as 127.0.0.1:35963',
      actual: vpcd,
    });
  return { host: match[1] ?? '127.0.0.1', port };
}
