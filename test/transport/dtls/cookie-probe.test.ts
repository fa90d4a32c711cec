import { describe, expect, it } from 'vitest';
import { encodeClientHello } from '../../../src/transport/dtls/client-hello.js';
import { probeCookie, type CookieProbe } from '../../../src/transport/dtls/index.js';
import { clientHelloRandom, helloVerifyCookie } from '../../../src/transport/dtls/records.js';
import { ask, client, echoServer, freePort, handshake, HOST, record, udpSocket } from './support.js';

const probe = (port: number, more: object = {}): Promise<CookieProbe> =>
  probeCookie({ host: HOST, port, servername: 'eim.example.com', deadlineMs: 10_000, ...more });

/** A HelloVerifyRequest with a cookie of 4 bytes. */
const helloVerifyRequest = (): Buffer => handshake(3, 0, Buffer.from('feff0401020304', 'hex'));
const serverHello = (): Buffer =>
  handshake(2, 1, Buffer.concat([Buffer.from('fefd', 'hex'), Buffer.alloc(36)]));
/** The cookie of a ClientHello: behind two headers, the version, the random and an empty session_id. */
const cookieIn = (hello: Buffer): string => {
  const at = 13 + 12 + 2 + 32 + 1;
  return hello.subarray(at + 1, at + 1 + (hello[at] ?? 0)).toString('hex');
};

/** A peer that answers the n-th datagram with what `answers` has for it. */
async function peer(answers: (hello: Buffer, nr: number) => Uint8Array[]): Promise<number> {
  const socket = await udpSocket();
  let nr = 0;
  socket.on('message', (hello, from) => {
    for (const answer of answers(hello, nr++)) socket.send(answer, from.port, from.address);
  });
  return socket.address().port;
}

describe('a server', () => {
  it('that looks at its cookie asks again; a good client is served afterwards', async () => {
    const server = await echoServer();
    const passed: string[] = [];
    const trace = (direction: string): void => void passed.push(direction);
    expect(await probe(server.port, { trace })).toEqual({
      hello: 'HelloVerifyRequest',
      wrongCookie: 'HelloVerifyRequest',
    });
    expect(passed).toEqual(['out', 'in', 'out', 'in']);
    expect(await server.stats()).toMatchObject({ established: 0, halfOpen: 0 });
    expect(await ask(await client(server.port), 'good')).toBe('good');
  });

  it('that takes any cookie goes on', async () => {
    const server = await echoServer({ cookies: 'unchecked' });
    expect(await probe(server.port)).toEqual({ hello: 'HelloVerifyRequest', wrongCookie: 'ServerHello' });
    const connection = await client(server.port);
    expect(connection.facts.cookieExchanged).toBe(true);
  });

  it('without a cookie has none to be wrong', async () => {
    const server = await echoServer({ cookies: false });
    expect(await probe(server.port)).toEqual({ hello: 'ServerHello', wrongCookie: undefined });
  });
});

describe('a peer', () => {
  it('gets the same hello with a cookie that differs in a bit', async () => {
    const hellos: Buffer[] = [];
    const port = await peer((hello, nr) => {
      hellos.push(hello);
      return [nr === 0 ? helloVerifyRequest() : serverHello()];
    });
    expect(await probe(port)).toEqual({ hello: 'HelloVerifyRequest', wrongCookie: 'ServerHello' });
    expect(hellos.map(cookieIn)).toEqual(['', '01020305']);
    expect(new Set(hellos.map((hello) => clientHelloRandom(hello))).size).toBe(1);
    // message_seq and the number of the record.
    expect(hellos.map((hello) => [hello.readUInt16BE(17), hello.readUInt32BE(7)])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('that refuses with an alert', async () => {
    const port = await peer((_, nr) => [nr === 0 ? helloVerifyRequest() : record(21, Buffer.of(2, 47))]);
    expect(await probe(port)).toMatchObject({ wrongCookie: 'alert illegal_parameter' });
    const deaf = await peer(() => [record(21, Buffer.of(2, 40))]);
    expect(await probe(deaf)).toEqual({ hello: 'alert handshake_failure', wrongCookie: undefined });
  });

  it('that says nothing, or nothing any more', async () => {
    const deadlineMs = 300;
    expect(await probe(await peer(() => []), { deadlineMs })).toEqual({
      hello: 'nothing',
      wrongCookie: undefined,
    });
    const port = await peer((_, nr) => (nr === 0 ? [helloVerifyRequest()] : []));
    expect(await probe(port, { deadlineMs })).toMatchObject({ wrongCookie: 'nothing' });
  });

  it('whose first answer is lost: the second answer to the first hello is not one to the wrong cookie', async () => {
    // It answers the repeated hello twice, as it was sent twice.
    const port = await peer((_, nr) => {
      if (nr === 0) return [];
      return nr === 1 ? [helloVerifyRequest(), helloVerifyRequest()] : [serverHello()];
    });
    expect(await probe(port)).toEqual({ hello: 'HelloVerifyRequest', wrongCookie: 'ServerHello' });
  });

  it.each([
    ['nonsense', Buffer.from('hello')],
    ['a cut HelloVerifyRequest', helloVerifyRequest().subarray(0, 20)],
    ['a cookie longer than its message', handshake(3, 0, Buffer.from('feffff01', 'hex'))],
    ['a warning', record(21, Buffer.of(1, 90))],
  ])('that sends %s is waited for', async (_, bytes) => {
    const port = await peer((_hello, nr) => (nr === 0 ? [bytes, helloVerifyRequest()] : [serverHello()]));
    expect(await probe(port)).toMatchObject({ hello: 'HelloVerifyRequest', wrongCookie: 'ServerHello' });
  });

  it('that is not there: the error of the system', async () => {
    await expect(probe(await freePort())).rejects.toMatchObject({
      code: 'dtls-handshake',
      systemCode: 'ECONNREFUSED',
    });
    const options = { host: 'nobody.invalid', port: 1, servername: null, deadlineMs: 1000 };
    await expect(probeCookie(options)).rejects.toMatchObject({ code: 'dtls-handshake' });
  });

  it('is let go by the signal', async () => {
    const stop = new AbortController();
    const port = await peer(() => (stop.abort(), []));
    await expect(probe(port, { signal: stop.signal })).rejects.toMatchObject({ code: 'dtls-closed' });
    await expect(probe(port, { signal: stop.signal })).rejects.toMatchObject({ code: 'dtls-closed' });
  });
});

it('a ClientHello with and without a name', () => {
  const hello = (servername: string | null): string =>
    Buffer.from(
      encodeClientHello({
        random: Buffer.alloc(32),
        cookie: new Uint8Array(0),
        servername,
        messageSequence: 0,
        recordSequence: 0,
      }),
    ).toString('hex');
  const name = Buffer.from('eim.example.com').toString('hex');
  expect(hello('eim.example.com')).toContain(`00000014001200000f${name}`);
  expect(hello(null)).not.toContain(name);
  expect(hello('127.0.0.1')).toBe(hello(null));
  expect(helloVerifyCookie(Buffer.from(hello(null), 'hex'))).toBeUndefined();
});
