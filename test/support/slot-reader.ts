/** A program that plays the reader: it connects to a slot and speaks the frames of vpcd. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { bytesToHex } from '../../src/protocol/asn1/index.js';
import { encodeFrame, FrameReader } from '../../src/simulators/vpcd-frames.js';
import { bytes } from './tiny-card.js';

const ISD_R = 'A0000005591010FFFFFFFF8900000100';

export class SlotReader {
  readonly closed: Promise<unknown>;
  readonly #frames = new FrameReader();
  readonly #answers: string[] = [];
  #arrived: () => void = () => {};

  private constructor(readonly socket: Socket) {
    this.closed = once(socket, 'close').finally(() => this.#arrived());
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#answers.push(...this.#frames.push(chunk).map(bytesToHex));
      this.#arrived();
    });
  }

  static async connect(port: number): Promise<SlotReader> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const reader = new SlotReader(socket);
    await once(socket, 'connect');
    return reader;
  }

  send(...frames: string[]): void {
    this.socket.write(Buffer.concat(frames.map((frame) => encodeFrame(bytes(frame)))));
  }

  /** The next answer, in hex. @throws when the card is gone. */
  async answer(): Promise<string> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer !== undefined) return answer;
      if (this.socket.destroyed) throw new Error('the card is gone');
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  async ask(frame: string): Promise<string> {
    this.send(frame);
    return this.answer();
  }

  /** One command with GET RESPONSE on its channel to the end. */
  async exchange(command: string): Promise<string> {
    let answer = await this.ask(command);
    let data = answer.slice(0, -4);
    const cla = (Number.parseInt(command.slice(0, 2), 16) & 0x7f).toString(16).padStart(2, '0');
    while (answer.slice(-4, -2) === '61') {
      answer = await this.ask(`${cla}C00000${answer.slice(-2)}`);
      data += answer.slice(0, -4);
    }
    return data + answer.slice(-4);
  }

  /** Power, TERMINAL CAPABILITY, channel 1 with the ISD-R. */
  async start(): Promise<void> {
    this.send('01');
    for (const command of ['80AA000005A903840101', '0070000001', `01A4040010${ISD_R}`])
      await this.ask(command);
  }

  /** One ES10 function on channel 1, answered to the end. */
  async es10(request: string, blockSize = 255): Promise<string> {
    const size = blockSize * 2;
    let answer = '';
    for (let at = 0, number = 0; at < request.length; at += size, number++) {
      const block = request.slice(at, at + size);
      const head = [0x81, 0xe2, at + size >= request.length ? 0x91 : 0x11, number, block.length / 2];
      answer = await this.exchange(Buffer.from(head).toString('hex') + block);
      if (at + size < request.length && answer !== '9000') return answer;
    }
    return answer;
  }

  async end(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}
