/** A listener, and clients of node's own at the other end. */
import { request as httpsRequest, Agent, type RequestOptions } from 'node:https';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, onTestFinished } from 'vitest';
import { listenEsipa, type EsipaListenerOptions } from '../../../drivers/esipa-listener/index.js';
import type { EsipaArrival, EsipaListener, ListenerArrival } from '../../../drivers/ipad-contract.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { certificatePem } from '../../../src/protocol/pki/pem.js';

export const NAME = 'eim.example.com';
export const PKI = loadPkiFolder();
export const CI = certificatePem(PKI.certificate('CI_ECDSA_NIST').der);
export const CI_BRP = certificatePem(PKI.certificate('CI_ECDSA_BRP').der);

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex').toUpperCase();

export const GET_EIM_PACKAGE = bytes('BF4F125A1089044045930000000000001492294428');
export const NO_PACKAGE = bytes('BF4F03020101');
export const ASN1 = {
  'Content-Type': 'application/x-gsma-rsp-asn1',
  'X-Admin-Protocol': 'gsma/rsp/v2.1.0',
  'User-Agent': 'gsma-rsp-ipad',
} as const;

/** Long enough for a machine that has other things to do. */
export const DEADLINE = 15_000;

export async function open(options: Partial<EsipaListenerOptions> = {}): Promise<EsipaListener> {
  const listener = await listenEsipa({
    transport: 'https',
    serverName: NAME,
    pki: PKI,
    sgp32Version: '1.2',
    ...options,
  });
  onTestFinished(() => listener.close());
  return listener;
}

export const portOf = (listener: EsipaListener): number => Number(listener.address.split(':').at(-1));

/** The next arrival of that kind; what comes before it must be of the kinds in `passing`. */
export async function arrival<K extends ListenerArrival['kind']>(
  listener: EsipaListener,
  kind: K,
  passing: readonly ListenerArrival['kind'][] = ['session', 'closed'],
): Promise<ListenerArrival & { kind: K }> {
  for (;;) {
    const next = await listener.next(DEADLINE);
    if (next === undefined) throw new Error(`no ${kind} came`);
    if (next.kind === kind) return next as ListenerArrival & { kind: K };
    if (!passing.includes(next.kind))
      throw new Error(`${next.kind} in place of ${kind}: ${JSON.stringify(next.facts)}`);
  }
}

export const message = (listener: EsipaListener): Promise<EsipaArrival> => arrival(listener, 'message');

/**
 * A device that polls gets its answer, however many arrivals of others wait before its own.
 * @param poll sends {@link GET_EIM_PACKAGE}; resolves with the body of the answer.
 */
export async function answers(listener: EsipaListener, poll: () => Promise<Uint8Array>): Promise<void> {
  await listener.clear();
  const answer = poll();
  let next: ListenerArrival | undefined;
  do next = await listener.next(DEADLINE);
  while (next !== undefined && next.kind !== 'message');
  if (next === undefined) throw new Error('no message came');
  expect(hex(next.data)).toBe(hex(GET_EIM_PACKAGE));
  await next.reply({ message: NO_PACKAGE });
  expect(hex(await answer)).toBe(hex(NO_PACKAGE));
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly trailingError: string | undefined;
}

export interface Post extends Omit<RequestOptions, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** An HTTPS request of node; without `agent` on a connection of its own. */
export function post(listener: EsipaListener, options: Post = {}): Promise<Answer> {
  const { body = GET_EIM_PACKAGE, headers = ASN1, ...others } = options;
  return new Promise((resolve, reject) => {
    let answered: ((trailingError?: string) => void) | undefined;
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: portOf(listener),
        servername: NAME,
        ca: CI,
        method: 'POST',
        path: '/gsma/rsp2/asn1',
        agent: false,
        ...others,
        headers: {
          Host: `${NAME}:${portOf(listener)}`,
          'Content-Length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        answered = (trailingError) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body: Buffer.concat(parts),
            trailingError,
          });
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => answered?.());
        response.on('error', (error: NodeJS.ErrnoException) => answered?.(error.code));
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) =>
      answered === undefined ? reject(error) : answered(error.code),
    );
    request.end(body);
  });
}

export function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

/** A TLS session by hand. */
export async function session(listener: EsipaListener, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = dial(listener, options);
  await once(socket, 'secureConnect');
  return socket;
}

/** The same, without waiting for anything. */
export function dial(listener: EsipaListener, options: ConnectionOptions = {}): TLSSocket {
  const socket = connect({ host: '127.0.0.1', port: portOf(listener), servername: NAME, ca: CI, ...options });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Its end, with or without an error. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) return resolve();
    socket.once('close', () => resolve());
  });
}

/** TCP, and nothing above it. */
export function rawDial(listener: EsipaListener): Socket {
  const socket = connectTcp({ host: '127.0.0.1', port: portOf(listener) });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** The record with which node's client begins. */
export function clientHello(options: ConnectionOptions = {}): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer) => resolve(chunk),
    });
    connect({ servername: NAME, ...options, socket }).on('error', () => undefined);
  });
}
