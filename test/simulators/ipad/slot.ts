/** The card's side of a socket card: it listens, and the IPAd connects. Keeps what it was asked. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { VirtualCard } from '../../../src/simulators/virtual-card.js';
import { encodeFrame, FrameReader, VpcdControl } from '../../../src/simulators/vpcd-frames.js';
import { hex } from '../euicc/terminal.js';

export interface SlotOptions {
  readonly card: VirtualCard;
  /** In place of the answer of the card; undefined: the card answers; `silent`: nothing; `pull`: the card goes. */
  readonly answer?: (command: Uint8Array) => Uint8Array | 'silent' | 'pull' | undefined;
}

export class Slot {
  /** APDUs as hex; `on`, `off`, `reset`, `atr`. */
  readonly seen: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  answer: SlotOptions['answer'];

  private constructor(readonly card: VirtualCard) {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async open({ card, answer }: SlotOptions): Promise<Slot> {
    const slot = new Slot(card);
    slot.answer = answer;
    slot.#server.listen(0, '127.0.0.1');
    await once(slot.#server, 'listening');
    return slot;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** APDUs only. */
  get apdus(): string[] {
    return this.seen.filter((line) => /^[0-9A-F]{8}/.test(line));
  }

  pull(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.pull();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const frames = new FrameReader();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) this.#take(socket, frame);
    });
  }

  #take(socket: Socket, frame: Uint8Array): void {
    const say = (bytes: Uint8Array): void => void socket.write(encodeFrame(bytes));
    if (frame.length === 1)
      switch (frame[0]) {
        case VpcdControl.powerOff:
          this.seen.push('off');
          return this.card.powerOff();
        case VpcdControl.powerOn:
          this.seen.push('on');
          return this.card.powerOn();
        case VpcdControl.reset:
          this.seen.push('reset');
          return this.card.reset();
        default:
          this.seen.push('atr');
          return say(this.card.atr());
      }
    this.seen.push(hex(frame));
    const answer = this.answer?.(frame) ?? this.card.transmit(frame);
    if (answer === 'pull') return this.pull();
    if (answer !== 'silent') say(answer);
  }
}
