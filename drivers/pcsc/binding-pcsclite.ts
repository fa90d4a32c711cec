/** PC/SC through the npm package pcsclite, a native addon that is there only where it could be built. */
import {
  readerInfo,
  Scard,
  ScardError,
  type Connection,
  type Disposition,
  type PcscBinding,
  type ReaderInfo,
} from './binding.js';

/** The part of the package's interface that is used; its own types are absent where it was not built. */
interface Monitor {
  start(done: (error: Error | undefined, names?: Uint8Array) => void): void;
  on(event: 'reader', listener: (reader: CardReader) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  close(): void;
}
interface CardReader {
  readonly name: string;
  on(event: 'status', listener: (status: { state: number; atr?: Uint8Array }) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  connect(options: object, done: (error: Error | null, protocol: number) => void): void;
  disconnect(disposition: number, done: (error: Error | null) => void): void;
  transmit(
    data: Buffer,
    maxLength: number,
    protocol: number,
    done: (error: Error | null, response: Uint8Array) => void,
  ): void;
  get_status(done: (error: Error | null | undefined, state: number, atr?: Uint8Array) => void): void;
  close(): void;
}

const MAX_R_APDU = 65_538;

/** Each connection leaves a PC/SC context behind in the package, and the service has 200 for everybody. */
const MAX_CONNECTIONS = 50;

/** @throws when the package is not installed or its addon can not be loaded. */
export async function openPcscliteBinding(): Promise<PcscBinding> {
  const packageName: string = 'pcsclite';
  const loaded = (await import(packageName)) as { default: () => Monitor };
  return new PcscliteBinding(loaded.default);
}

class PcscliteBinding implements PcscBinding {
  readonly name = 'pcsclite';
  readonly #makeMonitor: () => Monitor;
  #monitor: ReaderMonitor | undefined;
  #reader: CardReader | undefined;
  #protocol = 0;
  /** Kept from the garbage collector, because their threads report to them to the end. */
  readonly #probes: CardReader[] = [];

  constructor(makeMonitor: () => Monitor) {
    this.#makeMonitor = makeMonitor;
  }

  async listReaders(): Promise<ReaderInfo[]> {
    const monitor = await this.#monitored();
    return monitor.all();
  }

  async connect(name: string, protocols: number): Promise<Connection> {
    const monitor = await this.#monitored();
    const reader = monitor.reader(name);
    if (reader === undefined) throw new ScardError('SCardConnect', 0x80100009);
    this.#protocol = await promised<number>((done) =>
      reader.connect({ share_mode: Scard.SHARE_EXCLUSIVE, protocol: protocols }, done),
    );
    this.#reader = reader;
    const atr = await this.#currentAtr(reader);
    return { atr, protocol: this.#protocol, spent: this.#probes.length >= MAX_CONNECTIONS };
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const reader = this.#reader;
    if (reader === undefined) throw new ScardError('SCardTransmit', 0x80100003);
    const response = await promised<Uint8Array>((done) =>
      reader.transmit(Buffer.from(command), MAX_R_APDU, this.#protocol, done),
    );
    return Uint8Array.from(response);
  }

  async disconnect(disposition: Disposition): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) return;
    const value = disposition === 'unpower' ? Scard.UNPOWER_CARD : Scard.LEAVE_CARD;
    await promised((done) => reader.disconnect(value, done));
  }

  async #monitored(): Promise<ReaderMonitor> {
    try {
      this.#monitor ??= new ReaderMonitor(this.#makeMonitor());
    } catch (error) {
      throw asScardError(error);
    }
    await this.#monitor.ready;
    return this.#monitor;
  }

  /** The package offers no SCardStatus, and tells an ATR only with a change: so a fresh watcher asks for the first. */
  async #currentAtr(reader: CardReader): Promise<Uint8Array> {
    const Reader = reader.constructor as new (name: string) => CardReader;
    const probe = new Reader(reader.name);
    this.#probes.push(probe);
    const atr = await new Promise<Uint8Array>((resolve, reject) => {
      probe.get_status((error, _state, found) => {
        if (error === undefined || error === null) resolve(Uint8Array.from(found ?? []));
        else reject(asScardError(error));
      });
    });
    // The package holds a lock during the callback that close() takes too.
    await new Promise((resolve) => setImmediate(resolve));
    probe.close();
    return atr;
  }
}

/** The last status of every reader, as the package's own threads report it. */
class ReaderMonitor {
  readonly ready: Promise<void>;
  readonly #readers = new Map<string, CardReader>();
  readonly #infos = new Map<string, ReaderInfo>();

  constructor(monitor: Monitor) {
    const start = monitor.start.bind(monitor);
    this.ready = new Promise((resolve, reject) => {
      const check = (): void => {
        if ([...this.#readers.keys()].every((name) => this.#infos.has(name))) resolve();
      };
      monitor.on('error', (error) => reject(asScardError(error)));
      monitor.on('reader', (reader) => this.#watch(reader, check));
      // The package tells of each reader, but not when it has told of all: with none it would stay silent.
      monitor.start = (done) =>
        start((error, names) => {
          done(error, names);
          check();
        });
    });
  }

  all(): ReaderInfo[] {
    // In the service's order: statuses arrive in any.
    return [...this.#readers.keys()].flatMap((name) => this.#infos.get(name) ?? []);
  }

  reader(name: string): CardReader | undefined {
    return this.#readers.get(name);
  }

  #watch(reader: CardReader, check: () => void): void {
    this.#readers.set(reader.name, reader);
    reader.on('status', ({ state, atr }) => {
      this.#infos.set(reader.name, readerInfo(reader.name, state, Uint8Array.from(atr ?? [])));
      check();
    });
    reader.on('error', () => {
      this.#readers.delete(reader.name);
      this.#infos.delete(reader.name);
      check();
    });
  }
}

function promised<T>(
  start: (done: (error: Error | null | undefined, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error !== null && error !== undefined) reject(asScardError(error));
      else resolve(value as T);
    });
  });
}

/** The package gives the result only in its message: `SCardConnect error: Sharing violation.(0x8010000b)`. */
function asScardError(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  const [, call, code] = /^(\w+) error: .*\(0x([0-9a-f]+)\)/is.exec(text) ?? [];
  if (call === undefined || code === undefined) return error instanceof Error ? error : new Error(text);
  return new ScardError(call, Number(BigInt.asUintN(32, BigInt(`0x${code}`))));
}
