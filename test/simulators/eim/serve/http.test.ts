/** The HTTP binding of the server (SGP.32 6.1.1, 6.3). */
import { Agent } from 'node:https';
import { connect, type ClientHttp2Session } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { hex } from '../../../../src/simulators/tlv/writer.js';
import { ask, ASN1_HEADERS, atEnd, CA, NO_PACKAGE, openEsipa, POLL, type Ask } from './support.js';

const bytes = (body: Buffer): string => hex(new Uint8Array(body));

describe('ESipa in ASN.1 over HTTPS', () => {
  it('answers 200 with the media type and X-Admin-Protocol', async () => {
    const { port, eim } = await openEsipa();
    const { status, headers, body } = await ask({ port });
    expect({
      status,
      type: headers['content-type'],
      admin: headers['x-admin-protocol'],
      body: bytes(body),
    }).toEqual({
      status: 200,
      type: 'application/x-gsma-rsp-asn1',
      admin: 'gsma/rsp/v2.1.0',
      body: hex(NO_PACKAGE),
    });
    expect(eim.asked).toEqual([hex(POLL)]);
  });

  it('answers 204 without a body where the function has no response', async () => {
    const { port } = await openEsipa();
    const { status, headers, body } = await ask({ port, body: Buffer.from('BF3D02A000', 'hex') });
    expect([status, headers['content-type'], headers['content-length'], body.length]).toEqual([
      204,
      undefined,
      undefined,
      0,
    ]);
  });

  it('takes chunked bodies, and several requests on one connection', async () => {
    const { port, eim } = await openEsipa();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    atEnd(() => agent.destroy());
    const first = await ask({ port, agent, chunked: true });
    const second = await ask({ port, agent });
    expect([first.status, second.status, second.socket.reused]).toEqual([200, 200, true]);
    expect(eim.asked).toHaveLength(2);
    // The eIM is told that it was one connection; another is another.
    await ask({ port });
    const [one, same, other] = eim.connections;
    expect([one === same, one === other]).toEqual([true, false]);
  });

  it.each<[string, Partial<Ask>, number, string]>([
    [
      'X-Admin-Protocol missing',
      { headers: { 'X-Admin-Protocol': undefined } },
      400,
      'Unsupported x-admin-protocol',
    ],
    [
      'another major',
      { headers: { 'X-Admin-Protocol': 'gsma/rsp/v3.0.0' } },
      400,
      'Unsupported x-admin-protocol',
    ],
    ['no version', { headers: { 'X-Admin-Protocol': '2.1.0' } }, 400, 'Unsupported x-admin-protocol'],
    ['another path', { path: '/gsma/rsp2/asn2' }, 404, 'No such resource'],
    ['a longer path', { path: '/gsma/rsp2/asn1/x' }, 404, 'No such resource'],
    ['GET', { method: 'GET', body: '' }, 405, 'Only POST is allowed'],
    ['PUT', { method: 'PUT' }, 405, 'Only POST is allowed'],
    [
      'another type',
      { headers: { 'Content-Type': 'text/plain' } },
      415,
      'Expected application/x-gsma-rsp-asn1',
    ],
    ['no type', { headers: { 'Content-Type': undefined } }, 415, 'Expected application/x-gsma-rsp-asn1'],
    ['nothing', { body: '' }, 400, 'Empty body'],
    ['no DER', { body: Buffer.from('FF', 'hex') }, 400, 'Not an ESipa message: truncated'],
    ['a cut message', { body: POLL.subarray(0, 10) }, 400, 'Not an ESipa message: overrun'],
    [
      'bytes behind',
      { body: Buffer.concat([POLL, POLL]) },
      400,
      'Not an ESipa message: bytes behind the element',
    ],
    ['an unknown tag', { body: Buffer.from('BF7F00', 'hex') }, 400, 'Not an ESipa message: unknown message'],
  ])('refuses %s', async (_, deviation, status, text) => {
    const { port, eim } = await openEsipa();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    atEnd(() => agent.destroy());
    const answer = await ask({ port, agent, ...deviation });
    expect([answer.status, answer.body.toString()]).toEqual([status, text]);
    expect(answer.headers['x-admin-protocol']).toBe('gsma/rsp/v2.1.0');
    if (status === 405) expect(answer.headers.allow).toBe('POST');
    if (status !== 400) expect(eim.asked).toEqual([]);
    // The connection is of use after a refusal.
    const { status: next, socket } = await ask({ port, agent });
    expect([next, socket.reused]).toEqual([200, true]);
  });

  it('takes any 2.x version and a media type in capitals', async () => {
    const { port } = await openEsipa();
    const headers = {
      'X-Admin-Protocol': 'gsma/rsp/v2.4.0',
      'Content-Type': 'Application/X-GSMA-RSP-ASN1; q=1',
    };
    expect((await ask({ port, headers })).status).toBe(200);
  });

  it('answers under its own name only, with strictHost', async () => {
    const { port } = await openEsipa({ strictHost: true });
    const good = { servername: 'eim.example.com', headers: { Host: 'eim.example.com:8443' } };
    expect((await ask({ port, ...good })).status).toBe(200);
    expect((await ask({ port, ...good, headers: { Host: 'other.example.com' } })).status).toBe(421);
    expect((await ask({ port, ...good, servername: 'localhost', headers: { Host: 'x' } })).status).toBe(421);
  });

  it('tells nothing of its own trouble', async () => {
    const { port, eim, lines } = await openEsipa();
    eim.handleEsipa = () => Promise.reject(new Error('the disk is full'));
    const answer = await ask({ port });
    expect([answer.status, answer.body.toString()]).toEqual([500, 'Internal Server Error']);
    expect(lines).toContain('fault: the disk is full');
  });
});

describe('HTTP/2 by ALPN', () => {
  it('answers both versions on one port', async () => {
    const { port, eim } = await openEsipa({ http2: true });
    expect((await ask({ port })).status).toBe(200);
    const session = connect(`https://127.0.0.1:${port}`, { ca: CA, servername: 'eim.example.com' });
    atEnd(() => session.destroy());
    expect(await post2(session, POLL)).toEqual({ status: 200, body: hex(NO_PACKAGE) });
    expect(await post2(session, Buffer.from('FF', 'hex'))).toMatchObject({ status: 400 });
    expect((await post2(session, Buffer.alloc(2 << 20))).status).toBe(413);
    await post2(session, POLL);
    const [, one, same] = eim.connections;
    expect([typeof one, one === same]).toEqual(['object', true]);
  });
});

function post2(session: ClientHttp2Session, body: Uint8Array): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = Object.entries(ASN1_HEADERS).map(([name, value]) => [name.toLowerCase(), value] as const);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/gsma/rsp2/asn1',
      ...Object.fromEntries<string>(headers),
    });
    let status = 0;
    const parts: Buffer[] = [];
    stream.on('response', (answer) => (status = answer[':status'] ?? 0));
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', reject).on('end', () => resolve({ status, body: bytes(Buffer.concat(parts)) }));
    stream.end(body);
  });
}
