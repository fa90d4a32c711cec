/** The eUICC driver that the engine sees, over any card transport: PC/SC, or a card in this process. */
import { ApduError } from '../src/protocol/apdu/apdu-error.js';
import { ISD_R_AID, storeDataBlocks, TERMINAL_CAPABILITY_IPAD } from '../src/protocol/apdu/commands.js';
import { exchangeChained, isCarriedOut, parseRApdu } from '../src/protocol/apdu/exchange.js';
import { hexOf } from '../src/protocol/apdu/hex-text.js';
import { Sgp33Error } from '../src/protocol/errors.js';
import { ApduRecorder, type TraceSink } from './apdu-recorder.js';
import {
  TransportError,
  type CardTransport,
  type EuiccDriver,
  type EuiccRequest,
  type IutIdentity,
  type Observation,
  type PersonalisationRequest,
  type TraceEvent,
} from './contract.js';
import {
  readEid,
  startIsdr,
  startUpError,
  type SendCommand,
  type StartUpResult,
} from '../src/protocol/apdu/isdr-start-up.js';
import { untilCardIsBack } from './reconnect.js';

/** Opens a transport; `eid` is the card to look for, once it is known. */
export type TransportFactory = (
  bound: { readonly eid?: string },
  signal?: AbortSignal,
) => Promise<CardTransport>;

export interface EuiccDriverOptions {
  /** 32 hexadecimal digits; another card makes `open` throw `eid-mismatch`. */
  readonly expectedEid?: string;
  readonly isdrAid?: Uint8Array;
  /** The template A9 of TERMINAL CAPABILITY, default IPAd (`A903840101`); null sends none. */
  readonly terminalCapability?: Uint8Array | null;
  /** Bytes of data a STORE DATA command, 1 to 255, default 255. */
  readonly blockSize?: number;
  /** How long `open` looks for a card that was pulled, default 30000 ms. */
  readonly reconnectDeadlineMs?: number;
  readonly personaliser?: {
    personalise(request: PersonalisationRequest, signal?: AbortSignal): Promise<void>;
  };
  /** Gets every event as it happens, those of `open` included. */
  readonly onTrace?: TraceSink;
}

/** Makes the driver; nothing is sent before `open`. */
export function createEuiccDriver(
  transport: CardTransport | TransportFactory,
  options: EuiccDriverOptions = {},
): EuiccDriver {
  return new EuiccSession(transport, options);
}

class EuiccSession implements EuiccDriver {
  readonly kind = 'eUICC';
  readonly #factory: TransportFactory | undefined;
  readonly #options: EuiccDriverOptions;
  readonly #isdrAid: Uint8Array;
  readonly #recorder: ApduRecorder;
  #transport: CardTransport | undefined;
  #channel: number | undefined;
  #eid: string | undefined;
  /** The card went away since the last good `open`. */
  #lost = false;
  #isOpen = false;

  constructor(transport: CardTransport | TransportFactory, options: EuiccDriverOptions) {
    if (typeof transport === 'function') this.#factory = transport;
    else this.#transport = transport;
    this.#options = options;
    this.#isdrAid = options.isdrAid ?? ISD_R_AID;
    this.#recorder = new ApduRecorder(options.onTrace);
  }

  get identity(): IutIdentity {
    const transport = this.#transport;
    return {
      transport: transport?.binding ?? 'card',
      ...(this.#eid === undefined ? {} : { eid: this.#eid }),
      ...(transport === undefined
        ? {}
        : { reader: transport.name, atr: hexOf(transport.atr), protocol: transport.protocol }),
    };
  }

  get canPersonalise(): boolean {
    return this.#options.personaliser !== undefined;
  }

  async open(signal?: AbortSignal): Promise<readonly TraceEvent[]> {
    const events = this.#recorder.begin();
    this.#isOpen = true;
    const once = (): Promise<void> => this.#openOnce(signal);
    try {
      if (this.#lost) await untilCardIsBack(once, this.#options.reconnectDeadlineMs ?? 30_000, signal);
      else await once();
    } catch (error) {
      if (error instanceof TransportError) error.events ??= events;
      throw error;
    }
    return events;
  }

  async exchange(request: EuiccRequest, signal?: AbortSignal): Promise<Observation> {
    const transport = this.#opened();
    const events = this.#recorder.begin();
    let collected: Uint8Array = new Uint8Array(0);
    try {
      const observed = await this.#perform(transport, request, (data) => (collected = data), signal);
      return { ...observed, events };
    } catch (error) {
      if (error instanceof ApduError) return { data: collected, sw: null, malformed: error.bytes, events };
      throw this.#noticeLoss(error);
    }
  }

  async personalise(request: PersonalisationRequest, signal?: AbortSignal): Promise<void> {
    if (this.#options.personaliser === undefined) {
      throw new Sgp33Error(
        'personalisation-unavailable',
        `The card can not be personalised (${request.action})`,
        {
          repair: 'Name a way to personalise the card in the target.',
        },
      );
    }
    await this.#options.personaliser.personalise(request, signal);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const transport = this.#transport;
    this.#channel = undefined;
    if (this.#factory !== undefined) this.#transport = undefined;
    await transport?.close();
  }

  async #openOnce(signal?: AbortSignal): Promise<void> {
    try {
      if (this.#lost && this.#factory !== undefined) await this.#letGo();
      const wanted = this.#options.expectedEid ?? this.#eid;
      this.#transport ??= await this.#factory?.(
        wanted === undefined ? {} : { eid: wanted.toUpperCase() },
        signal,
      );
      const transport = this.#opened();
      await this.#recorder.coldReset(transport, signal);
      const result = await this.#start(transport, signal);
      if (result.step !== 'selected') throw startUpError(result, this.#isdrAid, transport.name);
      await this.#bind(transport, result.channel ?? 0, signal);
      this.#lost = false;
    } catch (error) {
      throw this.#noticeLoss(error);
    }
  }

  /** Binds the session to one EID: the target's, or that of the card first seen. */
  async #bind(transport: CardTransport, channel: number, signal?: AbortSignal): Promise<void> {
    const eid = await readEid(this.#sender(transport, signal), channel, transport.name);
    const expected = (this.#options.expectedEid ?? this.#eid)?.toUpperCase();
    if (expected !== undefined && expected !== eid) {
      await this.close();
      throw new Sgp33Error('eid-mismatch', 'Another eUICC is in the reader', {
        place: transport.name,
        expected: `EID ${expected}`,
        actual: eid,
        repair: 'Insert the right card, or change the EID in the target.',
      });
    }
    this.#eid = eid;
  }

  async #perform(
    transport: CardTransport,
    request: EuiccRequest,
    keep: (data: Uint8Array) => void,
    signal?: AbortSignal,
  ): Promise<Omit<Observation, 'events'>> {
    switch (request.kind) {
      case 'es10':
        return this.#es10(
          transport,
          request.data,
          request.blockSize ?? this.#options.blockSize,
          keep,
          signal,
        );
      case 'apdu':
        if (request.chain === true) return this.#sender(transport, signal)(request.command, false);
        return parseRApdu(await this.#recorder.transmit(transport, request.command, signal));
      case 'reset': {
        const atr = await this.#recorder.coldReset(transport, signal);
        if (request.start === false) return { data: atr, sw: null };
        return (await this.#start(transport, signal)).response;
      }
    }
  }

  /** STORE DATA blocks one after the other; the first status word that is no success ends the chain. */
  async #es10(
    transport: CardTransport,
    data: Uint8Array,
    blockSize: number | undefined,
    keep: (data: Uint8Array) => void,
    signal?: AbortSignal,
  ): Promise<Omit<Observation, 'events'>> {
    const send = this.#sender(transport, signal);
    if (this.#channel === undefined) throw notOpen();
    const blocks = storeDataBlocks(data, this.#channel, blockSize);
    let observed: Omit<Observation, 'events'> = { data: new Uint8Array(0), sw: null };
    for (const [index, block] of blocks.entries()) {
      const response = await send(block, index === blocks.length - 1);
      observed = { ...response, data: Uint8Array.from(Buffer.concat([observed.data, response.data])) };
      keep(observed.data);
      if (!isCarriedOut(response.sw)) break;
    }
    return observed;
  }

  async #start(transport: CardTransport, signal?: AbortSignal): Promise<StartUpResult> {
    const { terminalCapability = TERMINAL_CAPABILITY_IPAD } = this.#options;
    const result = await startIsdr(
      this.#sender(transport, signal),
      { isdrAid: this.#isdrAid, terminalCapability },
      (text) => this.#recorder.note(text),
    );
    if (result.channel !== undefined) this.#channel = result.channel;
    if (result.step !== 'selected') this.#recorder.note(`the start-up ended at ${result.step}`);
    return result;
  }

  #sender(transport: CardTransport, signal?: AbortSignal): SendCommand {
    return (command, case4) =>
      exchangeChained((bytes) => this.#recorder.transmit(transport, bytes, signal), command, {
        protocol: transport.protocol,
        case4,
      });
  }

  #opened(): CardTransport {
    if (this.#transport === undefined || !this.#isOpen) throw notOpen();
    return this.#transport;
  }

  /** After the card or its reader went, the next `open` looks for it, through the factory if there is one. */
  #noticeLoss(error: unknown): unknown {
    const gone =
      error instanceof TransportError && (error.code === 'card-removed' || error.code === 'reader-gone');
    if (gone && this.#eid !== undefined) this.#lost = true;
    return error;
  }
}

function notOpen(): Sgp33Error {
  return new Sgp33Error('driver-not-open', 'The card was not opened, or was closed');
}
