import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { listenEs9, type Es9ListenerOptions } from '../../../drivers/es9-listener/index.js';
import {
  ASN1_PATH,
  BadRequest,
  fromAsn1,
  fromJson,
  JSON_PATH,
} from '../../../drivers/es9-listener/pending-notification.js';
import type { NotificationListener } from '../../../drivers/eim-contract.js';
import { concat, hexToBytes, tlv } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';

const bytes = (hex: string): Uint8Array => hexToBytes(hex) as Uint8Array;
/** `SEQUENCE { BF2F { 80 01 nr } }`: enough of an OtherSignedNotification. */
const notification = (nr: number): Uint8Array => bytes(`3006BF2F038001${nr.toString(16).padStart(2, '0')}`);
const any = (): boolean => true;
const json = (data: Uint8Array): string =>
  JSON.stringify({ pendingNotification: Buffer.from(data).toString('base64') });

const local: Es9ListenerOptions = { host: '127.0.0.1', port: 0, plain: true };

async function listener(options = local): Promise<NotificationListener> {
  const made = await listenEs9(options);
  onTestFinished(() => made.close());
  return made;
}

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Uint8Array;
  readonly ca?: string;
}

function send(to: NotificationListener, { path = JSON_PATH, method = 'POST', body = '', ca }: Sent) {
  const [host, port] = to.address.split(':');
  const options = { host, port, path, method, agent: false as const };
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const request =
        ca === undefined
          ? plainRequest(options)
          : tlsRequest({ ...options, ca, servername: 'testsmdpplus1.example.com' });
      request.on('error', reject).on('response', (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      });
      request.end(body);
    },
  );
}

test('takes a notification in JSON and tells all of it', async () => {
  const to = await listener();
  const answer = await send(to, { body: json(notification(1)) });
  expect(answer).toMatchObject({ status: 204, headers: { 'x-admin-protocol': /^gsma\/rsp\/v2/ }, body: '' });
  expect(to.waiting).toBe(1);
  const got = await to.next(any, 0);
  expect(got?.data).toEqual(notification(1));
  expect(got?.facts).toMatchObject({ http: { method: 'POST', path: JSON_PATH, version: '1.1' } });
  expect(got?.events).toMatchObject([{ kind: 'http-request' }]);
  expect(to.waiting).toBe(0);
  expect(await to.next(any, 1)).toBeUndefined();
});

test.each([
  ['RemoteProfileProvisioningRequest', (n: Uint8Array) => tlv(0xa2, tlv(0xbf3d, n))],
  ['HandleNotification', (n: Uint8Array) => tlv(0xbf3d, n)],
  ['HandleNotification with its tag', (n: Uint8Array) => tlv(0xa2, tlv(0xbf3d, tlv(0xa0, n)))],
])('takes a notification in ASN.1: %s', async (_, wrap) => {
  const to = await listener();
  expect((await send(to, { path: ASN1_PATH, body: wrap(notification(2)) })).status).toBe(204);
  expect((await to.next(any, 1000))?.data).toEqual(notification(2));
});

test('over TLS, with the certificate of the SM-DP+', async () => {
  const pki = loadPkiFolder();
  const pem = (der: Uint8Array): string =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const { certificate, privateKey } = pki.identity('S_SM_DP_TLS');
  const to = await listener({
    host: '127.0.0.1',
    port: 0,
    tls: {
      certificate: pem(certificate.der),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  });
  const ca = pem(pki.certificate('CI_ECDSA_NIST').der);
  expect((await send(to, { body: json(notification(3)), ca })).status).toBe(204);
  const { facts, events } = (await to.next(any, 0)) ?? { facts: {}, events: [] };
  const tls = {
    version: 'TLSv1.3',
    cipher: expect.stringMatching(/^TLS_/) as string,
    servername: 'testsmdpplus1.example.com',
    resumed: 'false',
  };
  expect(facts).toMatchObject({ tls, http: { method: 'POST' } });
  expect(events.map(({ kind }) => kind)).toEqual(['tls', 'http-request']);
  expect(JSON.parse(events[0]?.text ?? '')).toEqual(tls);
});

test('each goes to who wants it, in the order of arrival', async () => {
  const to = await listener();
  const wants = (nr: number) => (data: Uint8Array) => data.at(-1) === nr;
  const second = to.next(wants(2), 5000);
  const never = to.next(wants(9), 50);
  for (const nr of [1, 2, 3]) await send(to, { body: json(notification(nr)) });
  expect((await second)?.data).toEqual(notification(2));
  expect(await never).toBeUndefined();
  expect((await to.next(any, 0))?.data).toEqual(notification(1));
  expect((await to.next(any, 0))?.data).toEqual(notification(3));
});

test('a wait ends with an abort, and with the listener', async () => {
  const to = await listenEs9(local);
  const stop = new AbortController();
  const aborted = to.next(any, 60_000, stop.signal);
  stop.abort();
  await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
  const left = to.next(any, 60_000);
  await to.close();
  expect(await left).toBeUndefined();
});

test('it refuses those that it is told to refuse, until it listens again', async () => {
  const to = await listener();
  const first = (data: Uint8Array) => data.at(-1) === 1;
  to.setState('refusing', first);
  expect((await send(to, { body: json(notification(1)) })).status).toBe(503);
  // It is seen, and gone when it listens again.
  expect((await to.next(first, 0))?.facts['http']).toMatchObject({ answered: '503' });
  expect((await send(to, { body: json(notification(1)) })).status).toBe(503);
  expect((await send(to, { body: json(notification(2)) })).status).toBe(204);
  to.setState('listening', first);
  expect((await send(to, { body: json(notification(1)) })).status).toBe(204);
  expect(to.waiting).toBe(2);
});

test('where it is silent the connection ends without an answer', async () => {
  const to = await listener();
  to.setState('silent', any);
  await expect(send(to, { body: json(notification(1)) })).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect((await to.next(any, 0))?.facts['http']).toMatchObject({ answered: 'none' });
});

test.each([
  ['no JSON', { body: '{' }, 400],
  ['no member', { body: '{}' }, 400],
  ['no base64', { body: '{"pendingNotification":"%%%%"}' }, 400],
  ['no DER', { body: json(bytes('3005')) }, 400],
  ['bytes behind it', { body: json(bytes('30000101')) }, 400],
  ['null', { body: 'null' }, 400],
  ['no ASN.1', { path: ASN1_PATH, body: 'hello' }, 400],
  ['another function', { path: ASN1_PATH, body: bytes('A203BF3B00') }, 400],
  ['another path', { path: '/gsma/rsp2/es9plus/getBoundProfilePackage', body: '{}' }, 404],
  ['another method', { method: 'GET' }, 405],
  ['a body that is too long', { body: 'x'.repeat(1024 * 1024 + 1) }, 413],
])('%s is refused', async (_, sent, status) => {
  const to = await listener();
  expect((await send(to, sent)).status).toBe(status);
  expect(to.waiting).toBe(0);
});

test('the number of notifications that nobody takes is bounded', async () => {
  const to = await listener();
  const many = Array.from({ length: 1000 }, () => send(to, { body: json(notification(1)) }));
  expect((await Promise.all(many)).every(({ status }) => status === 204)).toBe(true);
  expect((await send(to, { body: json(notification(1)) })).status).toBe(503);
  expect(to.waiting).toBe(1000);
  await to.next(any, 0);
  expect((await send(to, { body: json(notification(1)) })).status).toBe(204);
});

test('what is no HTTP does no harm', async () => {
  const to = await listener();
  const [host = '', port] = to.address.split(':');
  const socket = connect(Number(port), host, () => void socket.write('\x16\x03\x01\x00\x05hello\r\n\r\n'));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  expect((await send(to, { body: json(notification(1)) })).status).toBe(204);
});

test('a listener that can not be', async () => {
  await expect(listenEs9({ host: '127.0.0.1', port: 0 })).rejects.toMatchObject({ code: 'es9-listener' });
  const tls = { certificate: 'none', privateKey: 'none' };
  await expect(listenEs9({ host: '127.0.0.1', port: 0, tls })).rejects.toMatchObject({
    code: 'es9-listener',
  });
  const to = await listener();
  const port = Number(to.address.split(':')[1]);
  await expect(listenEs9({ host: '127.0.0.1', port, plain: true })).rejects.toMatchObject({
    code: 'communication',
  });
});

test('property: foreign bytes are a notification or a BadRequest', () => {
  const pieces = fc.constantFrom('A2', 'BF3D', 'A0', '30', '00', '03', '84FFFFFFFF', '80', 'FF').map(bytes);
  const body = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.array(pieces, { maxLength: 12 }).map(concat));
  fc.assert(
    fc.property(body, (data) => {
      for (const read of [fromAsn1, fromJson, (d: Uint8Array) => fromJson(Buffer.from(json(d)))])
        try {
          expect(read(data).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(BadRequest);
        }
    }),
  );
});
