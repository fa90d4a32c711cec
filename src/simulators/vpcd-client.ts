/** Attaches a virtual card to the virtual PC/SC reader (vpcd), which then shows it as a card in a slot. */
import { connect, type Socket } from 'node:net';
import { Sgp33Error } from '../protocol/errors.js';
import type { SilentCard } from './virtual-card.js';
import { serveVpcd, type ServedConnection } from './vpcd-serve.js';

export interface VpcdOptions {
  readonly host?: string;
  /** TCP port of the slot; the driver's default is 35963, its second slot is one above. */
  readonly port?: number;
  /** Pulls the card when it fires. */
  readonly signal?: AbortSignal;
  /** How long the connection may take, default 5000 ms. */
  readonly connectTimeoutMs?: number;
}

/** `closed` settles when the card is out: detached, aborted, or the reader went away. */
export type VpcdAttachment = ServedConnection;

/**
 * Puts the card into the slot. The reader polls for it about every 0.4 s: allow a second before connecting.
 * @throws {Sgp33Error} `vpcd-unreachable` when nothing listens there or the signal has fired.
 */
export async function attachToVpcd(card: SilentCard, options: VpcdOptions = {}): Promise<VpcdAttachment> {
  const { host = '127.0.0.1', port = 35963, signal, connectTimeoutMs = 5000 } = options;
  const socket = connect({ host, port, noDelay: true });
  await connected(socket, `${host}:${port}`, connectTimeoutMs, signal);

  const served = serveVpcd(card, socket);
  signal?.addEventListener('abort', served.detach, { once: true });
  void served.closed.then(() => signal?.removeEventListener('abort', served.detach));
  return served;
}

async function connected(
  socket: Socket,
  place: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const giveUp = (reason: Error): void => void socket.destroy(reason);
  const timer = setTimeout(() => giveUp(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
  const onAbort = (): void => giveUp(new Error('aborted'));
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
  } catch (cause) {
    throw new Sgp33Error('vpcd-unreachable', 'The card can not be put into the virtual reader', {
      place,
      actual: cause instanceof Error ? cause.message : String(cause),
      repair: 'Start pcscd with the vsmartcard-vpcd driver, and use the port of its DEVICENAME.',
      cause,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
