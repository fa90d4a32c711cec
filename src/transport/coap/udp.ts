/** CoAP without DTLS: plain UDP, for tests and for what a peer does with it. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { lookup } from 'node:dns/promises';
import type { DatagramChannel } from './channel.js';

export interface UdpServer {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Peers of one server; the one that was silent longest goes first. */
const MAX_PEERS = 1000;

/**
 * A socket of its own, connected: datagrams of others are not seen, and a port that nobody listens on ends the
 * channel with the error `ECONNREFUSED` after the first datagram.
 * @throws the system's error when the name or the route does not exist.
 */
export async function connectUdp(host: string, port: number): Promise<DatagramChannel> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  const channel = new PeerChannel(
    (data) => sendOn(socket, data),
    () => closeSocket(socket),
  );
  socket.on('message', (data) => channel.receive(Uint8Array.from(data)));
  socket.on('error', (error) => void channel.end(error));
  return channel;
}

/**
 * One channel for each address and port that sends something.
 * @param port 0: any that is free.
 */
export async function serveUdp(
  host: string,
  port: number,
  onPeer: (channel: DatagramChannel) => void,
): Promise<UdpServer> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const peers = new Map<string, PeerChannel>();
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('message', (data, from) => {
    const key = `${from.address} ${from.port}`;
    let channel = peers.get(key);
    peers.delete(key);
    if (channel === undefined) {
      channel = new PeerChannel(
        (bytes) => sendOn(socket, bytes, { port: from.port, address: from.address }),
        async () => void peers.delete(key),
      );
      onPeer(channel);
    }
    peers.set(key, channel);
    if (peers.size > MAX_PEERS) void [...peers.values()][0]?.close();
    channel.receive(Uint8Array.from(data));
  });
  // An ICMP error is about one peer only; the others go on.
  socket.on('error', () => undefined);
  const bound = socket.address();
  return {
    address: bound.address,
    port: bound.port,
    async close() {
      await Promise.all([...peers.values()].map((channel) => channel.close()));
      await closeSocket(socket);
    },
  };
}

class PeerChannel implements DatagramChannel {
  #onMessage: ((data: Uint8Array) => void)[] = [];
  #onClose: ((error?: Error) => void)[] = [];
  #closed = false;
  readonly #send: (data: Uint8Array) => Promise<void>;
  readonly #close: () => Promise<void>;

  constructor(send: (data: Uint8Array) => Promise<void>, close: () => Promise<void>) {
    this.#send = send;
    this.#close = close;
  }

  async send(data: Uint8Array): Promise<void> {
    if (!this.#closed) await this.#send(data);
  }

  onMessage(callback: (data: Uint8Array) => void): void {
    this.#onMessage.push(callback);
  }

  onClose(callback: (error?: Error) => void): void {
    this.#onClose.push(callback);
  }

  close(): Promise<void> {
    return this.end();
  }

  receive(data: Uint8Array): void {
    if (!this.#closed) for (const callback of this.#onMessage) callback(data);
  }

  async end(error?: Error): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const callback of this.#onClose) callback(error);
    await this.#close();
  }
}

function sendOn(socket: Socket, data: Uint8Array, to?: { port: number; address: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
    if (to === undefined) socket.send(data, done);
    else socket.send(data, to.port, to.address, done);
  });
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
