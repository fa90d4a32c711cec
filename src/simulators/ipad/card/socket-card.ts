/**
 * A card behind a TCP socket. The IPAd connects and plays the reader: it speaks the frames that the virtual PC/SC
 * reader (vpcd) speaks to a card.
 */
import { connect, type Socket } from 'node:net';
import { quickAckFor } from '../../tcp-quick-ack.js';
import { encodeFrame, FrameReader, VpcdControl } from '../../vpcd-frames.js';
import { CardGone, type CardPort } from './card-port.js';

export interface SocketCardOptions {
  readonly host: string;
  readonly port: number;
  /** For the connection and for each answer, milliseconds; default 5000. */
  readonly deadlineMs?: number;
}

export function socketCard({ host, port, deadlineMs = 5000 }: SocketCardOptions): CardPort {
  return new SocketCard(host, port, deadlineMs);
}

class SocketCard implements CardPort {
  readonly place: string;
  #slot: Slot | undefined;

  constructor(
    private readonly host: string,
    private readonly port: number,
    private readonly deadlineMs: number,
  ) {
    this.place = `tcp:${host}:${String(port)}`;
  }

  async coldReset(): Promise<Uint8Array> {
    if (this.#slot?.gone !== undefined) await this.close();
    const known = this.#slot;
    const slot = known ?? (await this.#connect());
    if (known !== undefined) slot.control(VpcdControl.powerOff);
    slot.control(VpcdControl.powerOn);
    return slot.ask(Uint8Array.of(VpcdControl.atr));
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const slot = this.#slot;
    if (slot === undefined) throw new CardGone(this.place, 'no power');
    return slot.ask(command);
  }

  async close(): Promise<void> {
    const slot = this.#slot;
    this.#slot = undefined;
    await slot?.close();
  }

  async #connect(): Promise<Slot> {
    const slot = new Slot(
      connect({ host: this.host, port: this.port, noDelay: true }),
      this.place,
      this.deadlineMs,
    );
    await slot.connected();
    return (this.#slot = slot);
  }
}

/** One connection. Frames come in order, and there is one question at a time; what comes unasked is dropped. */
class Slot {
  readonly #frames = new FrameReader();
  #settle: ((answer: Uint8Array) => void) | undefined;
  /** Why there is no card any more. */
  gone: CardGone | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly place: string,
    private readonly deadlineMs: number,
  ) {
    const acknowledge = quickAckFor(socket);
    socket.on('connect', () => this.#settle?.(new Uint8Array(0)));
    socket.on('data', (chunk) => {
      acknowledge();
      for (const answer of this.#frames.push(chunk)) this.#settle?.(answer);
    });
    socket.on('error', (error) => this.#end(error.message, error));
    socket.on('close', () => this.#end('the card is out'));
  }

  async connected(): Promise<void> {
    await this.#wait('no connection');
  }

  /** Of the power: no answer comes. */
  control(byte: number): void {
    if (this.gone === undefined) this.socket.write(encodeFrame(Uint8Array.of(byte)));
  }

  ask(frame: Uint8Array): Promise<Uint8Array> {
    const answer = this.#wait('no answer');
    if (this.gone === undefined) this.socket.write(encodeFrame(frame));
    return answer;
  }

  async close(): Promise<void> {
    this.control(VpcdControl.powerOff);
    if (this.socket.destroyed) return;
    const closed = new Promise<void>((done) => this.socket.once('close', () => done()));
    // A peer that does not take the last frame must not keep us.
    const timer = setTimeout(() => this.socket.destroy(), this.deadlineMs);
    this.socket.destroySoon();
    await closed;
    clearTimeout(timer);
  }

  /** @param silence what it is called when nothing comes in time: the card is given up then. */
  #wait(silence: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.gone !== undefined) return reject(this.gone);
      const timer = setTimeout(() => {
        this.#end(`${silence} within ${String(this.deadlineMs)} ms`);
        this.socket.destroy();
      }, this.deadlineMs);
      this.#settle = (answer) => {
        clearTimeout(timer);
        this.#settle = undefined;
        if (this.gone === undefined) resolve(answer);
        else reject(this.gone);
      };
    });
  }

  #end(actual: string, cause?: unknown): void {
    this.gone ??= new CardGone(this.place, actual, cause);
    this.#settle?.(new Uint8Array(0));
  }
}
