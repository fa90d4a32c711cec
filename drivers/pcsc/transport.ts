/** One card in one PC/SC reader, as a card transport. */
import { setTimeout as delay } from 'node:timers/promises';
import { TransportError, type CardTransport } from '../contract.js';
import { Scard, type BindingName } from './binding.js';
import { PcscHost, type CallOptions } from './host-client.js';
import { ScardCode, transportErrorOf } from './scard-errors.js';

export interface PcscTransportOptions {
  readonly reader: string;
  readonly binding: BindingName | 'auto';
  readonly protocol: 'T=0' | 'T=1' | 'any';
  /** For each exchange, and for a reset as a whole, in ms. */
  readonly deadlineMs: number;
}

const PROTOCOLS = {
  'T=0': Scard.PROTOCOL_T0,
  'T=1': Scard.PROTOCOL_T1,
  any: Scard.PROTOCOL_T0 | Scard.PROTOCOL_T1,
} as const;

/** How long a reader that is still held, by the connection just given up for example, is asked again. */
const SHARING_GRACE_MS = 2000;

/** How long after an answer of less than 2 bytes the card may still turn out to be gone. */
const REMOVAL_GRACE_MS = 1000;

export class PcscTransport implements CardTransport {
  readonly name: string;
  readonly #options: PcscTransportOptions;
  #host: PcscHost | undefined;
  #atr: Uint8Array = new Uint8Array(0);
  #protocol: 'T=0' | 'T=1' = 'T=0';
  #binding: CardTransport['binding'];
  #spent = false;

  constructor(options: PcscTransportOptions) {
    this.name = options.reader;
    this.#options = options;
  }

  get atr(): Uint8Array {
    return this.#atr;
  }

  get protocol(): 'T=0' | 'T=1' {
    return this.#protocol;
  }

  get binding(): NonNullable<CardTransport['binding']> {
    return this.#binding ?? 'pcsc-ffi';
  }

  async transmit(command: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    if (command.length < 2) {
      // A virtual reader takes one byte for a control code, and a real one refuses it.
      throw new TransportError(
        'communication',
        'A command of less than 2 bytes can not be sent through PC/SC',
        {
          place: this.name,
        },
      );
    }
    this.#refuseIfAborted(signal);
    const host = this.#host;
    if (host === undefined) {
      throw new TransportError('communication', 'There is no connection to the card', {
        place: this.name,
        repair: 'Reset the card.',
      });
    }
    return this.#orDrop(async () => {
      const answer = await host.call('transmit', [command], this.#limits(this.#options.deadlineMs, signal));
      if (answer.length < 2) await this.#assertPresent(host, signal);
      return answer;
    });
  }

  async coldReset(signal?: AbortSignal): Promise<Uint8Array> {
    this.#refuseIfAborted(signal);
    const deadline = performance.now() + this.#options.deadlineMs;
    const left = () => this.#limits(Math.max(1, deadline - performance.now()), signal);
    return this.#orDrop(async () => {
      if (this.#host === undefined) {
        this.#host = await this.#startHost(left());
        await this.#connect(this.#host, left);
      }
      await this.#host.call('disconnect', ['unpower'], left());
      if (this.#spent) {
        this.#host.kill();
        this.#host = await this.#startHost(left());
      }
      await this.#connect(this.#host, left);
      return this.#atr;
    });
  }

  async close(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    if (host === undefined) return;
    try {
      await host.call('disconnect', ['unpower'], this.#limits(this.#options.deadlineMs));
    } catch (error) {
      // The card or the reader may be gone already; there is nothing left to let go of.
      if (!(error instanceof TransportError)) throw error;
    } finally {
      host.kill();
    }
  }

  /** Before anything is sent, so that the connection stays as it is. */
  #refuseIfAborted(signal?: AbortSignal): void {
    if (signal?.aborted !== true) return;
    throw new TransportError('aborted', 'The exchange was aborted', { place: this.name });
  }

  async #startHost(limits: CallOptions): Promise<PcscHost> {
    const host = await PcscHost.start(this.#options.binding, limits);
    this.#binding = host.binding === 'ffi' ? 'pcsc-ffi' : 'pcsclite';
    return host;
  }

  async #connect(host: PcscHost, left: () => CallOptions): Promise<void> {
    const graceEnds = performance.now() + SHARING_GRACE_MS;
    for (;;) {
      try {
        const parameters: [string, number] = [this.name, PROTOCOLS[this.#options.protocol]];
        const { atr, protocol, spent = false } = await host.call('connect', parameters, left());
        this.#spent = spent;
        this.#atr = atr;
        this.#protocol = protocol === Scard.PROTOCOL_T1 ? 'T=1' : 'T=0';
        return;
      } catch (error) {
        const held =
          error instanceof TransportError && error.actual?.includes('SCARD_E_SHARING_VIOLATION') === true;
        if (!held || performance.now() > graceEnds) throw error;
        await delay(50);
      }
    }
  }

  /** A reader whose card is pulled in the middle may report success without an answer, and its removal later. */
  async #assertPresent(host: PcscHost, signal?: AbortSignal): Promise<void> {
    const graceEnds = performance.now() + REMOVAL_GRACE_MS;
    do {
      const readers = await host.call('listReaders', [], this.#limits(this.#options.deadlineMs, signal));
      const reader = readers.find(({ name }) => name === this.name);
      if (reader === undefined) throw transportErrorOf(ScardCode.UNKNOWN_READER, 'SCardTransmit', this.name);
      if (!reader.present) throw transportErrorOf(ScardCode.REMOVED_CARD, 'SCardTransmit', this.name);
      await delay(50);
    } while (performance.now() < graceEnds);
  }

  /** After any trouble the host process goes: its connection can not be trusted, and a reset makes a new one. */
  async #orDrop<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      this.#host?.kill();
      this.#host = undefined;
      throw error;
    }
  }

  #limits(deadlineMs: number, signal?: AbortSignal): CallOptions {
    return { deadlineMs: Math.ceil(deadlineMs), signal, place: this.name };
  }
}
