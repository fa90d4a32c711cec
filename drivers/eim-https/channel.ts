/** ESipa over HTTPS, in the ASN.1 and in the JSON binding (SGP.32 6.1, 6.3, 6.4). */
import { TransportError } from '../contract.js';
import type { EimObservation, EsipaChannel, EsipaRequest, FactMap } from '../eim-contract.js';
import { callOf } from './call.js';
import { DeviceConnections, type DeviceOutcome } from './device.js';
import { meaningOf } from './interpret.js';
import { settingsOf, type HttpsChannelOptions, type Settings } from './options.js';
import { ExchangeRecorder } from './recorder.js';
import { abortedError, startDeadline } from './stop.js';

/**
 * Makes the channel; nothing is sent before `exchange`. Each device has a connection of its own that stays open.
 * @throws {TypeError} when `url` is none.
 */
export function createHttpsChannel(options: HttpsChannelOptions): EsipaChannel {
  return new HttpsChannel(settingsOf(options));
}

class HttpsChannel implements EsipaChannel {
  readonly transport = 'https';
  readonly #settings: Settings;
  readonly #started = performance.now();
  readonly #devices = new Map<string, DeviceConnections>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get binding(): 'asn1' | 'json' {
    return this.#settings.binding;
  }

  get url(): string {
    return this.#settings.url;
  }

  async exchange(request: EsipaRequest, signal?: AbortSignal): Promise<EimObservation> {
    const settings = this.#settings;
    const esipa = request.handshakeOnly === true ? undefined : callOf(request, settings);
    const recorder = new ExchangeRecorder(this.#started, settings.onTrace);
    const device = this.#deviceOf(request.device);
    try {
      const outcome = await device.inTurn(async () => {
        if (signal?.aborted === true) throw abortedError(settings.url);
        const stop = startDeadline(settings.deadlineMs, signal);
        const wanted = {
          call: esipa?.call,
          fresh: request.fresh === true,
          plain: request.http?.plain === true,
          offer: request.tls,
        };
        try {
          return await device.run(wanted, stop, recorder);
        } finally {
          stop.release();
        }
      });
      return observationOf(outcome, esipa?.functionName, settings, recorder);
    } catch (error) {
      if (error instanceof TransportError) error.events ??= recorder.events;
      throw error;
    }
  }

  async close(device?: string): Promise<void> {
    const names = device === undefined ? [...this.#devices.keys()] : [device];
    await Promise.all(
      names.map(async (name) => {
        const connections = this.#devices.get(name);
        this.#devices.delete(name);
        await connections?.close();
      }),
    );
  }

  #deviceOf(name: string): DeviceConnections {
    const known = this.#devices.get(name);
    if (known !== undefined) return known;
    const made = new DeviceConnections(this.#settings);
    this.#devices.set(name, made);
    return made;
  }
}

function observationOf(
  { tls, http, version, connectionRequest, fault }: DeviceOutcome,
  functionName: string | undefined,
  settings: Settings,
  recorder: ExchangeRecorder,
): EimObservation {
  const meaning = http && meaningOf(http, functionName, settings);
  const seen = fault ?? meaning?.fault;
  const facts: FactMap = {
    ...(tls === undefined ? {} : { tls }),
    ...(http?.status === undefined
      ? {}
      : {
          http: {
            version: version ?? '',
            status: String(http.status),
            headers: http.headers,
            bodyLength: String(http.body.length),
            connectionRequest: String(connectionRequest ?? 1),
          },
        }),
    ...(meaning?.json === undefined ? {} : { json: meaning.json }),
  };
  return {
    data: meaning?.data ?? new Uint8Array(0),
    facts,
    ...(seen === undefined ? {} : { fault: seen }),
    findings: meaning?.findings ?? [],
    events: recorder.events,
  };
}
