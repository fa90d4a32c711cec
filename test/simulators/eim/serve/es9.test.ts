/** ES9+'.HandleNotification towards an SM-DP+ (SGP.22 6.5.2). */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createEs9Sender, type Es9SenderOptions } from '../../../../src/simulators/eim/serve/es9-sender.js';
import { hex, unhex } from '../../../../src/simulators/tlv/writer.js';
import { atEnd, CA, pki } from './support.js';
import { identityOf } from '../../../../src/simulators/eim/serve/tls-settings.js';

const SMDP = 'testsmdpplus1.example.com';
const NOTIFICATION = unhex('BF3702BF27');

interface Received {
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function smdp(status: number, tlsName = 'S_SM_DP_TLS', plain = false) {
  const received: Received[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({
        url: request.url,
        headers: request.headers,
        body: hex(new Uint8Array(Buffer.concat(parts))),
      });
      response.writeHead(status).end();
    });
  };
  const { certificate, privateKey } = pki.identity(tlsName);
  const { certificate: cert, privateKey: key } = identityOf(certificate, privateKey);
  const server: Server = plain ? createHttpServer(answer) : createServer({ cert, key }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => void server.close());
  return { received, at: `127.0.0.1:${String((server.address() as AddressInfo).port)}` };
}

const sender = (at: string, more: Partial<Es9SenderOptions> = {}) =>
  createEs9Sender({ trust: CA.toString(), resolve: { [SMDP]: at }, plain: false, binding: 'json', ...more });

describe('handleNotification', () => {
  it('is JSON with the whole PendingNotification', async () => {
    const { received, at } = await smdp(204);
    await sender(at)(SMDP, NOTIFICATION);
    expect(received).toHaveLength(1);
    const [one] = received;
    expect([
      one?.url,
      one?.headers.host,
      one?.headers['x-admin-protocol'],
      one?.headers['content-type'],
    ]).toEqual([
      '/gsma/rsp2/es9plus/handleNotification',
      SMDP,
      'gsma/rsp/v2.1.0',
      'application/json;charset=UTF-8',
    ]);
    expect(JSON.parse(Buffer.from(one?.body ?? '', 'hex').toString())).toEqual({
      pendingNotification: 'vzcCvyc=',
    });
  });

  it('is ASN.1 in the envelope of ES9+ when asked to', async () => {
    const { received, at } = await smdp(200);
    await sender(at, { binding: 'asn1' })(SMDP, NOTIFICATION);
    expect(received[0]).toMatchObject({ url: '/gsma/rsp2/asn1', body: 'A20ABF3D07A005BF3702BF27' });
  });

  it('goes over plain HTTP in a laboratory', async () => {
    const { received, at } = await smdp(204, undefined, true);
    await sender(at, { plain: true })(SMDP, NOTIFICATION);
    expect(received).toHaveLength(1);
  });

  it.each([[500], [404], [302]])('is not delivered with status %i', async (status) => {
    const { at } = await smdp(status);
    await expect(sender(at)(SMDP, NOTIFICATION)).rejects.toMatchObject({
      code: 'es9-delivery',
      actual: `status ${String(status)}`,
    });
  });

  it('does not go to a server of another name, nor to one that the CI does not know', async () => {
    const other = await smdp(204, 'EIM_TLS');
    await expect(sender(other.at)(SMDP, NOTIFICATION)).rejects.toMatchObject({ code: 'es9-delivery' });
    const { at, received } = await smdp(204);
    const trust = Buffer.from(
      identityOf(pki.certificate('EUM_ECDSA_NIST'), pki.privateKey('EUM_ECDSA_NIST')).certificate,
    );
    await expect(sender(at, { trust: trust.toString() })(SMDP, NOTIFICATION)).rejects.toMatchObject({
      code: 'es9-delivery',
    });
    expect([...other.received, ...received]).toEqual([]);
  });

  it('ends when nobody is there, and when nobody answers', async () => {
    await expect(sender('127.0.0.1:1')(SMDP, NOTIFICATION)).rejects.toMatchObject({ code: 'es9-delivery' });
    const silent = createHttpServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    atEnd(() => (silent.closeAllConnections(), void silent.close()));
    const at = `127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
    const quick = sender(at, { plain: true, deadlineMs: 100 });
    await expect(quick(SMDP, NOTIFICATION)).rejects.toMatchObject({ code: 'es9-delivery' });
  });
});
