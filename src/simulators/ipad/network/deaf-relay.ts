/** The seeded defect of a DTLS client that passes over HelloVerifyRequest: they are lost on the way to it. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Place } from './place.js';

const HANDSHAKE = 22;
const HELLO_VERIFY_REQUEST = 3;
/** Of a record, before its handshake message (RFC 6347 4.1). */
const RECORD_HEADER = 13;

export interface Relay {
  /** The relay in the server's place. */
  readonly place: Place;
  close(): void;
}

/** Between one client on this machine and the server. */
export async function deafRelay(place: Place): Promise<Relay> {
  const client = createSocket('udp4');
  const server = createSocket('udp4');
  let port = 0;
  // What can not be sent is lost, as on any network.
  for (const socket of [client, server]) socket.on('error', () => undefined);
  client.on('message', (datagram, from) => {
    port = from.port;
    server.send(datagram, place.port, place.host);
  });
  server.on('message', (datagram) => {
    const passedOver = datagram[0] === HANDSHAKE && datagram[RECORD_HEADER] === HELLO_VERIFY_REQUEST;
    if (!passedOver && port !== 0) client.send(datagram, port, '127.0.0.1');
  });
  client.bind(0, '127.0.0.1');
  await once(client, 'listening');
  return {
    place: { ...place, host: '127.0.0.1', port: client.address().port },
    close() {
      client.close();
      server.close();
    },
  };
}
