import { expect, test } from 'vitest';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { api, EID, ICCID, ICCID_PRINTED, vendor } from './support.js';

const enable = `
http: { headers: { Authorization: 'Bearer {env.TOKEN}', X-Tenant: '{env.TENANT?}' } }
operations:
  enable:
    http:
      path: '/devices/{eid}/enable'
      query: { trace: '{uuid}', rollback: '{rollbackFlag?}' }
      headers: { Idempotency-Key: '{uuid}' }
      json: { iccid: '{iccid|digits}', rollback: '{rollbackFlag?|boolean}', priority: '{"5"|number}', tags: ['{iccid|lower}', '{{x}}'] }
    bind: { order: body.id }
`;

test('a call goes out as the mapping says, and its answer becomes facts', async () => {
  const { url, asked } = await vendor(() => ({ status: 202, body: { id: 17, secret_note: null } }));
  const management = api(enable, { url, env: { TOKEN: 'very-secret' } });
  const answer = await management.call('enable', { eid: EID, iccid: ICCID, rollbackFlag: 'true' });
  expect(answer).toMatchObject({ accepted: true, facts: { order: '17' } });
  const [one] = asked;
  expect(one?.method).toBe('POST');
  expect(one?.url).toMatch(new RegExp(`^/devices/${EID}/enable\\?trace=[0-9a-f-]{36}&rollback=true$`));
  expect(one?.headers).toMatchObject({
    authorization: 'Bearer very-secret',
    'content-type': 'application/json',
    'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  });
  expect(one?.headers).not.toHaveProperty('x-tenant');
  expect(JSON.parse(one?.body ?? '')).toEqual({
    iccid: ICCID_PRINTED,
    rollback: true,
    priority: 5,
    tags: [ICCID.toLowerCase(), '{x}'],
  });

  await management.call('enable', { eid: EID, iccid: ICCID });
  expect(asked[1]?.url).not.toContain('rollback');
  expect(JSON.parse(asked[1]?.body ?? '')).not.toHaveProperty('rollback');
});

test('events hold the exchange without secrets', async () => {
  const { url } = await vendor((asked) => ({
    body: { id: '1', access_token: 'abcdef', echo: asked.headers.authorization },
  }));
  const { events } = await api(enable, { url, env: { TOKEN: 'very-secret' } }).call('enable', {
    eid: EID,
    iccid: ICCID,
  });
  expect(events.map((e) => e.kind)).toEqual(['api-request', 'api-response']);
  const shown = events.map((e) => `${e.text ?? ''}\n${Buffer.from(e.bytes ?? []).toString()}`).join('\n');
  expect(shown).toContain(`POST ${url}/devices/${EID}/enable`);
  expect(shown).toContain(ICCID_PRINTED);
  expect(shown).toContain('Authorization: ***');
  expect(shown).not.toMatch(/very-secret|abcdef/);
});

test.each([
  [400, '{"error":{"message":"no such profile"}}', 'no such profile'],
  [404, '{"message":"unknown device"}', 'unknown device'],
  [409, '{"error":"busy"}', 'busy'],
  [422, 'plain text', 'plain text'],
])('HTTP %i is a refusal with its reason', async (status, body, reason) => {
  const { url } = await vendor(() => ({ status, body, headers: { 'Content-Type': 'text/plain' } }));
  const answer = await api(enable, { url, env: { TOKEN: 't' } }).call('enable', { eid: EID, iccid: ICCID });
  expect(answer).toMatchObject({ accepted: false, facts: { status: String(status), reason } });
});

test.each([301, 401, 405, 415, 429, 500, 503])('HTTP %i is no refusal but trouble', async (status) => {
  const { url } = await vendor(() => ({ status, body: {} }));
  const call = api(enable, { url, env: { TOKEN: 't' } }).call('enable', { eid: EID, iccid: ICCID });
  await expect(call).rejects.toMatchObject({ code: 'management-answer', events: [{}, {}] });
});

test('a mapping says itself what is a yes and what a no', async () => {
  const text = `
operations:
  removeDevice:
    http: { method: DELETE, path: '/devices/{eid}' }
    accepted: ['200', '404']
    refused: { status: ['500'], from: body.result, is: [REJECTED], reason: body.why }
`;
  const answers = [
    { status: 404, body: {} },
    { status: 500, body: { why: 'locked' } },
    { status: 200, body: { result: 'REJECTED', why: 'still in use' } },
    { status: 200, body: { result: 'OK' } },
    { status: 400, body: {} },
  ];
  const { url } = await vendor(() => answers.shift());
  const management = api(text, { url });
  const call = () => management.call('removeDevice', { eid: EID });
  expect(await call()).toMatchObject({ accepted: true });
  expect(await call()).toMatchObject({ accepted: false, facts: { status: '500', reason: 'locked' } });
  expect(await call()).toMatchObject({ accepted: false, facts: { status: '200', reason: 'still in use' } });
  expect(await call()).toMatchObject({ accepted: true });
  await expect(call()).rejects.toMatchObject({ code: 'management-answer' });
});

test('steps bind values for the next; a login with a form', async () => {
  const text = `
operations:
  removeDevice:
    steps:
      - http: { path: /token, form: { grant_type: client_credentials, client_secret: '{env.SECRET}' } }
        bind: { token: body.access_token }
      - http: { method: DELETE, path: '/devices/{eid}', headers: { Authorization: 'Bearer {token}' } }
`;
  const { url, asked } = await vendor(({ url: path }) =>
    path === '/token' ? { body: { access_token: 'tok' } } : { status: 204 },
  );
  const answer = await api(text, { url, env: { SECRET: 'a b&c' } }).call('removeDevice', { eid: EID });
  expect(answer).toMatchObject({ accepted: true, facts: {} });
  expect(asked.map((a) => `${a.method} ${a.url} ${a.body}`)).toEqual([
    'POST /token grant_type=client_credentials&client_secret=a+b%26c',
    `DELETE /devices/${EID} `,
  ]);
  expect(asked[1]?.headers.authorization).toBe('Bearer tok');
  const shown = answer.events.map((e) => `${e.text ?? ''}${Buffer.from(e.bytes ?? []).toString()}`).join('');
  expect(shown).not.toMatch(/a\+b%26c|"tok"|Bearer tok/);
});

test('values in a path can not leave it', async () => {
  const { url, asked } = await vendor(() => ({ status: 204 }));
  const text = `operations: { removeDevice: { http: { method: DELETE, path: '/devices/{eid}' } } }`;
  await api(text, { url }).call('removeDevice', { eid: '../a?b#c d' });
  expect(asked[0]?.url).toBe('/devices/..%2Fa%3Fb%23c%20d');
});

const plain = `
http: { deadlineMs: '300' }
operations: { device: { http: { path: /d }, answer: { associated: body.associated } } }
`;

test('a server that is not there is unreachable', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  await expect(
    api(plain, { url: `http://127.0.0.1:${port}` }).call('device', { eid: EID }),
  ).rejects.toMatchObject({ name: 'TransportError', code: 'unreachable' });
  await expect(api(plain, { url: 'http://eim.invalid' }).call('device', { eid: EID })).rejects.toMatchObject({
    code: 'unreachable',
  });
});

test.each([
  ['silence', () => undefined],
  [
    'a body that does not end',
    (_: unknown, __: unknown, response: { write: (t: string) => unknown }) => void response.write('{'),
  ],
] as const)('%s ends at the deadline', async (_, answer) => {
  const { url } = await vendor(answer);
  await expect(api(plain, { url }).call('device', { eid: EID })).rejects.toMatchObject({
    name: 'TransportError',
    code: 'timeout',
  });
});

test('a reset, a body without end, and what is no HTTP end with an error', async () => {
  const reset = await vendor((_, request) => void request.socket.destroy());
  await expect(api(plain, { url: reset.url }).call('device', { eid: EID })).rejects.toMatchObject({
    code: 'communication',
  });
  let written = 0;
  const flood = await vendor((_, __, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536))) written += 65_536;
    };
    response.on('drain', more);
    more();
    return undefined;
  });
  const text = plain.replace("'300'", "'5000'");
  await expect(api(text, { url: flood.url }).call('device', { eid: EID })).rejects.toMatchObject({
    code: 'management-answer',
  });
  expect(written).toBeLessThan(32 * 1024 * 1024);
  const garbage = createServer((socket) => socket.end('hello\r\n\r\n')).listen(0, '127.0.0.1');
  onTestFinished(() => void garbage.close());
  await new Promise((resolve) => garbage.once('listening', resolve));
  const { port } = garbage.address() as AddressInfo;
  await expect(
    api(plain, { url: `http://127.0.0.1:${port}` }).call('device', { eid: EID }),
  ).rejects.toMatchObject({ code: 'communication' });
});

test('an abort ends a call and a poll', async () => {
  const { url } = await vendor(() => undefined);
  const stop = new AbortController();
  const call = api(plain.replace("'300'", "'60000'"), { url }).call('device', { eid: EID }, stop.signal);
  stop.abort();
  await expect(call).rejects.toMatchObject({ code: 'aborted' });

  const text = `
operations:
  outcome:
    http: { path: '/orders/{order}' }
    until: { status: done, pollMs: '60000', deadlineMs: '600000' }
    answer: { status: body.status }
`;
  const second = new AbortController();
  const pending = await vendor(() => (queueMicrotask(() => second.abort()), { body: { status: 'pending' } }));
  await expect(
    api(text, { url: pending.url }).call('outcome', { order: '1' }, second.signal),
  ).rejects.toMatchObject({ code: 'aborted' });
});

test('what the answer must tell is looked at', async () => {
  const text = `
operations:
  enable: { http: { path: /e, json: {} }, bind: { order: body.id } }
  outcome:
    http: { path: /o }
    answer: { status: { from: body.s, map: { D: done } }, results: { each: body.r, of: { operation: '@key', code: '@value.code' } } }
  device: { http: { path: /d }, answer: { profiles: { each: body.p, of: { iccid: iccid|iccid, state: { from: s, map: { '1': enabled, '*': disabled } } } } } }
`;
  const answers: unknown[] = [];
  const { url } = await vendor(() => ({ body: answers.shift() }));
  const management = api(text, { url });
  const say = (body: unknown) => answers.push(body);
  say({});
  await expect(management.call('enable', { eid: EID, iccid: ICCID })).rejects.toMatchObject({
    code: 'management-answer',
    place: 'order',
  });
  say({ s: 'X' });
  await expect(management.call('outcome', { order: '1' })).rejects.toMatchObject({
    code: 'management-answer',
    place: 'body.s',
    expected: 'D',
    actual: 'X',
  });
  say({ s: 'D', r: [{ enable: { code: 0 } }, { getRAT: { code: 1 } }] });
  expect((await management.call('outcome', { order: '1' })).facts).toEqual({
    status: 'done',
    results: [
      { operation: 'enable', code: '0' },
      { operation: 'getRAT', code: '1' },
    ],
  });
  say({ s: 'D', r: [{ enable: {} }] });
  await expect(management.call('outcome', { order: '1' })).rejects.toMatchObject({ place: 'code' });
  say({
    p: [
      { iccid: ICCID_PRINTED, s: 1 },
      { iccid: ICCID_PRINTED, s: 0 },
    ],
  });
  expect((await management.call('device', { eid: EID })).facts).toEqual({
    profiles: [
      { iccid: ICCID, state: 'enabled' },
      { iccid: ICCID, state: 'disabled' },
    ],
  });
  say({ p: [{ iccid: 'none', s: 1 }] });
  await expect(management.call('device', { eid: EID })).rejects.toMatchObject({ code: 'management-answer' });
  say({ p: { not: 'a list' } });
  await expect(management.call('device', { eid: EID })).rejects.toMatchObject({ code: 'management-answer' });
});

test('an outcome remembers what its order bound; one that is unknown has no value', async () => {
  const text = `
operations:
  enable: { http: { path: /e, json: {} }, bind: { order: body.id, place: { text: 'a/{eid}' } } }
  outcome: { http: { path: '/{place}/{ordered}/{order}' }, answer: { status: body.status } }
`;
  const { url, asked } = await vendor(() => ({ body: { id: 'o 1', status: 'done' } }));
  const management = api(text, { url });
  await management.call('enable', { eid: EID, iccid: ICCID });
  await management.call('outcome', { order: 'o 1' });
  expect(asked[1]?.url).toBe(`/a%2F${EID}/enable/o%201`);
  await expect(management.call('outcome', { order: 'other' })).rejects.toMatchObject({
    code: 'management-parameter',
    place: '{place}',
  });
});

test('a poll goes on until the status is there, and tells the last one at its deadline', async () => {
  const text = `
operations:
  outcome:
    http: { path: '/orders/{order}' }
    until: { status: [done, failed], pollMs: '1', deadlineMs: '5000' }
    answer: { status: body.status }
`;
  const statuses = ['pending', 'pending', 'delivered', 'delivered', 'done'];
  const { url, asked } = await vendor(() => ({ body: { status: statuses.shift() ?? 'pending' } }));
  const management = api(text, { url });
  const first = await management.call('outcome', { order: '1', wanted: 'delivered' });
  expect(first.facts).toEqual({ status: 'delivered' });
  expect(asked).toHaveLength(3);
  const second = await management.call('outcome', { order: '1' });
  expect(second.facts).toEqual({ status: 'done' });
  expect(second.events).toHaveLength(4);
  const late = await management.call('outcome', { order: '1', deadlineMs: '20' });
  expect(late.facts).toEqual({ status: 'pending' });
  expect(late.events).toHaveLength(4);
  const once = asked.length;
  await management.call('outcome', { order: '1', deadlineMs: '0' });
  expect(asked.length - once).toBe(1);
});

test('an operation that nobody mapped', async () => {
  await expect(api(plain).call('restart', {})).rejects.toMatchObject({ code: 'operation-not-mapped' });
  expect([...api(plain).operations]).toEqual(['device']);
});

test('choose by the operation, in a package', async () => {
  const text = `
operations:
  package:
    http:
      path: /p
      json: { list: { each: operations, of: { choose: operation, of: { enable: { enable: '{iccid|digits}' }, getRAT: rat } } } }
    bind: { order: body.id }
`;
  const { url, asked } = await vendor(() => ({ body: { id: 1 } }));
  const management = api(text, { url });
  await management.call('package', {
    eid: EID,
    operations: [{ operation: 'enable', iccid: ICCID }, { operation: 'getRAT' }],
  });
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ list: [{ enable: ICCID_PRINTED }, 'rat'] });
  await expect(
    management.call('package', { eid: EID, operations: [{ operation: 'listEim' }] }),
  ).rejects.toMatchObject({ code: 'operation-not-mapped', actual: 'listEim' });
});
