/** HTTP/2, for a client that offers it. */
import { connect, type ClientHttp2Session } from 'node:http2';
import { expect, it, onTestFinished } from 'vitest';
import type { EsipaListener } from '../../../drivers/ipad-contract.js';
import {
  arrival,
  ASN1,
  CI,
  GET_EIM_PACKAGE,
  hex,
  message,
  NAME,
  NO_PACKAGE,
  open,
  portOf,
  post,
  session as handMade,
} from './support.js';

function dialHttp2(listener: EsipaListener): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${portOf(listener)}`, { servername: NAME, ca: CI });
  session.on('error', () => undefined);
  onTestFinished(() => session.destroy());
  return session;
}

interface Got {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
  readonly error: string | undefined;
}

function ask(session: ClientHttp2Session, body: Uint8Array = GET_EIM_PACKAGE): Promise<Got> {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/gsma/rsp2/asn1',
    ':authority': NAME,
    ...ASN1,
  });
  return new Promise((resolve) => {
    let [status, error]: [number | undefined, string | undefined] = [undefined, undefined];
    let headers: Record<string, unknown> = {};
    const parts: Buffer[] = [];
    stream.on('response', (got) => {
      status = got[':status'];
      headers = { ...got };
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', (cause: Error) => {
      error = cause.message;
    });
    stream.on('close', () => resolve({ status, headers, body: Buffer.concat(parts), error }));
    stream.end(Buffer.from(body));
  });
}

it('carries requests and answers as HTTP/1.1 does', async () => {
  const listener = await open({ http2: true });
  const session = dialHttp2(listener);
  for (const nr of [1, 2]) {
    const answer = ask(session);
    const arrived = await message(listener);
    expect(arrived.findings).toEqual([]);
    expect(hex(arrived.data)).toBe(hex(GET_EIM_PACKAGE));
    expect(arrived.facts).toMatchObject({
      tls: { alpn: 'h2', alpnOffered: ['h2'] },
      http: { version: '2', method: 'POST', path: '/gsma/rsp2/asn1', connectionRequest: String(nr) },
    });
    const { events } = await arrived.reply({
      message: NO_PACKAGE,
      http: { headers: { 'X-Admin-Protocol': null } },
    });
    const got = await answer;
    expect(got.status).toBe(200);
    expect(got.headers).toMatchObject({ 'content-type': ASN1['Content-Type'], 'content-length': '6' });
    expect(got.headers).not.toHaveProperty('x-admin-protocol');
    expect(hex(got.body)).toBe(hex(NO_PACKAGE));
    expect(events[0]!.text).toContain('HTTP/2 200\r\ndate: ');
  }
  session.close();
  expect((await arrival(listener, 'closed')).facts).toMatchObject({
    connection: { requests: '2', end: 'closed' },
  });
});

it('answers without a body, refuses what is too large, and breaks off', async () => {
  const listener = await open({ http2: true, limits: { bodyBytes: 1000 } });
  const session = dialHttp2(listener);
  const empty = ask(session);
  await (await message(listener)).reply({});
  expect(await empty).toMatchObject({ status: 204, error: undefined });
  const cut = ask(session);
  await (await message(listener)).reply({ message: NO_PACKAGE, http: { cutAfter: 2 } });
  expect((await cut).body.length).toBeLessThanOrEqual(2);
  const large = ask(dialHttp2(listener), new Uint8Array(1001));
  const garbage = await arrival(listener, 'garbage');
  expect(garbage.reason).toBe('a body of more than 1000 bytes');
  expect((await large).status).toBe(413);
});

it('is not spoken unless it was asked for, and HTTP/1.1 goes on beside it', async () => {
  const plain = await open();
  const session = dialHttp2(plain);
  const failed = await arrival(plain, 'handshake-failed');
  expect(failed.facts).toMatchObject({ tls: { alertSent: 'no_application_protocol', alpnOffered: ['h2'] } });
  session.destroy();
  const both = await open({ http2: true });
  const answer = post(both);
  const arrived = await message(both);
  expect(arrived.facts).toMatchObject({ http: { version: '1.1' } });
  await arrived.reply({ message: NO_PACKAGE });
  expect((await answer).status).toBe(200);
});

it('tells bytes that are no HTTP/2', async () => {
  const listener = await open({ http2: true });
  const socket = await handMade(listener, { ALPNProtocols: ['h2'] });
  socket.write('GET / HTTP/1.1\r\n\r\n                         ');
  const garbage = await arrival(listener, 'garbage');
  expect(garbage.reason).toContain('no HTTP/2');
  expect(Buffer.from(garbage.data).toString()).toContain('GET / HTTP/1.1');
});
