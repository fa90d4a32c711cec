/** PC/SC through the system's own library, without a compiler: libpcsclite, winscard.dll, or PCSC.framework. */
import { createRequire } from 'node:module';
import {
  readerInfo,
  Scard,
  ScardError,
  type Connection,
  type Disposition,
  type PcscBinding,
  type ReaderInfo,
} from './binding.js';

type Koffi = typeof import('koffi');
type NativeFunction = ReturnType<ReturnType<Koffi['load']>['func']>;

/** Reader states of pcsclite hold 33 bytes of ATR, those of Windows 36. */
const ATR_SIZE = process.platform === 'win32' ? 36 : 33;
const MAX_R_APDU = 65_538;

/** @throws when koffi or the library can not be loaded. */
export function openFfiBinding(): PcscBinding {
  return new FfiBinding((library ??= loadLibrary()));
}

/** koffi knows a structure by its name, once a process. */
let library: ReturnType<typeof loadLibrary> | undefined;

function loadLibrary() {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const windows = process.platform === 'win32';
  const mac = process.platform === 'darwin';
  const native = koffi.load(
    windows ? 'winscard.dll' : mac ? '/System/Library/Frameworks/PCSC.framework/PCSC' : 'libpcsclite.so.1',
  );
  // pcsclite on Linux uses long where Windows and macOS use 32 bits; a Windows handle is as wide as a pointer.
  const dword = windows || mac ? 'uint32_t' : 'unsigned long';
  const handle = windows ? 'uintptr_t' : mac ? 'int32_t' : 'long';
  const result = windows || mac ? 'int32_t' : 'long';
  const fields = {
    szReader: 'const char *',
    pvUserData: 'void *',
    dwCurrentState: dword,
    dwEventState: dword,
    cbAtr: dword,
    rgbAtr: koffi.array('uint8_t', ATR_SIZE),
  };
  // macOS packs both structures to bytes.
  const structure = mac ? koffi.pack : koffi.struct;
  structure('SCARD_READERSTATE', fields);
  structure('SCARD_IO_REQUEST', { dwProtocol: dword, cbPciLength: dword });
  const define = (name: string, parameters: string): NativeFunction =>
    native.func(`${result} ${name}(${parameters.replaceAll('DWORD', dword).replaceAll('HANDLE', handle)})`);
  const ansi = windows ? 'A' : '';
  return {
    ioRequestSize: koffi.sizeof('SCARD_IO_REQUEST'),
    establish: define('SCardEstablishContext', 'DWORD, void *, void *, _Out_ HANDLE *'),
    list: define(`SCardListReaders${ansi}`, 'HANDLE, void *, _Out_ uint8_t *, _Inout_ DWORD *'),
    statusChange: define(`SCardGetStatusChange${ansi}`, 'HANDLE, DWORD, _Inout_ SCARD_READERSTATE *, DWORD'),
    connect: define(
      `SCardConnect${ansi}`,
      'HANDLE, const char *, DWORD, DWORD, _Out_ HANDLE *, _Out_ DWORD *',
    ),
    status: define(
      `SCardStatus${ansi}`,
      'HANDLE, void *, void *, _Out_ DWORD *, _Out_ DWORD *, _Out_ uint8_t *, _Inout_ DWORD *',
    ),
    transmit: define(
      'SCardTransmit',
      'HANDLE, SCARD_IO_REQUEST *, const uint8_t *, DWORD, void *, _Out_ uint8_t *, _Inout_ DWORD *',
    ),
    disconnect: define('SCardDisconnect', 'HANDLE, DWORD'),
  };
}

class FfiBinding implements PcscBinding {
  readonly name = 'ffi';
  readonly #library: ReturnType<typeof loadLibrary>;
  readonly #response = new Uint8Array(MAX_R_APDU);
  #context: unknown;
  #card: unknown;
  #protocol = 0;

  constructor(library: ReturnType<typeof loadLibrary>) {
    this.#library = library;
  }

  async listReaders(): Promise<ReaderInfo[]> {
    const context = await this.#established();
    const length = [65_536];
    const names = new Uint8Array(65_536);
    try {
      await call('SCardListReaders', this.#library.list, context, null, names, length);
    } catch (error) {
      if (error instanceof ScardError && error.code === 0x8010002e) return [];
      throw error;
    }
    const found = Buffer.from(names.subarray(0, Number(length[0])))
      .toString()
      .split('\0')
      .filter(Boolean);
    const infos: ReaderInfo[] = [];
    for (const name of found) infos.push(await this.#info(context, name));
    return infos;
  }

  async connect(reader: string, protocols: number): Promise<Connection> {
    const context = await this.#established();
    const card: unknown[] = [0];
    const protocol = [0];
    const share = Scard.SHARE_EXCLUSIVE;
    await call('SCardConnect', this.#library.connect, context, reader, share, protocols, card, protocol);
    this.#card = card[0];
    this.#protocol = Number(protocol[0]);
    const atr = new Uint8Array(64);
    const length = [atr.length];
    await call('SCardStatus', this.#library.status, this.#card, null, null, [0], [0], atr, length);
    return { atr: atr.slice(0, Number(length[0])), protocol: this.#protocol };
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const request = { dwProtocol: this.#protocol, cbPciLength: this.#library.ioRequestSize };
    const answer = this.#response;
    const length = [answer.length];
    const { transmit } = this.#library;
    await call('SCardTransmit', transmit, this.#card, request, command, command.length, null, answer, length);
    return answer.slice(0, Number(length[0]));
  }

  async disconnect(disposition: Disposition): Promise<void> {
    const card = this.#card;
    this.#card = undefined;
    if (card === undefined) return;
    const value = disposition === 'unpower' ? Scard.UNPOWER_CARD : Scard.LEAVE_CARD;
    await call('SCardDisconnect', this.#library.disconnect, card, value);
  }

  async #established(): Promise<unknown> {
    if (this.#context !== undefined) return this.#context;
    const context: unknown[] = [0];
    await call('SCardEstablishContext', this.#library.establish, 2, null, null, context);
    this.#context = context[0];
    return this.#context;
  }

  async #info(context: unknown, name: string): Promise<ReaderInfo> {
    const state = {
      szReader: name,
      pvUserData: null,
      dwCurrentState: 0,
      dwEventState: 0,
      cbAtr: 0,
      rgbAtr: new Array<number>(ATR_SIZE).fill(0),
    };
    await call('SCardGetStatusChange', this.#library.statusChange, context, 0, state, 1);
    const atr = Uint8Array.from(state.rgbAtr).slice(0, state.cbAtr);
    return readerInfo(name, state.dwEventState, atr);
  }
}

/** Runs a call on koffi's own threads, so that the event loop goes on while the card thinks. */
function call(name: string, native: NativeFunction, ...parameters: unknown[]): Promise<void> {
  return new Promise((resolve, reject) => {
    native.async(...parameters, (failure: unknown, result: number | bigint) => {
      if (failure !== null && failure !== undefined) {
        return void reject(failure instanceof Error ? failure : new Error(`${name} could not be called`));
      }
      const code = Number(BigInt.asUintN(32, BigInt(result)));
      if (code === 0) resolve();
      else reject(new ScardError(name, code));
    });
  });
}
