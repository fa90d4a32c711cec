/** Attaches a {@link VirtualCard} to the virtual PC/SC reader (vpcd), which then shows it as a card in a slot. */
import { connect, type Socket } from 'node:net';
import { Sgp33Error } from '../protocol/errors.js';
import { quickAckFor } from './tcp-quick-ack.js';
import type { VirtualCard } from './virtual-card.js';
import { encodeFrame, FrameReader, MAX_FRAME, VpcdControl } from './vpcd-frames.js';

export interface VpcdOptions {
  readonly host?: string;
  /** TCP port of the slot; the driver's default is 35963, its second slot is one above. */
  readonly port?: number;
  /** Pulls the card when it fires. */
  readonly signal?: AbortSignal;
  /** How long the connection may take, default 5000 ms. */
  readonly connectTimeoutMs?: number;
}

export interface VpcdAttachment {
  /** Settles when the card is out: detached, aborted, or the reader went away. Never rejects. */
  readonly closed: Promise<void>;
  /** Pulls the card. */
  readonly detach: () => void;
}

/**
 * Puts the card into the slot. The reader polls for it about every 0.4 s: allow a second before connecting.
 * @throws {Sgp33Error} `vpcd-unreachable` when nothing listens there or the signal has fired.
 */
export async function attachToVpcd(card: VirtualCard, options: VpcdOptions = {}): Promise<VpcdAttachment> {
  const { host = '127.0.0.1', port = 35963, signal, connectTimeoutMs = 5000 } = options;
  const socket = connect({ host, port, noDelay: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const detach = (): void => void socket.destroy();
  await connected(socket, `${host}:${port}`, connectTimeoutMs, signal);

  socket.on('error', detach);
  signal?.addEventListener('abort', detach, { once: true });
  void closed.then(() => signal?.removeEventListener('abort', detach));
  serve(card, socket);
  return { closed, detach };
}

function serve(card: VirtualCard, socket: Socket): void {
  const frames = new FrameReader();
  const acknowledge = quickAckFor(socket);
  acknowledge();
  socket.on('data', (chunk) => {
    acknowledge();
    for (const payload of frames.push(chunk)) {
      const answer = payload.length === 1 ? answerControl(card, payload[0]) : answerCommand(card, payload);
      if (answer !== undefined) socket.write(encodeFrame(answer));
    }
    // A write puts the kernel back to delayed acknowledgements.
    acknowledge();
  });
}

/** The answer to a control frame; undefined for those that get none. */
function answerControl(card: VirtualCard, control: number | undefined): Uint8Array | undefined {
  switch (control) {
    case VpcdControl.powerOff:
      return void card.powerOff();
    case VpcdControl.powerOn:
      return void card.powerOn();
    case VpcdControl.reset:
      return void card.reset();
    case VpcdControl.atr:
      return card.atr();
    default:
      // A 1-byte C-APDU can not be told from a control frame; without an answer the client would block for ever.
      return Uint8Array.of(0x67, 0x00);
  }
}

/** A fault of the card, or an answer that no frame can hold, becomes 6F00: the reader must never wait for ever. */
function answerCommand(card: VirtualCard, command: Uint8Array): Uint8Array {
  if (command.length < 4) return Uint8Array.of(0x67, 0x00);
  try {
    const answer = card.transmit(command);
    return answer.length > MAX_FRAME ? Uint8Array.of(0x6f, 0x00) : answer;
  } catch {
    return Uint8Array.of(0x6f, 0x00);
  }
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
