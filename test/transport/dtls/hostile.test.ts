import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DtlsServer } from '../../../src/transport/dtls/index.js';
import {
  ask,
  client,
  clientHello,
  cookieOf,
  echoServer,
  handshake,
  HOST,
  nextDatagram,
  PSK,
  record,
  sharedEchoServer,
  udpSocket,
} from './support.js';

const shared = sharedEchoServer();

/** When this resolves, the server has taken all that was sent before. */
async function flush(server: DtlsServer): Promise<void> {
  await greet(await udpSocket(), server.port);
}

describe('a ClientHello', () => {
  it('without a cookie is answered, and nothing is kept of it', async () => {
    const socket = await udpSocket();
    const random = randomBytes(32);
    for (let count = 0; count < 3; count++) {
      const answer = nextDatagram(socket);
      socket.send(clientHello(random), shared().port, HOST);
      expect(cookieOf(await answer)).toHaveLength(32);
    }
    expect(await shared().stats()).toMatchObject({ established: 0, halfOpen: 0 });
  });

  it('with its cookie begins a handshake; from another port, or with another cookie, it does not', async () => {
    const [owner, thief] = [await udpSocket(), await udpSocket()];
    const random = randomBytes(32);
    const first = nextDatagram(owner);
    owner.send(clientHello(random), shared().port, HOST);
    const cookie = cookieOf(await first);

    const stolen = nextDatagram(thief);
    thief.send(clientHello(random, cookie, 1), shared().port, HOST);
    expect((await stolen)[13]).toBe(3);

    const wrong = nextDatagram(owner);
    owner.send(clientHello(random, Buffer.alloc(32), 1), shared().port, HOST);
    expect((await wrong)[13]).toBe(3);
    expect(await shared().stats()).toMatchObject({ halfOpen: 0 });

    const right = nextDatagram(owner);
    owner.send(clientHello(random, cookie, 1), shared().port, HOST);
    // ServerHello.
    expect((await right)[13]).toBe(2);
    expect(await shared().stats()).toMatchObject({ halfOpen: 1 });
  });

  it('10,000 times from 10,000 ports takes no place and little memory', async () => {
    const server = await echoServer({});
    await flush(server);
    const before = (await server.stats()).memory;
    for (let round = 0; round < 100; round++) {
      const sockets = await Promise.all(Array.from({ length: 100 }, () => openRaw()));
      await Promise.all(sockets.map((socket) => greet(socket, server.port)));
      await Promise.all(sockets.map(closeRaw));
    }
    const after = await server.stats();
    expect(after).toMatchObject({ established: 0, halfOpen: 0 });
    expect(after.memory - before).toBeLessThan(40 << 20);
    expect(await ask(await client(server.port), 'still here')).toBe('still here');
  }, 60_000);
});

describe('sessions that take all places', () => {
  it('give way when they are half-open', async () => {
    const server = await echoServer({ maxSessions: 3, cookies: false });
    for (let count = 0; count < 10; count++) {
      const socket = await udpSocket();
      const answer = nextDatagram(socket);
      socket.send(clientHello(randomBytes(32)), server.port, HOST);
      expect((await answer)[13]).toBe(2);
    }
    expect(await server.stats()).toMatchObject({ established: 0, halfOpen: 3 });
    expect(await ask(await client(server.port), 'a place')).toBe('a place');
  });

  it('keep them when they are in use', async () => {
    const server = await echoServer({ maxSessions: 1 });
    const first = await client(server.port);
    await expect(client(server.port, { handshakeTimeoutMs: 1500 })).rejects.toMatchObject({
      code: 'dtls-timeout',
    });
    expect(await ask(first, 'mine')).toBe('mine');
    await first.close();
    expect(await ask(await client(server.port), 'now me')).toBe('now me');
  });
});

describe('bytes of a stranger', () => {
  it('do the server no harm', async () => {
    const server = await echoServer({});
    const connection = await client(server.port);
    const socket = await udpSocket();
    const hello = clientHello(randomBytes(32));
    const datagrams = fc.sample(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        // Records of every type around anything.
        fc
          .tuple(fc.integer({ min: 20, max: 25 }), fc.uint8Array({ maxLength: 100 }))
          .map(([type, fragment]) => record(type, fragment)),
        // A hello that is cut, or has one byte changed.
        fc.integer({ min: 0, max: hello.length }).map((length) => hello.subarray(0, length)),
        fc.tuple(fc.nat({ max: hello.length - 1 }), fc.integer({ min: 0, max: 255 })).map(([at, value]) => {
          const changed = Buffer.from(hello);
          changed[at] = value;
          return changed;
        }),
      ),
      3000,
    );
    for (const [index, datagram] of datagrams.entries()) {
      await sendRaw(socket, datagram, server.port);
      // The kernel would drop what the server has no time for.
      if (index % 100 === 0) await flush(server);
    }
    await sendRaw(socket, Buffer.alloc(60_000, 22), server.port);
    await flush(server);
    expect(await server.stats()).toMatchObject({ established: 1, halfOpen: 0 });
    expect(await ask(connection, 'unharmed')).toBe('unharmed');
  });

  it('in the middle of a handshake end at most that handshake', async () => {
    const server = await echoServer({});
    const bodies = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), 100);
    for (const [index, body] of bodies.entries()) {
      const socket = await halfOpen(server.port);
      // ClientKeyExchange whole, or with a header that lies; behind it ChangeCipherSpec, an alert or a message.
      const whole = handshake(16, 2, body);
      const lying = record(22, Buffer.concat([Buffer.from([16, 0, 0, body.length, 0, 2]), body]), 2);
      await sendRaw(socket, index % 2 === 0 ? whole : lying, server.port);
      await sendRaw(socket, record(20 + (index % 3), body, 3), server.port);
    }
    await flush(server);
    expect((await server.stats()).established).toBe(0);
    expect(await ask(await client(server.port), 'unharmed')).toBe('unharmed');
  });

  it.each([
    ['no UTF-8', 'fffe80'],
    ['nothing', ''],
    ['a NUL', '00'],
    ['129 bytes', '61'.repeat(129)],
    ['2000 bytes', '61'.repeat(2000)],
  ])('as a PSK identity (%s) are an unknown one, or none', async (_what, identity) => {
    const server = await echoServer({ credentials: { psk: PSK } });
    const socket = await halfOpen(server.port, 'c0a8');
    const bytes = Buffer.from(identity, 'hex');
    const alert = new Promise<Buffer>((resolve) => {
      socket.on('message', (datagram) => {
        if (datagram[0] === 21) resolve(datagram);
      });
    });
    const length = Buffer.from([bytes.length >> 8, bytes.length & 255]);
    socket.send(handshake(16, 2, Buffer.concat([length, bytes])), server.port, HOST);
    // decode_error, handshake_failure, unknown_psk_identity.
    expect([50, 40, 115]).toContain((await alert).at(-1));
    expect(await server.stats()).toMatchObject({ established: 0, halfOpen: 0 });
  });

  it('injected into a session are dropped', async () => {
    const relay = await udpSocket();
    let clientPort = 0;
    let inject = false;
    relay.on('message', (datagram, { port }) => {
      const fromServer = port === shared().port;
      if (!fromServer) clientPort = port;
      const to = fromServer ? clientPort : shared().port;
      if (inject) {
        const forged = Buffer.from(datagram);
        forged[forged.length - 1]! ^= 1;
        // The very next sequence number, so that no replay window hides it.
        forged.writeUIntBE(forged.readUIntBE(5, 6) + 1, 5, 6);
        for (const bytes of [
          forged,
          datagram.subarray(0, 20),
          record(21, Buffer.from([2, 80])),
          randomBytes(500),
        ]) {
          relay.send(bytes, to, HOST);
        }
      }
      relay.send(datagram, to, HOST);
    });
    const connection = await client(relay.address().port);
    await ask(connection, 'clean');
    inject = true;
    expect(await ask(connection, 'among forgeries')).toBe('among forgeries');
    expect(await ask(connection, 'and again')).toBe('and again');
  });

  it('do a client no harm', async () => {
    const answers = fc.sample(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .tuple(fc.constantFrom(2, 3, 11, 12, 13, 14, 20), fc.uint8Array({ maxLength: 120 }))
          .map(([type, body]) =>
            record(
              22,
              Buffer.concat([Buffer.from([type, 0, 0, body.length, 0, 0, 0, 0, 0, 0, 0, body.length]), body]),
            ),
          ),
      ),
      60,
    );
    const peer = await udpSocket();
    let answer: Uint8Array = new Uint8Array();
    peer.on('message', (_hello, { port }) => peer.send(answer, port, HOST));
    for (answer of answers) {
      await expect(
        client(peer.address().port, { handshakeTimeoutMs: 50, trust: { none: true } }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^dtls-(handshake|timeout)$/) as string });
    }
    expect(await ask(await client(shared().port), 'unharmed')).toBe('unharmed');
  });
});

describe('a client that starts again from its port', () => {
  it('gets a new session, and the old one ends', async () => {
    const relay = await udpSocket();
    // Both clients reach the server from the relay's port.
    let clientPort = 0;
    relay.on('message', (datagram, { port }) => {
      const fromServer = port === shared().port;
      if (!fromServer) clientPort = port;
      relay.send(datagram, fromServer ? clientPort : shared().port, HOST);
    });
    await ask(await client(relay.address().port), 'first');
    const old = shared().sessions.at(-1)!;
    const end = new Promise((resolve) => old.onClose(resolve));
    expect(await ask(await client(relay.address().port), 'second')).toBe('second');
    expect(await end).toMatchObject({ code: 'dtls-closed' });
    expect(shared().sessions.at(-1)!.remote).toEqual(old.remote);
  });
});

/** A client that has its ServerHello, and stops there. */
async function halfOpen(port: number, suite?: string): Promise<Socket> {
  const socket = await udpSocket();
  const random = randomBytes(32);
  const first = nextDatagram(socket);
  socket.send(clientHello(random, new Uint8Array(), 0, suite), port, HOST);
  const cookie = cookieOf(await first);
  const second = nextDatagram(socket);
  socket.send(clientHello(random, cookie, 1, suite), port, HOST);
  expect((await second)[13]).toBe(2);
  return socket;
}

async function openRaw(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
  return socket;
}

/** A hello, and the HelloVerifyRequest that comes back; sent again when the kernel dropped it. */
async function greet(socket: Socket, port: number): Promise<void> {
  const answer = nextDatagram(socket);
  const hello = clientHello(randomBytes(32));
  const timer = setInterval(() => socket.send(hello, port, HOST), 500);
  socket.send(hello, port, HOST);
  expect((await answer)[13]).toBe(3);
  clearInterval(timer);
}

function closeRaw(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', resolve);
    socket.close();
  });
}

/** Whole in the kernel when it resolves. */
function sendRaw(socket: Socket, datagram: Uint8Array, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(datagram, port, HOST, (error) => (error === null ? resolve() : reject(error)));
  });
}
