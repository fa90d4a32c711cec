/** A listener over CoAP, and clients of our own at the other end. */
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { EsipaListener } from '../../../drivers/ipad-contract.js';
import { CoapClient, type CoapRequest, type CoapResponse } from '../../../src/transport/coap/index.js';
import {
  connectDtls,
  type DtlsClientOptions,
  type DtlsConnection,
} from '../../../src/transport/dtls/index.js';
import { listenEsipa, type EsipaListenerOptions } from '../../../drivers/esipa-listener/index.js';
import { CI, GET_EIM_PACKAGE, NAME, PKI, portOf } from './support.js';

export const COAP = { transport: 'coap', serverName: NAME, pki: PKI, sgp32Version: '1.2' } as const;
/** So that a lost datagram is sent again at once. */
export const FAST = { ackTimeoutMs: 100, ackRandomFactor: 1, maxRetransmit: 3 };

/** One listener for all tests of a file: starting one takes a process. Each test finds it as new. */
export function sharedListener(options: Partial<EsipaListenerOptions> = {}): () => Promise<EsipaListener> {
  let listener: EsipaListener | undefined;
  beforeAll(async () => {
    listener = await listenEsipa({ ...COAP, ...options });
  });
  afterAll(() => listener?.close());
  return async () => {
    await listener!.present({});
    await listener!.clear();
    return listener!;
  };
}

export async function dtls(
  listener: EsipaListener,
  options: Partial<DtlsClientOptions> = {},
): Promise<DtlsConnection> {
  const connection = await connectDtls({
    host: '127.0.0.1',
    port: portOf(listener),
    servername: NAME,
    trust: { ca: CI },
    ...options,
  });
  onTestFinished(() => connection.close());
  return connection;
}

export async function coapClient(listener: EsipaListener): Promise<CoapClient> {
  return new CoapClient(await dtls(listener), FAST);
}

export const ask = (client: CoapClient, request: Partial<CoapRequest> = {}): Promise<CoapResponse> =>
  client.request({
    code: '0.02',
    path: 'gsma/rsp2/asn1',
    contentFormat: 42,
    payload: GET_EIM_PACKAGE,
    ...request,
  });
