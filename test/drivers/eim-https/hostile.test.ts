/** Servers that are down, slow, endless or broken: the right fault, in time, with bounded memory. */
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { TransportError } from '../../../drivers/contract.js';
import type { ChannelFault } from '../../../drivers/eim-contract.js';
import type { HttpsChannelOptions } from '../../../drivers/eim-https/index.js';
import { TlsRecords } from '../../../drivers/eim-https/tls-records.js';
import { judgeCertificate } from '../../../src/transport/tls/index.js';
import {
  ASN1_HEADERS,
  CA,
  EIM,
  NAME,
  NO_PACKAGE,
  ask,
  channel,
  cleanUp,
  httpsServer,
  listen,
  onCleanUp,
  tcpServer,
} from './support.js';

afterEach(cleanUp);

const DEADLINE = 400;

/** The fault of one request, which must come within the deadline and a little. */
async function faultOf(port: number, options: Partial<HttpsChannelOptions> = {}): Promise<ChannelFault> {
  const esipa = channel(port, { deadlineMs: DEADLINE, ...options });
  const started = performance.now();
  const observed = await esipa.exchange(ask);
  expect(performance.now() - started).toBeLessThan((options.deadlineMs ?? DEADLINE) + 1500);
  expect(observed.data).toHaveLength(0);
  expect(observed.fault).toBeDefined();
  return observed.fault!;
}

/** A TLS server of bare bytes: `talk` begins once the request came. */
async function tlsTalker(talk: (socket: Socket) => void): Promise<number> {
  const server = createTls({ cert: EIM.cert, key: EIM.key }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => talk(socket));
  });
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

/** Writes pieces for as long as somebody reads, and counts. */
function pour(socket: Duplex, piece: string | Buffer, counter: { bytes: number }): void {
  const more = (): void => {
    while (!socket.destroyed) {
      counter.bytes += piece.length;
      if (!socket.write(piece)) return;
    }
  };
  socket.on('drain', more);
  more();
}

describe('no connection', () => {
  it('refused', async () => {
    const port = await tcpServer(() => undefined);
    await cleanUp();
    const esipa = channel(port);
    const error: unknown = await esipa.exchange(ask).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ code: 'unreachable', actual: 'ECONNREFUSED' });
  });

  it('no such name', async () => {
    const esipa = channel(1, { url: 'https://eim.invalid' });
    await expect(esipa.exchange(ask)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('given up, before and while it runs', async () => {
    const port = await tcpServer(() => undefined);
    const esipa = channel(port);
    await expect(esipa.exchange(ask, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    const controller = new AbortController();
    const server = await tcpServer((socket) => socket.once('data', () => controller.abort()));
    await expect(channel(server).exchange(ask, controller.signal)).rejects.toMatchObject({ code: 'aborted' });
  });

  it('given up in the middle of an answer', async () => {
    const controller = new AbortController();
    const port = await tlsTalker((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n', () => controller.abort());
    });
    const error: unknown = await channel(port)
      .exchange(ask, controller.signal)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'aborted' });
    expect((error as TransportError).events?.map(({ kind }) => kind)).toContain('http-request');
  });
});

describe('in the handshake', () => {
  it('accepts and stays silent', async () => {
    const fault = await faultOf(await tcpServer(() => undefined));
    expect(fault).toMatchObject({ kind: 'timeout', path: 'tls.handshake' });
  });

  it('half-open: reads and has closed its own side', async () => {
    const fault = await faultOf(await tcpServer((socket) => void socket.end()));
    expect(fault).toMatchObject({ kind: 'handshake', path: 'tls.handshake' });
  });

  it('resets', async () => {
    const port = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await faultOf(port)).toMatchObject({ kind: 'handshake' });
  });

  it.each([
    ['garbage', 'SSH-2.0-OpenSSH\r\n', /no TLS: 5353482D/],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', /no TLS: 48545450/],
    ['an alert', '\x15\x03\x03\x00\x02\x02\x28', /^alert handshake_failure$/],
    ['a broken ServerHello', '\x16\x03\x03\x00\x04\x02\x00\x00\x00', /./],
  ])('%s', async (_, text, actual) => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => socket.write(Buffer.from(text, 'latin1')));
    });
    const fault = await faultOf(port);
    expect(fault.kind).toBe('handshake');
    expect(fault.actual).toMatch(actual);
  });

  it('an endless handshake is not kept', async () => {
    const counter = { bytes: 0 };
    const record = Buffer.concat([Buffer.from('160303400002003ffc', 'hex'), Buffer.alloc(16380)]);
    const port = await tcpServer((socket) => socket.once('data', () => pour(socket, record, counter)));
    expect((await faultOf(port)).kind).toMatch(/handshake|timeout/);
    expect(counter.bytes).toBeLessThan(32e6);
  });
});

describe('in HTTP', () => {
  it('silence', async () => {
    const port = await tlsTalker(() => undefined);
    expect(await faultOf(port)).toMatchObject({ kind: 'timeout', path: 'http.headers' });
  });

  it('a body that drips', async () => {
    const port = await tlsTalker((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 20);
      onCleanUp(() => clearInterval(timer));
    });
    const fault = await faultOf(port);
    expect(fault).toMatchObject({ kind: 'timeout', path: 'http.body' });
    expect(fault.actual).toMatch(/^\d+ bytes of the body$/);
  });

  it('headers that drip', async () => {
    const port = await tlsTalker((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('X-A: b\r\n'), 20);
      onCleanUp(() => clearInterval(timer));
    });
    expect(await faultOf(port)).toMatchObject({ kind: 'timeout', path: 'http.headers' });
  });

  it('endless interim answers', async () => {
    const counter = { bytes: 0 };
    const port = await tlsTalker((socket) => {
      pour(socket, 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(100), counter);
    });
    const before = process.memoryUsage().rss;
    expect((await faultOf(port)).kind).toMatch(/timeout|oversized|malformed/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  it.each([
    ['endless headers', 'X-Header: some value\r\n'],
    ['one endless header', 'x'.repeat(1000)],
  ])('%s', async (_, piece) => {
    const counter = { bytes: 0 };
    const port = await tlsTalker((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-A: b');
      if (piece.startsWith('X')) socket.write('\r\n');
      pour(socket, piece.repeat(50), counter);
    });
    expect(await faultOf(port, { deadlineMs: 5000 })).toMatchObject({
      kind: 'oversized',
      path: 'http.headers',
    });
    expect(counter.bytes).toBeLessThan(8e6);
  });

  it('a body of 1 GB, announced', async () => {
    const counter = { bytes: 0 };
    const port = await tlsTalker((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n');
      pour(socket, Buffer.alloc(65536), counter);
    });
    const fault = await faultOf(port, { deadlineMs: 5000 });
    expect(fault).toMatchObject({
      kind: 'oversized',
      path: 'http.body',
      actual: '1073741824 bytes announced',
    });
    expect(counter.bytes).toBeLessThan(32e6);
  });

  it('a body without end', async () => {
    const counter = { bytes: 0 };
    const port = await tlsTalker((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65536), Buffer.from('\r\n')]);
      pour(socket, chunk, counter);
    });
    const before = process.memoryUsage().rss;
    const fault = await faultOf(port, { deadlineMs: 8000 });
    expect(fault).toMatchObject({ kind: 'oversized', path: 'http.body' });
    expect(counter.bytes).toBeLessThan(64e6);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  it('limits of the target hold', async () => {
    const { port } = await httpsServer((_request, _body, response) => {
      response.writeHead(200, { ...ASN1_HEADERS, 'X-Long': 'x'.repeat(4000) }).end(NO_PACKAGE);
    });
    expect(await faultOf(port, { maxBodyBytes: 5 })).toMatchObject({ kind: 'oversized', path: 'http.body' });
    expect(await faultOf(port, { maxHeaderBytes: 2000 })).toMatchObject({
      kind: 'oversized',
      path: 'http.headers',
    });
  });

  it.each([
    ['garbage', 'this is not HTTP at all\r\n\r\n', 'malformed', 'http'],
    ['binary', '\x00\x01\x02\x03\x04', 'malformed', 'http'],
    ['a broken status line', 'HTTP/1.1 abc\r\n\r\n', 'malformed', 'http'],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'malformed', 'http'],
    ['nothing', '', 'reset', 'http.headers'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le', 'reset', 'http.headers'],
    ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'reset', 'http.body'],
    ['half a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc', 'reset', 'http.body'],
  ])('%s, then the end', async (_, text, kind, path) => {
    const port = await tlsTalker((socket) => socket.end(Buffer.from(text, 'latin1')));
    expect(await faultOf(port)).toMatchObject({ kind, path });
    const plain = await tcpServer((socket) => {
      socket.once('data', () => socket.end(Buffer.from(text, 'latin1')));
    });
    expect(await faultOf(plain, { plainHttp: true })).toMatchObject({ kind, path });
  });

  it('a reset in the middle of the body', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', () => socket.resetAndDestroy());
      });
    });
    expect(await faultOf(port, { plainHttp: true })).toMatchObject({ kind: 'reset' });
  });

  it('two answers to one request do no harm', async () => {
    const answer = `HTTP/1.1 204 No Content\r\nX-Admin-Protocol: gsma/rsp/v2.1.0\r\n\r\n`;
    const port = await tlsTalker((socket) => socket.write(answer + answer));
    const esipa = channel(port);
    expect((await esipa.exchange(ask)).facts['http']).toMatchObject({ status: '204' });
    expect((await esipa.exchange(ask)).facts['http']).toMatchObject({ status: '204' });
  });

  it('a header named like a member of every object', async () => {
    const port = await tlsTalker((socket) => {
      socket.write('HTTP/1.1 204 No Content\r\n__proto__: 1\r\nconstructor: 2\r\n\r\n');
    });
    const observed = await channel(port).exchange(ask);
    expect(observed.facts['http']).toMatchObject({ status: '204' });
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe('in HTTP/2', () => {
  /** Answers each stream as `talk` wants. */
  async function h2Server(talk: (stream: ServerHttp2Stream) => void): Promise<number> {
    const server = createSecureServer({ cert: EIM.cert, key: EIM.key });
    server.on('session', (session) => session.on('error', () => undefined));
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      talk(stream);
    });
    return listen(server);
  }

  it.each<[string, string, (stream: ServerHttp2Stream) => void]>([
    ['silence', 'timeout', () => undefined],
    ['a stream that is reset', 'reset', (stream) => stream.close(2)],
    ['a session that ends', 'reset', (stream) => stream.session?.destroy()],
    [
      'a body without end',
      'oversized',
      (stream) => {
        stream.respond({ ':status': 200 });
        pour(stream, Buffer.alloc(65536), { bytes: 0 });
      },
    ],
  ])('%s', async (_, kind, talk) => {
    const port = await h2Server(talk);
    const deadlineMs = kind === 'timeout' ? DEADLINE : 5000;
    expect(await faultOf(port, { http2: true, deadlineMs })).toMatchObject({ kind });
  });

  it('garbage', async () => {
    const server = createTls({ cert: EIM.cert, key: EIM.key, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const port = await listen(server);
    expect((await faultOf(port, { http2: true })).kind).toMatch(/malformed|reset/);
  });
});

describe('bytes of a handshake', () => {
  it('any bytes are read without an error', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(
          fc.constantFrom(20, 21, 22, 23),
          fc.constantFrom(2, 4, 11, 13),
          fc.uint8Array({ maxLength: 40 }),
        )
        .map(([type, message, body]) =>
          Uint8Array.of(type, 3, 3, 0, body.length + 4, message, 0, 0, body.length, ...body),
        ),
    );
    const secret = `SERVER_HANDSHAKE_TRAFFIC_SECRET ${'00'.repeat(32)} ${'00'.repeat(32)}\n`;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const records = new TlsRecords();
        for (const bytes of pieces) records.feed(bytes);
        const { certificates } = records.serverFlight([secret]);
        expect(judgeCertificate(certificates, { ca: CA.cert }, NAME)).toMatchObject({ about: 'anchor' });
      }),
      { seed: 33, numRuns: 500 },
    );
  });
});
