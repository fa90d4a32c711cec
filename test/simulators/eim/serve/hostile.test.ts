/** Clients that mean no good: each ends, and the listener serves others meanwhile. */
import { connect, type TLSSocket } from 'node:tls';
import { connect as connectPlain, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { ask, atEnd, CA, openEsipa } from './support.js';

const QUICK = { bodyMs: 400, headerMs: 400, idleMs: 400, bodyBytes: 4096, headerBytes: 4096 };

function tls(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: CA, servername: 'eim.example.com' }, () =>
      resolve(socket),
    );
    socket.on('error', reject);
    atEnd(() => void socket.destroy());
  });
}

/** What came until the other side ended. */
function untilEnd(socket: Socket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (part: Buffer) => (text += part.toString()));
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(text));
  });
}

const HEAD =
  'POST /gsma/rsp2/asn1 HTTP/1.1\r\nHost: eim.example.com\r\nContent-Type: application/x-gsma-rsp-asn1\r\n' +
  'X-Admin-Protocol: gsma/rsp/v2.1.0\r\n';

it('a body that does not come ends with 408', async () => {
  const { port, eim } = await openEsipa({ limits: QUICK });
  const socket = await tls(port);
  socket.write(`${HEAD}Content-Length: 100\r\n\r\nabc`);
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1.1 408 /);
  expect(eim.asked).toEqual([]);
  expect((await ask({ port })).status).toBe(200);
});

it('a header that does not end is cut off', async () => {
  const { port } = await openEsipa({ limits: QUICK });
  const socket = await tls(port);
  socket.write(HEAD);
  expect(await untilEnd(socket)).toMatch(/^(HTTP\/1.1 408 |$)/);
  expect((await ask({ port })).status).toBe(200);
});

it('endless headers end with 431', async () => {
  const { port } = await openEsipa({ limits: QUICK });
  const socket = await tls(port);
  socket.write(HEAD);
  const more = setInterval(() => socket.write(`X-More: ${'a'.repeat(1000)}\r\n`), 1);
  atEnd(() => clearInterval(more));
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1.1 431 /);
});

it('a gigabyte is refused by its length, without being read', async () => {
  const { port, eim } = await openEsipa();
  const socket = await tls(port);
  socket.write(`${HEAD}Content-Length: ${1 << 30}\r\n\r\n`);
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1.1 413 .*Connection: close/s);
  expect(eim.asked).toEqual([]);
});

it('a gigabyte in chunks is cut off after the limit', async () => {
  const { port } = await openEsipa({ limits: QUICK });
  const socket = await tls(port);
  socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000), Buffer.from('\r\n')]);
  let sent = 0;
  const pump = (): void => {
    while (sent < 1 << 30 && socket.writable) {
      sent += chunk.length;
      if (!socket.write(chunk)) return void socket.once('drain', pump);
    }
  };
  pump();
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1.1 413 /);
  // The limit, what is drained to let the client read the answer, and what lies in buffers.
  expect(sent).toBeLessThan(64 << 20);
  expect((await ask({ port })).status).toBe(200);
});

it('a client that asks first is told before it sends', async () => {
  const { port } = await openEsipa({ limits: QUICK });
  const socket = await tls(port);
  socket.write(`${HEAD}Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n`);
  const text = await untilEnd(socket);
  expect(text).toMatch(/^HTTP\/1.1 413 /);
});

it.each([
  ['nothing', ''],
  ['half a ClientHello', '\x16\x03\x01\x02\x00\x01'],
])('a connection with %s before TLS ends by itself', async (_, bytes) => {
  const { port } = await openEsipa({ limits: QUICK });
  const socket = connectPlain(port, '127.0.0.1');
  atEnd(() => void socket.destroy());
  socket.write(Buffer.from(bytes, 'latin1'));
  expect(await untilEnd(socket)).toBe('');
});

it('a TLS session without a request ends by itself', async () => {
  const { port } = await openEsipa({ limits: QUICK });
  const socket = await tls(port);
  expect(await untilEnd(socket)).toMatch(/^(HTTP\/1.1 408 |$)/);
});

it('plain HTTP gets no HTTP', async () => {
  const { port } = await openEsipa();
  const socket = connectPlain(port, '127.0.0.1');
  atEnd(() => void socket.destroy());
  socket.write(`${HEAD}Content-Length: 0\r\n\r\n`);
  expect(await untilEnd(socket)).not.toMatch(/HTTP\/1/);
});

it('garbage in place of HTTP ends with 400', async () => {
  const { port } = await openEsipa();
  const socket = await tls(port);
  socket.write('\x00\x01\x02 nonsense\r\n\r\n');
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1.1 400 /);
});

it('more connections than allowed are closed', async () => {
  const { port } = await openEsipa({ limits: { connections: 1 } });
  const first = await tls(port);
  await expect(tls(port)).rejects.toThrow();
  first.destroy();
});

it('clients that reset in the middle leave it standing', async () => {
  const { port } = await openEsipa();
  for (const part of [HEAD, `${HEAD}Content-Length: 10\r\n\r\nab`]) {
    const raw = connectPlain(port, '127.0.0.1');
    const socket = connect({ socket: raw, ca: CA, servername: 'eim.example.com' });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.write(part, resolve));
    raw.resetAndDestroy();
  }
  expect((await ask({ port })).status).toBe(200);
});
