/** ESipa over CoAP and DTLS, in the ASN.1 binding (SGP.32 3.1.2.2, 6.2). */
import { isSuccess } from '../../src/transport/coap/message.js';
import { CoapError, type CoapResponse } from '../../src/transport/coap/index.js';
import { DtlsError } from '../../src/transport/dtls/index.js';
import { TransportError } from '../contract.js';
import type { ChannelFault, EimObservation, EsipaChannel, EsipaRequest, FactMap } from '../eim-contract.js';
import { tryWrongCookie } from './cookie.js';
import { coapFacts, coapFactsOfFailure, tlsFacts } from './facts.js';
import { faultOf, unreachable } from './faults.js';
import { findingsOf } from './findings.js';
import { settingsOf, type CoapChannelOptions, type Settings } from './options.js';
import { ExchangeRecorder } from './recorder.js';
import { requestOf } from './request.js';
import { noRecord, openSession, type Session } from './session.js';

/**
 * Makes the channel; nothing is sent before `exchange`. Each device has a DTLS session of its own that stays open.
 * `http` of a request is not looked at.
 * @throws {TypeError} when `url` is none.
 */
export function createCoapChannel(options: CoapChannelOptions): EsipaChannel {
  return new CoapChannel(settingsOf(options));
}

interface Device {
  session: Session | undefined;
  /** The exchanges of a device run one after the other. */
  turn: Promise<unknown>;
}

interface Outcome {
  readonly tls?: FactMap | undefined;
  readonly response?: CoapResponse;
  readonly coap?: FactMap | undefined;
  readonly fault?: ChannelFault;
}

class CoapChannel implements EsipaChannel {
  readonly transport = 'coap';
  readonly binding = 'asn1';
  readonly #settings: Settings;
  readonly #started = performance.now();
  readonly #devices = new Map<string, Device>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get url(): string {
    return this.#settings.url;
  }

  async exchange(request: EsipaRequest, signal?: AbortSignal): Promise<EimObservation> {
    const recorder = new ExchangeRecorder(this.#started, this.#settings.onTrace);
    const device = this.#deviceOf(request.device);
    const mine = device.turn.then(() => this.#run(device, request, recorder, signal));
    device.turn = mine.catch(() => undefined);
    try {
      return observationOf(await mine, this.#settings, recorder);
    } catch (error) {
      if (error instanceof TransportError) error.events ??= recorder.events;
      throw error;
    }
  }

  async close(device?: string): Promise<void> {
    const names = device === undefined ? [...this.#devices.keys()] : [device];
    await Promise.all(
      names.map(async (name) => {
        const known = this.#devices.get(name);
        this.#devices.delete(name);
        await known?.session?.close();
      }),
    );
  }

  async #run(
    device: Device,
    request: EsipaRequest,
    recorder: ExchangeRecorder,
    signal?: AbortSignal,
  ): Promise<Outcome> {
    if (signal?.aborted === true) throw this.#aborted();
    const plain = this.#settings.plain === true || request.coap?.plain === true;
    if (plain && request.coap?.replayRecord === true) throw noRecord();
    const started = performance.now();
    // What differs from the device's usual connection gets one that is closed afterwards.
    const own = request.handshakeOnly === true || request.tls !== undefined || request.coap?.plain === true;
    let session: Session | undefined;
    try {
      if (request.tls?.wrongCookie === true)
        return await tryWrongCookie(this.#settings, request.tls, recorder, signal);
      session = await this.#sessionFor(device, request, own, () =>
        openSession(this.#settings, { plain, offer: request.tls, recorder, signal }),
      );
      session.recorder = recorder;
      if (request.handshakeOnly === true) return { tls: session.tls };
      const response = await this.#send(session, request, started, signal);
      return { tls: session.tls, response, coap: coapFacts(response) };
    } catch (error) {
      // After trouble nobody knows what the peer still holds of the connection.
      if (!own) await this.#drop(device);
      return this.#failed(error, session, recorder, signal);
    } finally {
      if (session !== undefined) session.recorder = undefined;
      if (own) await session?.close();
    }
  }

  async #sessionFor(
    device: Device,
    request: EsipaRequest,
    own: boolean,
    open: () => Promise<Session>,
  ): Promise<Session> {
    if (own) return open();
    if (request.fresh === true || device.session?.closed === true) await this.#drop(device);
    device.session ??= await open();
    return device.session;
  }

  /** The deadline covers the handshake, too. */
  async #send(
    session: Session,
    request: EsipaRequest,
    started: number,
    signal?: AbortSignal,
  ): Promise<CoapResponse> {
    const left = Math.max(1, this.#settings.deadlineMs - (performance.now() - started));
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const timer = setTimeout(stop, left);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const coap = requestOf(request, this.#settings, () => session.replayLastRecord());
      return await session.client.request(coap, controller.signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  #failed(
    error: unknown,
    session: Session | undefined,
    recorder: ExchangeRecorder,
    signal?: AbortSignal,
  ): Outcome {
    if (signal?.aborted === true) throw this.#aborted();
    const refused = unreachable(error, this.url);
    if (refused !== undefined) throw refused;
    const fault = faultOf(error, this.#settings.deadlineMs);
    if (fault === undefined) throw error;
    let tls = session?.tls;
    if (error instanceof DtlsError && error.facts !== undefined) {
      tls = tlsFacts(error.facts);
      recorder.tls(tls);
    }
    return { tls, fault, coap: error instanceof CoapError ? coapFactsOfFailure(error) : undefined };
  }

  async #drop(device: Device): Promise<void> {
    const { session } = device;
    device.session = undefined;
    await session?.close();
  }

  #deviceOf(name: string): Device {
    const known = this.#devices.get(name);
    if (known !== undefined) return known;
    const made: Device = { session: undefined, turn: Promise.resolve() };
    this.#devices.set(name, made);
    return made;
  }

  #aborted(): TransportError {
    return new TransportError('aborted', 'The exchange with the eIM was given up', { place: this.url });
  }
}

function observationOf(
  { tls, response, coap, fault }: Outcome,
  settings: Settings,
  recorder: ExchangeRecorder,
): EimObservation {
  const data = response !== undefined && isSuccess(response.code) ? response.payload : new Uint8Array(0);
  return {
    data,
    facts: { ...(tls === undefined ? {} : { tls }), ...(coap === undefined ? {} : { coap }) },
    ...(fault === undefined ? {} : { fault }),
    findings: response === undefined ? [] : findingsOf(response, settings.contentFormat),
    events: recorder.events,
  };
}
