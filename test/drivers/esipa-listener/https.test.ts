/** ESipa over HTTPS in the ASN.1 binding: what arrives, and what is said. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { FactMap } from '../../../drivers/eim-contract.js';
import {
  arrival,
  ASN1,
  GET_EIM_PACKAGE,
  hex,
  keepAlive,
  message,
  NO_PACKAGE,
  open,
  post,
  session,
} from './support.js';

const of = (facts: FactMap, group: string): FactMap => facts[group] as FactMap;
const codes = (findings: readonly { severity: string; code: string }[]): string[] =>
  findings.map(({ severity, code }) => `${severity} ${code}`);

describe('a request in the ASN.1 binding', () => {
  it('is handed on with its facts, and gets the answer that is given', async () => {
    const listener = await open();
    const answer = post(listener);
    const opened = await arrival(listener, 'session');
    expect(opened.connection).toBe(1);
    expect(of(opened.facts, 'tls')).toMatchObject({
      version: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      group: 'prime256v1',
      servername: 'eim.example.com',
      clientCertificate: 'false',
      resumed: 'false',
      resumptionOffered: 'false',
    });
    const arrived = await message(listener);
    expect(arrived).toMatchObject({ binding: 'asn1', connection: 1, findings: [] });
    expect(hex(arrived.data)).toBe(hex(GET_EIM_PACKAGE));
    expect(of(arrived.facts, 'http')).toMatchObject({
      version: '1.1',
      method: 'POST',
      path: '/gsma/rsp2/asn1',
      bodyLength: '21',
      connectionRequest: '1',
    });
    expect(of(of(arrived.facts, 'http'), 'headers')).toMatchObject({ 'user-agent': 'gsma-rsp-ipad' });
    expect(arrived.events.map(({ kind }) => kind)).toEqual(['http-request']);
    const { events } = await arrived.reply({ message: NO_PACKAGE });
    const got = await answer;
    expect(got.status).toBe(200);
    expect(hex(got.body)).toBe(hex(NO_PACKAGE));
    expect(got.headers).toMatchObject({
      'content-type': 'application/x-gsma-rsp-asn1',
      'x-admin-protocol': 'gsma/rsp/v2.1.0',
      'content-length': '6',
    });
    expect(events).toHaveLength(1);
    expect(events[0]!.text).toMatch(/^HTTP\/1\.1 200 OK\r\nDate: .*X-Admin-Protocol: gsma/s);
    expect(hex(events[0]!.bytes!)).toBe(hex(NO_PACKAGE));
    const over = await arrival(listener, 'closed');
    expect(of(over.facts, 'connection')).toEqual({ requests: '1', end: 'closed' });
  });

  it('counts the requests of a connection that is kept', async () => {
    const listener = await open();
    const agent = keepAlive();
    for (const nr of [1, 2, 3]) {
      const answer = post(listener, { agent });
      const arrived = await message(listener);
      expect(arrived.connection).toBe(1);
      expect(of(arrived.facts, 'http')['connectionRequest']).toBe(String(nr));
      await arrived.reply({ message: NO_PACKAGE });
      expect((await answer).status).toBe(200);
    }
  });

  it('is answered with 204 when nothing is given', async () => {
    const listener = await open();
    const answer = post(listener);
    await (await message(listener)).reply({});
    const got = await answer;
    expect(got.status).toBe(204);
    expect(got.body).toHaveLength(0);
    expect(got.headers).not.toHaveProperty('content-length');
  });

  it('tells what is not as the binding wants it', async () => {
    const listener = await open();
    const answer = post(listener, {
      method: 'PUT',
      path: '/gsma/rsp2/asn1?x=1',
      body: '',
      headers: { Host: 'other.example', 'Content-Type': 'text/plain', 'X-Admin-Protocol': '2.1.0' },
    });
    const arrived = await message(listener);
    expect(codes(arrived.findings)).toEqual([
      'violation http-method',
      'violation http-path',
      'violation http-content-type',
      'violation http-admin-protocol',
      'violation http-user-agent',
      'violation http-host',
      'violation http-body',
    ]);
    expect(arrived.data).toHaveLength(0);
    await arrived.reply({ http: { status: 400 } });
    expect((await answer).status).toBe(400);
  });

  it('takes another version of X-Admin-Protocol and an address as Host with a note', async () => {
    const listener = await open();
    void post(listener, { headers: { ...ASN1, Host: '127.0.0.1', 'X-Admin-Protocol': 'gsma/rsp/v2.4.0' } });
    const arrived = await message(listener);
    expect(codes(arrived.findings)).toEqual(['note http-admin-protocol', 'note http-host']);
    await arrived.reply({});
  });
});

describe('what is not as it should be, in an answer', () => {
  it('status and headers', async () => {
    const listener = await open();
    const answer = post(listener);
    const headers = { 'Content-Type': 'text/html', 'X-Admin-Protocol': null, 'X-Other': 'yes' };
    await (await message(listener)).reply({ message: NO_PACKAGE, http: { status: 500, headers } });
    const got = await answer;
    expect(got.status).toBe(500);
    expect(got.headers).toMatchObject({ 'content-type': 'text/html', 'x-other': 'yes' });
    expect(got.headers).not.toHaveProperty('x-admin-protocol');
  });

  it('without Content-Length it is chunked, and without Connection there is none', async () => {
    const listener = await open();
    const answer = post(listener);
    const headers = { 'Content-Length': null, Connection: null, Date: null };
    await (await message(listener)).reply({ message: NO_PACKAGE, http: { headers } });
    const got = await answer;
    expect(got.rawHeaders.filter((_, index) => index % 2 === 0)).toEqual([
      'X-Admin-Protocol',
      'Content-Type',
      'Transfer-Encoding',
    ]);
    expect(hex(got.body)).toBe(hex(NO_PACKAGE));
  });

  it.each([0, 3])('the connection is reset after %i bytes', async (cutAfter) => {
    const listener = await open();
    const answer = post(listener);
    const { events } = await (await message(listener)).reply({ message: NO_PACKAGE, http: { cutAfter } });
    const got = await answer;
    expect(got).toMatchObject({ status: 200, trailingError: 'ECONNRESET' });
    expect(got.headers['content-length']).toBe('6');
    expect(hex(got.body)).toBe(hex(NO_PACKAGE.slice(0, cutAfter)));
    expect(events.map(({ kind }) => kind)).toEqual(['http-response', 'note']);
    expect(events[0]!.bytes).toHaveLength(cutAfter);
  });

  it('zeros behind the body, which are sent and not traced', async () => {
    const listener = await open();
    const answer = post(listener);
    const outcome = await (await message(listener)).reply({ message: NO_PACKAGE, http: { fillTo: 100_000 } });
    const { body } = await answer;
    expect(body).toHaveLength(100_000);
    expect(hex(body.subarray(0, 6))).toBe(hex(NO_PACKAGE));
    expect(outcome.events.map(({ kind, bytes }) => [kind, bytes?.length])).toEqual([
      ['http-response', 6],
      ['note', undefined],
    ]);
  });

  it('any bytes as the body', async () => {
    const listener = await open();
    const answer = post(listener);
    await (await message(listener)).reply({ message: NO_PACKAGE, body: Buffer.from('none of it') });
    expect((await answer).body.toString()).toBe('none of it');
  });

  it('the connection is closed, or nothing is said', async () => {
    const listener = await open();
    const first = expect(post(listener)).rejects.toThrow(/socket hang up/);
    await (await message(listener)).reply({ close: true });
    await first;
    const socket = await session(listener);
    socket.write('POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n');
    let said = 0;
    socket.on('data', () => (said += 1));
    const second = await message(listener);
    await second.reply({ silence: true });
    // Still there: what comes next is told.
    socket.end();
    await once(socket, 'close');
    expect(said).toBe(0);
    expect(of((await arrival(listener, 'closed')).facts, 'connection')).toEqual({
      requests: '1',
      end: 'closed',
    });
  });

  it('what no HTTP can carry is refused before anything is said', async () => {
    const listener = await open();
    const answer = post(listener);
    const arrived = await message(listener);
    for (const http of [{ status: 42 }, { headers: { 'a b': 'c' } }, { headers: { a: 'b\r\nc: d' } }])
      await expect(arrived.reply({ http })).rejects.toMatchObject({ code: 'listener-reply' });
    await arrived.reply({ message: NO_PACKAGE });
    expect((await answer).status).toBe(200);
    await expect(arrived.reply({})).rejects.toMatchObject({ code: 'listener-answered' });
  });
});
