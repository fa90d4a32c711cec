/** ESipa as function calls: the bytes that would be the body of a request, and those of its answer. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError, type TraceEvent } from '../contract.js';
import type { EimObservation, EsipaChannel, EsipaRequest } from '../eim-contract.js';

/**
 * @param connection stands for the connection over which the message came.
 * @returns undefined where the function has no answer (HandleNotification).
 * @throws {Sgp33Error} `esipa-*` for what is no ESipa message.
 */
export type EsipaFunction = (message: Uint8Array, connection: object) => Promise<Uint8Array | undefined>;

/** Each device has a connection of its own. What a request says about HTTP, CoAP or TLS is refused: there is none. */
export function createInProcessChannel(esipa: EsipaFunction): EsipaChannel {
  const start = performance.now();
  const connections = new Map<string, object>();
  const connectionOf = (device: string, fresh: boolean): object => {
    const known = fresh ? undefined : connections.get(device);
    const connection = known ?? {};
    connections.set(device, connection);
    return connection;
  };
  return {
    transport: 'in-process',
    binding: 'asn1',
    url: 'in-process:',
    async exchange(request, signal): Promise<EimObservation> {
      if (signal?.aborted === true) throw new TransportError('aborted', 'the exchange was aborted');
      const { device, fresh = false } = request;
      const body = bodyOf(request);
      const events: TraceEvent[] = [];
      try {
        const answer = await esipa(body, connectionOf(device, fresh));
        return { data: answer ?? new Uint8Array(0), facts: {}, findings: [], events };
      } catch (error) {
        if (!(error instanceof Sgp33Error) || !error.code.startsWith('esipa-')) throw error;
        // What a listener would answer with an error of HTTP or CoAP.
        events.push({ at: performance.now() - start, kind: 'note', text: `refused: ${error.message}` });
        return { data: new Uint8Array(0), facts: {}, findings: [], events };
      }
    },
    async close(device) {
      if (device === undefined) connections.clear();
      else connections.delete(device);
    },
  };
}

/** @throws {Sgp33Error} `no-transport`. */
function bodyOf(request: EsipaRequest): Uint8Array {
  const { http, coap, tls, handshakeOnly } = request;
  const body = request.body ?? request.message;
  if (
    body !== undefined &&
    http === undefined &&
    coap === undefined &&
    tls === undefined &&
    handshakeOnly !== true
  )
    return body;
  throw new Sgp33Error('no-transport', 'the eIM in this process is reached without a transport', {
    expected: 'an ESipa message, without http, coap, tls or handshake',
  });
}
