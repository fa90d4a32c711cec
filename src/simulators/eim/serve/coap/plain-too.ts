/**
 * A UDP port that answers plain CoAP beside DTLS: a seeded defect. DTLS records begin with 20 to 63, CoAP messages of
 * version 1 with 64 to 127 (RFC 7983); the former go on to the DTLS server behind, each peer by a socket of its own.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { DatagramChannel } from '../../../../transport/coap/index.js';

const FIRST_OF_COAP = 64;
const LAST_OF_COAP = 127;

export interface PlainToo {
  readonly port: number;
  close(): Promise<void>;
}

/** @param behind the port of the DTLS server on the same host. */
export async function servePlainToo(
  at: { readonly host: string; readonly port: number },
  behind: number,
  onPeer: (channel: DatagramChannel) => void,
): Promise<PlainToo> {
  const front = createSocket(at.host.includes(':') ? 'udp6' : 'udp4');
  const relays = new Map<string, Socket>();
  const channels = new Map<string, PlainChannel>();
  front.on('message', (bytes, peer) => {
    const first = bytes[0] ?? 0;
    const key = `${peer.address} ${String(peer.port)}`;
    if (first < FIRST_OF_COAP || first > LAST_OF_COAP) {
      relayFor(key, peer).send(bytes, behind, at.host);
      return;
    }
    let channel = channels.get(key);
    if (channel === undefined) {
      channel = new PlainChannel(front, peer);
      channels.set(key, channel);
      onPeer(channel);
    }
    channel.deliver(new Uint8Array(bytes));
  });
  front.bind(at.port, at.host);
  await once(front, 'listening');

  function relayFor(key: string, peer: RemoteInfo): Socket {
    const known = relays.get(key);
    if (known !== undefined) return known;
    const relay = createSocket(peer.family === 'IPv6' ? 'udp6' : 'udp4');
    relay.on('message', (bytes) => front.send(bytes, peer.port, peer.address));
    relays.set(key, relay);
    return relay;
  }

  return {
    port: front.address().port,
    async close() {
      for (const relay of relays.values()) relay.close();
      for (const channel of channels.values()) await channel.close();
      front.close();
      await once(front, 'close');
    },
  };
}

class PlainChannel implements DatagramChannel {
  #onMessage: (bytes: Uint8Array) => void = () => undefined;
  #onClose: () => void = () => undefined;

  constructor(
    private readonly socket: Socket,
    private readonly peer: RemoteInfo,
  ) {}

  deliver(bytes: Uint8Array): void {
    this.#onMessage(bytes);
  }

  async send(bytes: Uint8Array): Promise<void> {
    this.socket.send(bytes, this.peer.port, this.peer.address);
  }

  onMessage(callback: (bytes: Uint8Array) => void): void {
    this.#onMessage = callback;
  }

  onClose(callback: () => void): void {
    this.#onClose = callback;
  }

  async close(): Promise<void> {
    this.#onClose();
  }
}
