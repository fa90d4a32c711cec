/**
 * What the driver and the child process that holds the PC/SC connection say to each other, through one pipe.
 *
 * A frame is the length of its body (4 bytes, little-endian), the number of the call (4 bytes), its kind (1 byte), and
 * the body. APDUs travel as they are, everything else is serialised.
 */
import { deserialize, serialize } from 'node:v8';
import type { BindingName, Connection, Disposition, ReaderInfo } from './binding.js';

/** What the host process can do, by name: parameters and result. */
export interface HostCalls {
  listReaders: { parameters: []; result: ReaderInfo[] };
  connect: { parameters: [reader: string, protocols: number]; result: Connection };
  transmit: { parameters: [command: Uint8Array]; result: Uint8Array };
  disconnect: { parameters: [disposition: Disposition]; result: undefined };
}
export type HostCallName = keyof HostCalls;

/** Every call but transmit, whose request is the command itself. */
export type HostRequest = {
  [Name in Exclude<HostCallName, 'transmit'>]: {
    readonly call: Name;
    readonly parameters: HostCalls[Name]['parameters'];
  };
}[Exclude<HostCallName, 'transmit'>];

export type HostReply =
  /** To {@link START_ID}: the binding that was loaded. */
  | { readonly kind: 'ready'; readonly binding: BindingName }
  /** To {@link START_ID} instead: no binding could be loaded, with the reason of each. */
  | { readonly kind: 'unusable'; readonly reasons: readonly string[] }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'scard-error'; readonly call: string; readonly code: number }
  | { readonly kind: 'failure'; readonly message: string };

/** The call that the start of the process stands for. */
export const START_ID = 0;

/** The pipe's file descriptor in the child. */
export const PIPE_FD = 3;

export const FrameKind = { APDU: 0, MESSAGE: 1 } as const;

export interface Frame {
  readonly id: number;
  readonly kind: number;
  /** A view into the bytes that were read. */
  readonly body: Buffer;
}

const HEADER_SIZE = 9;

/** A frame with an APDU, ready to be written at once. */
export function apduFrame(id: number, apdu: Uint8Array): Buffer {
  return frame(id, FrameKind.APDU, apdu);
}

/** A frame with anything else. */
export function messageFrame(id: number, message: HostRequest | HostReply): Buffer {
  return frame(id, FrameKind.MESSAGE, serialize(message));
}

/** @throws when the body of a message frame is not what `messageFrame` makes. */
export function messageOf(body: Buffer): unknown {
  return deserialize(body) as unknown;
}

function frame(id: number, kind: number, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_SIZE + body.length);
  bytes.writeUInt32LE(body.length, 0);
  bytes.writeUInt32LE(id, 4);
  bytes[8] = kind;
  bytes.set(body, HEADER_SIZE);
  return bytes;
}

/** Cuts what arrives, in whatever pieces, into frames. */
export class FrameReader {
  readonly #maxBody: number;
  readonly #onFrame: (frame: Frame) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted = HEADER_SIZE;

  constructor(maxBody: number, onFrame: (frame: Frame) => void) {
    this.#maxBody = maxBody;
    this.#onFrame = onFrame;
  }

  /** @throws {RangeError} when a frame announces more than `maxBody` bytes; nothing can be read after that. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return;
    let data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#size);
    this.#wanted = HEADER_SIZE;
    while (data.length >= HEADER_SIZE) {
      const length = data.readUInt32LE(0);
      if (length > this.#maxBody) throw new RangeError(`a frame of ${length} bytes`);
      const end = HEADER_SIZE + length;
      if (data.length < end) {
        this.#wanted = end;
        break;
      }
      this.#onFrame({
        id: data.readUInt32LE(4),
        kind: data.readUInt8(8),
        body: data.subarray(HEADER_SIZE, end),
      });
      data = data.subarray(end);
    }
    this.#chunks = data.length === 0 ? [] : [data];
    this.#size = data.length;
  }
}
