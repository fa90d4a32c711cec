/** ESipa over HTTPS as it should be, and what is noted where it is not quite (SGP.32 6.1, 6.3, 6.4). */
import type { IncomingMessage } from 'node:http';
import { createSecureServer } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ASN1_HEADERS,
  CA,
  EIM,
  GET_EIM_PACKAGE,
  HANDLE_NOTIFICATION,
  JSON_HEADERS,
  NO_PACKAGE,
  ask,
  bytes,
  channel,
  cleanUp,
  hex,
  httpServer,
  httpsServer,
  listen,
  noPackage,
  type Answer,
} from './support.js';

afterEach(cleanUp);

/** Remembers requests in front of `answer`. */
function remembering(answer: Answer): { seen: { request: IncomingMessage; body: Buffer }[]; answer: Answer } {
  const seen: { request: IncomingMessage; body: Buffer }[] = [];
  return {
    seen,
    answer: (request, body, response) => {
      seen.push({ request, body });
      answer(request, body, response);
    },
  };
}

const findingsOf = async (answer: Answer, message = GET_EIM_PACKAGE, binding: 'asn1' | 'json' = 'asn1') => {
  const { port } = await httpsServer(answer);
  const observed = await channel(port, { binding }).exchange({ device: 'a', message });
  return { ...observed, codes: observed.findings.map(({ severity, code }) => `${severity} ${code}`) };
};

describe('ASN.1', () => {
  it('sends what SGP.32 6.1 says and gives back the answer, byte for byte', async () => {
    const { seen, answer } = remembering(noPackage);
    const { port } = await httpsServer(answer);
    const observed = await channel(port).exchange(ask);
    expect(hex(observed.data)).toBe(hex(NO_PACKAGE));
    expect(observed).toMatchObject({ findings: [] });
    expect(observed.fault).toBeUndefined();
    expect(observed.facts['http']).toMatchObject({
      version: '1.1',
      status: '200',
      bodyLength: '6',
      headers: { 'content-type': 'application/x-gsma-rsp-asn1', 'x-admin-protocol': 'gsma/rsp/v2.1.0' },
    });
    const [{ request, body } = { request: undefined, body: Buffer.alloc(0) }] = seen;
    expect(hex(body)).toBe(hex(GET_EIM_PACKAGE));
    expect(request).toMatchObject({ method: 'POST', url: '/gsma/rsp2/asn1' });
    expect(request?.headers).toMatchObject({
      host: `eim.example.com:${port}`,
      'user-agent': 'gsma-rsp-ipad',
      'x-admin-protocol': 'gsma/rsp/v2.1.0',
      'content-type': 'application/x-gsma-rsp-asn1',
      'content-length': '21',
    });
    const [tls, sent, came] = observed.events;
    expect(observed.events.map(({ kind }) => kind)).toEqual(['tls', 'http-request', 'http-response']);
    expect(tls?.text).toContain('"version":"TLSv1.3"');
    expect(sent?.text).toMatch(/^POST \/gsma\/rsp2\/asn1 HTTP\/1\.1\r\n/);
    expect(hex(sent?.bytes ?? bytes(''))).toBe(hex(GET_EIM_PACKAGE));
    expect(came?.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(hex(came?.bytes ?? bytes(''))).toBe(hex(NO_PACKAGE));
  });

  it('keeps one connection per device, unless a fresh one is asked for', async () => {
    const { port, connections } = await httpsServer();
    const esipa = channel(port);
    for (let i = 0; i < 5; i++) await esipa.exchange(ask);
    expect(connections()).toBe(1);
    await esipa.exchange({ ...ask, device: 'b' });
    expect(connections()).toBe(2);
    await esipa.exchange({ ...ask, fresh: true });
    await esipa.exchange(ask);
    expect(connections()).toBe(3);
    await esipa.close('a');
    await esipa.exchange(ask);
    expect(connections()).toBe(4);
  });

  it('one device speaks in turn, many at once', async () => {
    const { port, connections } = await httpsServer();
    const esipa = channel(port);
    const devices = ['a', 'a', 'b', 'b', 'c', 'c', 'c'];
    const all = await Promise.all(devices.map((device) => esipa.exchange({ ...ask, device })));
    expect(all.map(({ data }) => hex(data))).toEqual(devices.map(() => hex(NO_PACKAGE)));
    expect(connections()).toBe(3);
  });

  it('connects again when the eIM closed the connection after its answer', async () => {
    const { port, connections } = await httpsServer((_request, _body, response) => {
      response.writeHead(200, { ...ASN1_HEADERS, Connection: 'close' }).end(NO_PACKAGE);
    });
    const esipa = channel(port);
    for (let i = 0; i < 3; i++) expect((await esipa.exchange(ask)).fault).toBeUndefined();
    expect(connections()).toBe(3);
  });

  it('sends again when an idle connection was closed under the request', async () => {
    let count = 0;
    const { port } = await httpsServer((request, body, response) => {
      if (++count === 2) request.socket.destroy();
      else noPackage(request, body, response);
    });
    const esipa = channel(port);
    await esipa.exchange(ask);
    const again = await esipa.exchange(ask);
    expect(again.fault).toBeUndefined();
    expect(again.events.find(({ kind }) => kind === 'note')?.text).toContain('sent again');
    expect(count).toBe(3);
  });

  it.each<[string, Record<string, string>, number, string[]]>([
    [
      'another media type',
      { ...ASN1_HEADERS, 'Content-Type': 'text/plain' },
      200,
      ['violation http-content-type'],
    ],
    ['no media type', { 'X-Admin-Protocol': 'gsma/rsp/v2.1.0' }, 200, ['violation http-content-type']],
    [
      'media type in another case',
      { ...ASN1_HEADERS, 'Content-Type': 'Application/X-GSMA-RSP-ASN1' },
      200,
      [],
    ],
    [
      'no X-Admin-Protocol',
      { 'Content-Type': 'application/x-gsma-rsp-asn1' },
      200,
      ['violation http-admin-protocol'],
    ],
    [
      'another X-Admin-Protocol',
      { ...ASN1_HEADERS, 'X-Admin-Protocol': 'gsma/rsp/v2.4.0' },
      200,
      ['note http-admin-protocol'],
    ],
    [
      'a foreign X-Admin-Protocol',
      { ...ASN1_HEADERS, 'X-Admin-Protocol': '2.1.0' },
      200,
      ['violation http-admin-protocol'],
    ],
  ])('%s', async (_, headers, status, codes) => {
    const observed = await findingsOf((_request, _body, response) => {
      response.writeHead(status, headers).end(NO_PACKAGE);
    });
    expect(observed.codes).toEqual(codes);
    expect(hex(observed.data)).toBe(hex(NO_PACKAGE));
  });

  it('HandleNotification is answered with 204, and 200 is noted', async () => {
    const { 'X-Admin-Protocol': protocol } = ASN1_HEADERS;
    const nothing =
      (status: number): Answer =>
      (_request, _body, response) => {
        response.writeHead(status, { 'X-Admin-Protocol': protocol }).end();
      };
    expect(await findingsOf(nothing(204), HANDLE_NOTIFICATION)).toMatchObject({ codes: [], data: bytes('') });
    expect((await findingsOf(nothing(200), HANDLE_NOTIFICATION)).codes).toEqual(['note http-status']);
  });

  it('under another status only ESipa is data, and nothing is a fault', async () => {
    const page = await findingsOf(
      (_request, _body, response) => void response.writeHead(404).end('not here'),
    );
    expect(page).toMatchObject({
      data: bytes(''),
      codes: [],
      facts: { http: { status: '404', bodyLength: '8' } },
    });
    expect(page.fault).toBeUndefined();
    const esipa = await findingsOf(
      (_request, _body, response) => void response.writeHead(400).end(NO_PACKAGE),
    );
    expect(hex(esipa.data)).toBe(hex(NO_PACKAGE));
  });

  it('a laboratory may deviate, without a word about it', async () => {
    const { seen, answer } = remembering((_request, _body, response) => {
      response
        .writeHead(200, { ...ASN1_HEADERS, 'Content-Type': 'application/octet-stream' })
        .end(NO_PACKAGE);
    });
    const port = await httpServer(answer);
    const esipa = channel(port, {
      plainHttp: true,
      asn1Path: '/lab/asn1',
      contentType: 'application/octet-stream',
      userAgent: 'lab',
      adminProtocol: 'gsma/rsp/v2.1.0',
      headers: { Authorization: 'Bearer abc' },
    });
    const observed = await esipa.exchange(ask);
    expect(observed.findings).toEqual([]);
    expect(observed.facts['tls']).toBeUndefined();
    expect(seen[0]?.request.url).toBe('/lab/asn1');
    expect(seen[0]?.request.headers).toMatchObject({ 'user-agent': 'lab', authorization: 'Bearer abc' });
    expect(JSON.stringify(observed.events)).not.toContain('abc');
  });

  it('HTTP/2 by ALPN', async () => {
    const server = createSecureServer(
      { cert: EIM.cert, key: EIM.key, allowHTTP1: true },
      (request, response) => {
        request.resume();
        request.on('end', () => {
          response.writeHead(request.method === 'POST' ? 200 : 405, ASN1_HEADERS);
          response.end(NO_PACKAGE);
        });
      },
    );
    const port = await listen(server);
    const two = channel(port, { http2: true });
    for (let i = 0; i < 2; i++) {
      const observed = await two.exchange(ask);
      expect(hex(observed.data)).toBe(hex(NO_PACKAGE));
      expect(observed.facts).toMatchObject({ http: { version: '2', status: '200' }, tls: { alpn: 'h2' } });
      expect(observed.events.at(-1)?.text).toMatch(/^HTTP\/2 200/);
    }
    const chunked = await two.exchange({ ...ask, http: { chunked: 3 } });
    expect(chunked.facts).toMatchObject({ http: { version: '1.1', status: '200' } });
    const one = await channel(port).exchange(ask);
    expect(one.facts).toMatchObject({ http: { version: '1.1' }, tls: { alpn: 'http/1.1' } });
  });
});

describe('JSON', () => {
  const ok = { functionExecutionStatus: { status: 'Executed-Success' } };
  const json =
    (value: unknown, headers: Record<string, string> = JSON_HEADERS): Answer =>
    (_request, _body, response) => {
      response.writeHead(200, headers).end(typeof value === 'string' ? value : JSON.stringify(value));
    };

  it('has a path for each function', async () => {
    const { seen, answer } = remembering(json({ header: ok, eimPackageError: 1 }));
    const { port } = await httpsServer(answer);
    const observed = await channel(port, { binding: 'json' }).exchange(ask);
    expect(hex(observed.data)).toBe(hex(NO_PACKAGE));
    expect(observed.facts['json']).toMatchObject({ eimPackageError: '1' });
    expect(observed.findings).toMatchObject([{ severity: 'note', code: 'json-error-form' }]);
    expect(seen[0]?.request).toMatchObject({ method: 'POST', url: '/gsma/rsp2/esipa/getEimPackage' });
    expect(seen[0]?.request.headers['content-type']).toBe('application/json;charset=UTF-8');
    expect(JSON.parse(seen[0]?.body.toString() ?? '')).toEqual({
      eidValue: '89044045930000000000001492294428',
    });
  });

  it.each<[string, unknown, string[]]>([
    ['no header', { eimPackageError: 1 }, ['violation json-header-missing', 'note json-error-form']],
    ['another charset', { header: ok }, ['violation http-content-type', 'violation json-member-missing']],
  ])('%s', async (name, body, codes) => {
    const type = name === 'another charset' ? 'application/json; charset=latin1' : 'application/json';
    const answer = json(body, { ...JSON_HEADERS, 'Content-Type': type });
    expect((await findingsOf(answer, GET_EIM_PACKAGE, 'json')).codes).toEqual(codes);
  });

  it('what is no JSON is malformed, unless the status says why', async () => {
    const bad = await findingsOf(json('<html>'), GET_EIM_PACKAGE, 'json');
    expect(bad.fault).toMatchObject({ kind: 'malformed', path: 'json' });
    const page: Answer = (_request, _body, response) => void response.writeHead(501).end('<html>');
    expect((await findingsOf(page, GET_EIM_PACKAGE, 'json')).fault).toBeUndefined();
  });

  it('refuses what JSON can not say, and sends a body that a step gives', async () => {
    const { seen, answer } = remembering(json({ header: ok }));
    const { port } = await httpsServer(answer);
    const esipa = channel(port, { binding: 'json' });
    await expect(esipa.exchange({ device: 'a', message: bytes('BF4F00FF') })).rejects.toMatchObject({
      code: 'not-in-json',
    });
    await esipa.exchange({ device: 'a', message: HANDLE_NOTIFICATION, body: bytes('7B') });
    expect(seen[0]?.request.url).toBe('/gsma/rsp2/esipa/handleNotification');
    expect(seen[0]?.body.toString()).toBe('{');
  });
});

describe('deviations', () => {
  it.each<[string, Parameters<ReturnType<typeof channel>['exchange']>[0]['http'], Record<string, unknown>]>([
    ['another method', { method: 'PUT' }, { method: 'PUT' }],
    ['GET with a body', { method: 'GET' }, { method: 'GET' }],
    ['another path', { path: '/other' }, { url: '/other' }],
  ])('%s', async (_, http, expected) => {
    const { seen, answer } = remembering(noPackage);
    const { port } = await httpsServer(answer);
    const observed = await channel(port).exchange({ ...ask, ...(http && { http }) });
    expect(seen[0]?.request).toMatchObject(expected);
    expect(hex(seen[0]?.body ?? bytes(''))).toBe(hex(GET_EIM_PACKAGE));
    expect(observed.facts['http']).toMatchObject({ status: '200' });
  });

  it('headers are replaced, added and left out', async () => {
    const { seen, answer } = remembering(noPackage);
    const { port } = await httpsServer(answer);
    const headers = { 'x-admin-protocol': null, 'Content-Type': 'text/plain', 'X-More': '1', Host: 'other' };
    await channel(port).exchange({ ...ask, http: { headers } });
    const got = seen[0]?.request.headers ?? {};
    expect(got).toMatchObject({ 'content-type': 'text/plain', 'x-more': '1', host: 'other' });
    expect(got).not.toHaveProperty('x-admin-protocol');
    expect(got).not.toHaveProperty('connection');
  });

  it('without Host, HTTP/1.1 is refused by node itself', async () => {
    const { port } = await httpsServer();
    const observed = await channel(port).exchange({ ...ask, http: { headers: { Host: null } } });
    expect(observed.facts['http']).toMatchObject({ status: '400' });
  });

  it('chunked', async () => {
    const { seen, answer } = remembering(noPackage);
    const { port } = await httpsServer(answer);
    await channel(port).exchange({ ...ask, http: { chunked: 4 } });
    expect(seen[0]?.request.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(seen[0]?.request.headers).not.toHaveProperty('content-length');
    expect(hex(seen[0]?.body ?? bytes(''))).toBe(hex(GET_EIM_PACKAGE));
  });

  it.each([0, 5])('cut after %i bytes', async (cutAfter) => {
    let got = 0;
    let ended: (code: string) => void = () => undefined;
    const end = new Promise<string>((resolve) => (ended = resolve));
    const { server, port } = await httpsServer();
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage) => {
      request.on('data', (part: Buffer) => (got += part.length));
      request.on('error', (error: NodeJS.ErrnoException) =>
        ended(`${request.headers['content-length']} ${error.code}`),
      );
    });
    const observed = await channel(port).exchange({ ...ask, http: { cutAfter } });
    expect(observed.fault).toMatchObject({ kind: 'reset', path: 'http.request' });
    expect(await end).toBe('21 ECONNRESET');
    expect(got).toBe(cutAfter);
  });

  it('plain HTTP to the port of HTTPS brings no answer', async () => {
    const { port } = await httpsServer();
    const observed = await channel(port).exchange({ ...ask, http: { plain: true } });
    expect(['reset', 'malformed']).toContain(observed.fault?.kind);
    expect(observed.facts['tls']).toBeUndefined();
    expect(observed.data).toEqual(bytes(''));
  });

  it('an empty body', async () => {
    const { seen, answer } = remembering(noPackage);
    const { port } = await httpsServer(answer, { ca: CA.cert });
    await channel(port).exchange({ ...ask, body: bytes('') });
    expect(seen[0]?.body).toHaveLength(0);
  });
});

describe('a connection', () => {
  const requestOf = (observed: { facts: { [name: string]: unknown } }): unknown =>
    (observed.facts['http'] as { connectionRequest?: string } | undefined)?.connectionRequest;

  it('tells how many requests it has had', async () => {
    const { port } = await httpsServer();
    const esipa = channel(port);
    const numbers = [];
    for (const more of [{}, {}, { device: 'b' }, { fresh: true }, {}])
      numbers.push(requestOf(await esipa.exchange({ ...ask, ...more })));
    expect(numbers).toEqual(['1', '2', '1', '1', '2']);
  });

  it('fillTo: zeros behind the message; the trace keeps its beginning', async () => {
    const { seen, answer } = remembering(noPackage);
    const { port } = await httpsServer(answer);
    const { events } = await channel(port).exchange({ ...ask, http: { fillTo: 300_000 } });
    const body = seen[0]?.body ?? Buffer.alloc(0);
    expect(body.length).toBe(300_000);
    expect(hex(body.subarray(0, 21))).toBe(hex(GET_EIM_PACKAGE));
    expect(body.subarray(21).every((byte) => byte === 0)).toBe(true);
    expect(events.find(({ kind }) => kind === 'http-request')?.bytes).toHaveLength(262_144);
    expect(events.find(({ kind }) => kind === 'note')?.text).toContain('262144 of 300000 bytes');
  });
});
