/** An eIM made of a CoAP server on DTLS, and ways to spoil it. */
import { onTestFinished } from 'vitest';
import { createCoapChannel, type CoapChannelOptions } from '../../../drivers/eim-coap/index.js';
import type { EsipaChannel } from '../../../drivers/eim-contract.js';
import {
  CoapServer,
  serveUdp,
  type CoapHandler,
  type CoapServerOptions,
  type DatagramChannel,
} from '../../../src/transport/coap/index.js';
import { serveDtls, type DtlsServerOptions } from '../../../src/transport/dtls/index.js';
import { CI, EIM_TLS, HOST } from '../../transport/dtls/support.js';

/** DER of a GetEimPackageRequest, and something that could be its answer. */
export const REQUEST = Uint8Array.from(Buffer.from('bf4f125a1089049032123451234512345678901235', 'hex'));
export const ANSWER = Uint8Array.from(Buffer.from('bf4f03020101', 'hex'));

export const answering =
  (payload: Uint8Array = ANSWER): CoapHandler =>
  async () => ({ code: '2.04', contentFormat: 42, payload });

/** A server on DTLS for one test. @param serve what happens on each session. @returns its port. */
export async function dtlsServer(
  serve: (channel: DatagramChannel) => void,
  options: Partial<DtlsServerOptions> = {},
): Promise<number> {
  const server = await serveDtls({ host: HOST, port: 0, credentials: EIM_TLS, ...options }, serve);
  onTestFinished(() => server.close());
  return server.port;
}

export function eim(
  handler: CoapHandler = answering(),
  options: CoapServerOptions = {},
  dtls: Partial<DtlsServerOptions> = {},
): Promise<number> {
  return dtlsServer((channel) => void new CoapServer(channel, handler, options), dtls);
}

/** The same on plain UDP. */
export async function plainServer(serve: (channel: DatagramChannel) => void): Promise<number> {
  const server = await serveUdp(HOST, 0, serve);
  onTestFinished(() => server.close());
  return server.port;
}

/** A channel that trusts the test CI. */
export function channelTo(port: number, options: Partial<CoapChannelOptions> = {}): EsipaChannel {
  const scheme = options.plain === true ? 'coap' : 'coaps';
  const channel = createCoapChannel({
    url: `${scheme}://${HOST}:${port}`,
    servername: 'eim.example.com',
    trust: { ca: CI },
    deadlineMs: 10_000,
    ...options,
  });
  onTestFinished(() => channel.close());
  return channel;
}
