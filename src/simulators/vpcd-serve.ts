/** The card's side of a connection of the virtual PC/SC reader, whoever opened it. */
import type { Socket } from 'node:net';
import { quickAckFor } from './tcp-quick-ack.js';
import type { SilentCard } from './virtual-card.js';
import { encodeFrame, FrameReader, MAX_FRAME, VpcdControl } from './vpcd-frames.js';

export interface ServedConnection {
  /** The reader has sent something. Settles also when the connection ends. */
  readonly seen: Promise<void>;
  /** The reader has switched the card on, as it does with one that is new to it. Settles also when the connection ends. */
  readonly powered: Promise<void>;
  /** Settles when the connection is closed. Never rejects. */
  readonly closed: Promise<void>;
  /** Closes the connection now, in the middle of whatever goes on. */
  readonly detach: () => void;
  /**
   * Closes the connection when the reader looks whether the card is there, so that the reader sees it gone; at once when
   * the reader waits for an answer or does not look before the deadline.
   * @returns whether the reader has seen it.
   */
  readonly pull: (deadlineMs: number) => Promise<boolean>;
}

/** Answers until the connection is closed. */
export function serveVpcd(card: SilentCard, socket: Socket): ServedConnection {
  const frames = new FrameReader();
  const acknowledge = quickAckFor(socket);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const detach = (): void => void socket.destroy();
  // A command that got no answer: the reader waits, and looks at nothing else.
  let silent = false;
  let pulling: ((seen: boolean) => void) | undefined;
  let previous: number | undefined;
  let tellSeen = (): void => {};
  const seen = new Promise<void>((resolve) => (tellSeen = resolve));
  let tellPowered = (): void => {};
  const powered = new Promise<void>((resolve) => (tellPowered = resolve));
  void closed.then(tellSeen).then(() => tellPowered());

  const take = (payload: Uint8Array): void => {
    const control = payload.length === 1 ? payload[0] : undefined;
    const afterPower = previous === VpcdControl.powerOn || previous === VpcdControl.reset;
    previous = control;
    if (control === VpcdControl.powerOn || control === VpcdControl.reset) tellPowered();
    // After a power-up the ATR is wanted for its own sake: without it that would fail, and no card be missed.
    if (pulling !== undefined && control === VpcdControl.atr && !afterPower) {
      pulling(true);
      return;
    }
    const answer = control === undefined ? answerCommand(card, payload) : answerControl(card, control);
    if (answer !== undefined && !socket.destroyed) socket.write(encodeFrame(answer));
    silent = control === undefined && answer === undefined;
  };
  socket.on('error', detach);
  socket.on('data', (chunk) => {
    acknowledge();
    tellSeen();
    for (const payload of frames.push(chunk)) if (!socket.destroyed) take(payload);
    // A write puts the kernel back to delayed acknowledgements.
    acknowledge();
  });
  acknowledge();

  return {
    seen,
    powered,
    closed,
    detach,
    async pull(deadlineMs) {
      if (socket.destroyed) return false;
      const noticed = silent
        ? false
        : await new Promise<boolean>((resolve) => {
            const timer = setTimeout(() => resolve(false), deadlineMs);
            void closed.then(() => resolve(false));
            pulling = resolve;
            void closed.finally(() => clearTimeout(timer));
          });
      detach();
      await closed;
      return noticed;
    },
  };
}

/** The answer to a control frame; undefined for those that get none. */
function answerControl(card: SilentCard, control: number): Uint8Array | undefined {
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
function answerCommand(card: SilentCard, command: Uint8Array): Uint8Array | undefined {
  if (command.length < 4) return Uint8Array.of(0x67, 0x00);
  try {
    const answer = card.transmit(command);
    return answer !== undefined && answer.length > MAX_FRAME ? Uint8Array.of(0x6f, 0x00) : answer;
  } catch {
    return Uint8Array.of(0x6f, 0x00);
  }
}
