import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { defaultPkiFolder } from '../../../src/protocol/pki/folder.js';
import type { HttpSettings } from '../../../drivers/management/index.js';
import { api, EID, mapping } from './support.js';

const pki = (file: string): string => readFileSync(join(defaultPkiFolder(), file), 'utf8');

/** A server with the certificate of the eIM for `localhost`, that tells the subject of its client. */
async function server(): Promise<string> {
  const made = createServer(
    {
      cert: pki('CERT_EIM_TLS.pem'),
      key: pki('SK_EIM_TLS.pem'),
      ca: pki('CERT_CI_ECDSA_NIST.pem'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const authorized = request.socket instanceof TLSSocket && request.socket.authorized;
      response.end(JSON.stringify({ associated: authorized }));
    },
  );
  made.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    made.closeAllConnections();
    made.close();
  });
  return `https://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

const text = `operations: { device: { http: { path: /d }, answer: { associated: body.associated } } }`;

async function device(http: Omit<HttpSettings, 'url' | 'headers' | 'deadlineMs'>): Promise<unknown> {
  const settings = { url: await server(), headers: [], deadlineMs: 5000, ...http };
  return (await api({ ...mapping(text), http: settings }).call('device', { eid: EID })).facts;
}

const ca = pki('CERT_CI_ECDSA_NIST.pem');

test('the certificate of the API is looked at', async () => {
  expect(await device({ ca, servername: 'localhost' })).toEqual({ associated: 'false' });
  await expect(device({})).rejects.toMatchObject({ name: 'TransportError', code: 'communication' });
  await expect(device({ ca, servername: 'other.example.com' })).rejects.toMatchObject({
    code: 'communication',
  });
  await expect(device({ ca: pki('CERT_CI_ECDSA_BRP.pem'), servername: 'localhost' })).rejects.toMatchObject({
    code: 'communication',
  });
});

test('unless the target says that it is not', async () => {
  expect(await device({ trustAll: true })).toEqual({ associated: 'false' });
});

test('a client certificate', async () => {
  const identity = { certificate: pki('CERT_EIM2_TLS.pem'), privateKey: pki('SK_EIM2_TLS.pem') };
  expect(await device({ trustAll: true, identity })).toEqual({ associated: 'true' });
});
