/** One port for TLS and for plain HTTP, told apart by the first byte. A good eIM has no use for it. */
import { createServer, type Server, type Socket } from 'node:net';

/** First byte of a TLS record that opens a handshake (RFC 8446 5.1). */
const HANDSHAKE = 22;

export function sniff(secure: Server, plain: Server): Server {
  const front = createServer((socket: Socket) => {
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      (first[0] === HANDSHAKE ? secure : plain).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  front.once('close', () => {
    secure.emit('close');
    plain.emit('close');
  });
  return front;
}
