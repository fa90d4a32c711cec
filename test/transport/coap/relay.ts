/** A UDP relay on the loopback that keeps what passes, and writes it as a capture file. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';

export interface Relay {
  readonly port: number;
  /** Both ways, in order. */
  readonly datagrams: readonly { readonly toServer: boolean; readonly bytes: Uint8Array }[];
  close(): Promise<void>;
}

/** One client at a time, one server. */
export async function relayTo(serverPort: number): Promise<Relay> {
  const [front, back] = [createSocket('udp4'), createSocket('udp4')];
  front.bind(0, '127.0.0.1');
  back.connect(serverPort, '127.0.0.1');
  await Promise.all([once(front, 'listening'), once(back, 'connect')]);
  const datagrams: { toServer: boolean; bytes: Uint8Array }[] = [];
  let client: { port: number; address: string } | undefined;
  front.on('message', (bytes, from) => {
    client = from;
    datagrams.push({ toServer: true, bytes: Uint8Array.from(bytes) });
    back.send(bytes);
  });
  back.on('message', (bytes) => {
    datagrams.push({ toServer: false, bytes: Uint8Array.from(bytes) });
    if (client !== undefined) front.send(bytes, client.port, client.address);
  });
  const close = (socket: Socket): Promise<void> => new Promise((resolve) => socket.close(() => resolve()));
  return {
    port: front.address().port,
    datagrams,
    close: async () => void (await Promise.all([close(front), close(back)])),
  };
}

/** Writes a pcap file of raw IPv4 packets; the server gets the port given, by which programs know the protocol. */
export function writeCapture(file: string, datagrams: Relay['datagrams'], serverPort: number): void {
  const LINKTYPE_RAW = 101;
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0xffff, 16);
  header.writeUInt32LE(LINKTYPE_RAW, 20);
  const records = datagrams.map(({ toServer, bytes }, index) => {
    const packet = packetOf(bytes, toServer, serverPort);
    const head = Buffer.alloc(16);
    head.writeUInt32LE(1_700_000_000, 0);
    head.writeUInt32LE(index * 1000, 4);
    head.writeUInt32LE(packet.length, 8);
    head.writeUInt32LE(packet.length, 12);
    return Buffer.concat([head, packet]);
  });
  writeFileSync(file, Buffer.concat([header, ...records]));
}

/** IPv4 and UDP headers without checksums. */
function packetOf(bytes: Uint8Array, toServer: boolean, serverPort: number): Buffer {
  const head = Buffer.alloc(28);
  head[0] = 0x45;
  head.writeUInt16BE(28 + bytes.length, 2);
  head[8] = 64;
  head[9] = 17;
  const [client, server] = [Buffer.from([127, 0, 0, 2]), Buffer.from([127, 0, 0, 1])];
  (toServer ? client : server).copy(head, 12);
  (toServer ? server : client).copy(head, 16);
  head.writeUInt16BE(toServer ? 40_000 : serverPort, 20);
  head.writeUInt16BE(toServer ? serverPort : 40_000, 22);
  head.writeUInt16BE(8 + bytes.length, 24);
  return Buffer.concat([head, bytes]);
}
