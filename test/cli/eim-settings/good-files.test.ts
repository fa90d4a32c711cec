import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultPkiFolder } from '../../../src/protocol/pki/folder.js';
import { https, settingsOf } from './support.js';

const pki = (file: string): Buffer => readFileSync(join(defaultPkiFolder(), file));

test('defaults', () => {
  const settings = settingsOf(https());
  expect(settings).toMatchObject({
    kind: 'eim-https',
    url: 'https://eim.example.com:8443',
    binding: 'asn1',
    trust: undefined,
    https: {},
    coap: {},
    devices: { concurrent: 1, list: [] },
    notifications: undefined,
    builtIn: undefined,
  });
  // Spread over defaults: a key that is not there must not hide one.
  expect(Object.keys(settings.https)).toEqual([]);
  expect([...(settings.management?.operations.keys() ?? [])]).toEqual(['restart']);
});

test('everything that a laboratory server may need', () => {
  const settings = settingsOf(
    https(`  binding: json
  servername: eim.lab
  trust: { certificate: ./tls.der }
  paths: { asn1: rsp/asn1, json: /rsp/esipa }
  contentType: application/octet-stream
  adminProtocol: gsma/rsp/v3.0.0
  userAgent: lab
  headers: { X-Api-Key: '{env.KEY}', X-Lab: '1' }
  http2: true
  plainHttp: true
  deadlineMs: '5000'
  tlsVersions: [TLSv1.2]
  ciphers: [ECDHE-ECDSA-AES128-SHA256]
  devices:
    concurrent: '2'
    list:
      - '89049032000001000000000000000074'
      - { eid: '89049032123451234512345678901235', certificate: ./tls.pem, privateKey: ./tls.key, eumCertificate: ./ca.pem }
  notifications: { listen: '[::1]:0', address: smdp.lab, tls: { certificate: ./tls.pem, privateKey: ./tls.key } }
`),
    {
      'tls.der': pki('CERT_EIM_TLS.der'),
      'tls.pem': pki('CERT_EIM_TLS.pem'),
      'tls.key': pki('SK_EIM_TLS.pem'),
      'ca.pem': pki('CERT_CI_ECDSA_NIST.pem'),
    },
    { KEY: 'k' },
  );
  expect(settings.https).toEqual({
    asn1Path: '/rsp/asn1',
    jsonPath: '/rsp/esipa',
    contentType: 'application/octet-stream',
    adminProtocol: 'gsma/rsp/v3.0.0',
    userAgent: 'lab',
    headers: { 'X-Api-Key': 'k', 'X-Lab': '1' },
    http2: true,
    plainHttp: true,
    ciphers: ['ECDHE-ECDSA-AES128-SHA256'],
    tlsVersions: ['TLSv1.2'],
    deadlineMs: 5000,
    servername: 'eim.lab',
  });
  expect(settings.trust).toEqual({ pinnedCertificate: new Uint8Array(pki('CERT_EIM_TLS.der')) });
  expect(settings.devices).toMatchObject({
    concurrent: 2,
    list: [
      { eid: '89049032000001000000000000000074' },
      {
        eid: '89049032123451234512345678901235',
        certificate: /BEGIN CERTIFICATE/,
        privateKey: /BEGIN PRIVATE/,
      },
    ],
  });
  expect(settings.notifications).toMatchObject({ host: '::1', port: 0, plain: false, address: 'smdp.lab' });
});

test('over CoAP', () => {
  const settings = settingsOf(
    `  kind: eim-coap
  url: coaps://[::1]:5684
  trust: { publicKey: ./key.pem }
  paths: { asn1: /a/b }
  contentFormat: none
  psk: { identity: dev, key: '{env.PSK}' }
  groups: [brainpoolP256r1]
  builtIn: { transactionIds: 'false', store: ./store, jsonErrorForm: body }
`,
    { 'key.pem': pki('PK_EIM_TLS.pem') },
    { PSK: '0A0B' },
  );
  expect(settings).toMatchObject({
    url: 'coaps://[::1]:5684',
    coap: {
      path: ['a', 'b'],
      contentFormat: null,
      psk: { identity: 'dev', key: Uint8Array.of(10, 11) },
      groups: ['brainpoolP256r1'],
    },
    builtIn: { transactionIds: false, store: /store$/, jsonErrorForm: 'body' },
    management: undefined,
  });
  expect(settings.trust?.pinnedSpki).toHaveLength(91);
});

test('several CAs in a file, none for the built-in eIM', () => {
  const both = Buffer.concat([pki('CERT_CI_ECDSA_NIST.pem'), pki('CERT_CI_ECDSA_BRP.pem')]);
  const settings = settingsOf(https('  trust: { ca: ./ca.pem }\n'), { 'ca.pem': both });
  expect(settings.trust?.ca?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(settingsOf('  kind: eim-https\n  builtIn: {}\n').url).toBeUndefined();
});

test('an eIM over CoAP that is known over HTTPS, too', () => {
  const coap = (more: string): ReturnType<typeof settingsOf> =>
    settingsOf(https().replace('eim-https', 'eim-coap').replace('https://', 'coaps://') + more);
  expect(coap('').httpsUrl).toBeUndefined();
  expect(coap('  https: https://eim.example.com:8443/\n').httpsUrl).toBe('https://eim.example.com:8443');
  expect(settingsOf('  kind: eim-coap\n  builtIn: { separate: true }\n').builtIn).toEqual({ separate: true });
});
