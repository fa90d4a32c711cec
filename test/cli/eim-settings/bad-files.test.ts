/** What is wrong in a target of an eIM is told at its place, before anything is sent. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SuiteError } from '../../../src/engine/yaml/nodes.js';
import { defaultPkiFolder } from '../../../src/protocol/pki/folder.js';
import { https, settingsOf } from './support.js';

const pki = (file: string): string => readFileSync(join(defaultPkiFolder(), file), 'utf8');
const files = {
  'ca.pem': pki('CERT_CI_ECDSA_NIST.pem'),
  'tls.pem': pki('CERT_EIM_TLS.pem'),
  'tls.key': pki('SK_EIM_TLS.pem'),
  'other.key': pki('SK_EIM2_TLS.pem'),
  'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  'text.pem': 'hello',
};

/** `code line:column what` of the mistake. */
function mistake(driver: string, rest = ''): string {
  try {
    settingsOf(driver, files, { SET: 'value' }, rest);
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    const place = error.place ?? '';
    return `${error.code} ${place.replace(/^.*t\.yaml:/, '')} ${error.message.replace(place, 't.yaml')}`;
  }
  return 'none';
}

/** Below `management:`, whose first line is line 7 and starts in column 5. */
const mapped = (text: string): string =>
  `  kind: eim-https\n  url: https://eim.example.com\n  management:\n${text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`;

const HTTP = 'http: { url: https://eim.example.com/api }\n';

describe('the mapping of the management API', () => {
  test.each([
    [
      'operations: { enabel: { http: { path: /e } } }',
      "unknown-operation 7:19 .*'enabel'.*Did you mean enable\\?",
    ],
    [`${HTTP}operations:\n  enable, dissable: { http: { path: /e } }`, "unknown-operation 9:7 .*'dissable'"],
    [
      `${HTTP}operations:\n  getRAT: { http: { path: /e }, bind: { order: body.id } }\n  listEim, getRAT: { http: { path: /e } }`,
      'duplicate-name 10:7 .*getRAT is mapped twice',
    ],
    ['operations: {}', 'driver-setting 7:17 .*maps nothing'],
    ['operation: {}', 'unknown-key 7:5 .*Did you mean operations\\?'],
    ['http: { url: https://a }', "missing-key 7:5 .*no 'operations'"],
    ['operations: { device: { http: { path: /d } } }', 'missing-key 7:5 .*base URL'],
    ['http: { url: eim.example.com }', 'missing-key'],
    [
      'http: { url: eim.example.com }\noperations: { restart: { http: { path: / } } }',
      "driver-setting 7:18 .*'eim.example.com' is no url; expected http:",
    ],
    ["http: { url: 'ftp://a' }\noperations: { restart: { http: { path: / } } }", 'driver-setting 7:18'],
    ['http: { url: "https://" }\noperations: { restart: { http: { path: / } } }', 'driver-setting 7:18'],
    [
      'http: { url: https://a, headers: { A B: c } }\noperations: { restart: { http: { path: / } } }',
      "driver-setting 7:40 .*'A B' is no name of a header",
    ],
    [
      "http: { url: https://a, headers: { A: '{env.UNSET}' } }\noperations: { restart: { http: { path: / } } }",
      'placeholder 7:43 .*UNSET',
    ],
    [
      "http: { url: https://a, headers: { A: '{eid}' } }\noperations: { restart: { http: { path: / } } }",
      'placeholder 7:43',
    ],
    [
      'http: { url: https://a, trust: { ca: ./broken.pem } }\noperations: { restart: { http: { path: / } } }',
      'certificate-malformed 7:42',
    ],
    [
      'http: { url: https://a, trust: { ca: ./nothere.pem } }\noperations: { restart: { http: { path: / } } }',
      'file-not-readable 7:42',
    ],
    [
      'http: { url: https://a, identity: { certificate: ./tls.pem, privateKey: ./other.key } }\noperations: { restart: { http: { path: / } } }',
      'pki-mismatch 7:77',
    ],
    [
      "http: { url: https://a, deadlineMs: '0' }\noperations: { restart: { http: { path: / } } }",
      "driver-setting 7:41 .*'0' is no deadlineMs",
    ],
  ])('%j', (text, expected) => {
    expect(mistake(mapped(text))).toMatch(new RegExp(`^${expected}`, 's'));
  });

  const enable = (call: string): string => mapped(`${HTTP}operations:\n  enable:\n    ${call}`);
  test.each([
    [
      "http: { path: '/e/{eidd}' }\n    bind: { order: body.id }",
      'placeholder 10:23 .*\\{eidd\\} has no value in enable.*Did you mean eid\\?',
    ],
    [
      "http: { path: /e, json: { a: ['{order}'] } }\n    bind: { order: body.id }",
      'placeholder 10:39 .*\\{order\\}',
    ],
    [
      "http: { path: /e, json: { r: '{rollbackFlag}' } }\n    bind: { order: body.id }",
      'placeholder 10:38 .*some calls only.*question mark',
    ],
    [
      "http: { path: /e, json: { r: '{settings.NONE}' } }\n    bind: { order: body.id }",
      'placeholder 10:38 ',
    ],
    [
      "http: { path: /e, json: { r: '{env.NONE}' } }\n    bind: { order: body.id }",
      'placeholder 10:38 .*Set NONE',
    ],
    ["http: { path: '/e/{eid' }\n    bind: { order: body.id }", 'management-notation 10:23 .*single \\{'],
    [
      "http: { path: '/e/{e id}' }\n    bind: { order: body.id }",
      'management-notation 10:23 .*is no placeholder',
    ],
    [
      "http: { path: '/{iccid|digit}' }\n    bind: { order: body.id }",
      "management-notation 10:23 .*no filter 'digit'.*Did you mean digits\\?$",
    ],
    ['http: { path: e }\n    bind: { order: body.id }', "driver-setting 10:23 .*'e' is no path"],
    [
      'http: { method: FETCH, path: /e }\n    bind: { order: body.id }',
      "driver-setting 10:25 .*'FETCH' is no method; expected GET, POST",
    ],
    [
      'http: { path: /e, josn: {} }\n    bind: { order: body.id }',
      'unknown-key 10:27 .*Did you mean json\\?',
    ],
    [
      'http: { path: /e, json: {}, form: {} }\n    bind: { order: body.id }',
      'driver-setting 10:43 .*one body',
    ],
    ['http: { path: /e }', "missing-key 9:7 .*enable does not tell 'order'"],
    ['http: { path: /e }\n    bind: { order: id }', 'management-notation 11:24 .*a path begins with body'],
    [
      "http: { path: /e }\n    bind: { order: 'body.[' }",
      'management-notation 11:24 .*is no path into an answer',
    ],
    ['http: { path: /e }\n    bind: { order: body.id|hexx }', "management-notation 11:24 .*no filter 'hexx'"],
    [
      'http: { path: /e }\n    accepted: [ok]\n    bind: { order: body.id }',
      "driver-setting 11:20 .*'ok' is no HTTP status",
    ],
    [
      "http: { path: /e }\n    refused: { status: '999' }\n    bind: { order: body.id }",
      'driver-setting 11:28 .*100 to 599',
    ],
    [
      'http: { path: /e }\n    refused: { from: body.a }\n    bind: { order: body.id }',
      'missing-key 11:18 .*from and is',
    ],
    ['http: { path: /e }\n    until: {}\n    bind: { order: body.id }', 'driver-setting 11:16 .*until needs'],
    [
      'http: { path: /e }\n    until: { status: [finished] }\n    bind: { order: body.id }',
      "driver-setting 11:27 .*'finished' is no status of an order",
    ],
    [
      'http: { path: /e }\n    until: { status: done }\n    bind: { order: body.id }',
      'missing-key 9:7 .*does not tell',
    ],
    [
      "http: { path: /e }\n    until: { status: done, pollMs: '-1' }\n    bind: { order: body.id }",
      "driver-setting 11:40 .*'-1' is no pollMs",
    ],
    ['htp: { path: /e }', 'unknown-key 10:9 .*Did you mean http\\?'],
    ['bind: { order: body.id }', 'driver-setting 10:9 .*one way to call'],
    ['http: { path: /e }\n    command: { run: [a] }', 'driver-setting 10:9 .*one way to call'],
    ['command: { run: [] }', 'driver-setting 10:25 .*empty'],
    ['command: { run: [a], shell: b }', 'driver-setting 10:18 .*one way to run'],
    ["command: { run: [a, '{x}'] }", 'placeholder 10:29'],
    ["prompt: { say: '{x}' }", 'placeholder 10:24'],
    ['prompt: { ask: { a: b } }', "missing-key 10:17 .*no 'say'"],
    ['steps: []', 'driver-setting 10:16 .*steps is empty'],
    ['steps: [ { http: { path: /e }, answer: {} } ]', 'unknown-key 10:40'],
    [
      'http: { path: /e }\n    answer: { order: { from: body.id, mapp: {} } }',
      'unknown-key 11:43 .*Did you mean map\\?',
    ],
    ['http: { path: /e }\n    answer: { order: { from: [] } }', 'management-notation 11:34 .*no path'],
  ])('enable: %j', (call, expected) => {
    expect(mistake(enable(call))).toMatch(new RegExp(`^${expected}`, 's'));
  });

  test('what only some orders bind has no value in outcome', () => {
    const text = (bind: string): string =>
      mapped(`${HTTP}operations:
  enable: { http: { path: /e }, bind: { order: body.id, place: { text: a } } }
  disable: { http: { path: /e }, bind: { order: body.id${bind} } }
  outcome: { http: { path: '/{place}/{order}' }, answer: { status: body.status } }`);
    expect(mistake(text(''))).toMatch(/^placeholder 11:32 .*\{place\} has no value in outcome/);
    expect(mistake(text(', place: { text: b }'))).toBe('none');
  });

  test('an outcome that tells no status', () => {
    const text = `${HTTP}operations: { outcome: { http: { path: '/{order}' } } }`;
    expect(mistake(mapped(text))).toMatch(/^missing-key 8:19 .*'status'/);
  });

  test('a member that no operation of a package has', () => {
    const text = (name: string): string =>
      mapped(`${HTTP}operations:
  package: { http: { path: /p, json: { each: operations, of: '{${name}}' } }, bind: { order: body.id } }`);
    expect(mistake(text('icid?'))).toMatch(/^placeholder 9:66 .*Did you mean iccid\?/);
    expect(mistake(text('iccid?'))).toBe('none');
    expect(mistake(text('eim.eimId?'))).toBe('none');
  });

  test('values of the environment and of the settings are known', () => {
    const text = `${HTTP}operations: { restart: { http: { path: '/{env.SET}/{settings.PLACE}/{operation}' } } }`;
    expect(mistake(mapped(text), 'settings: { PLACE: a }\n')).toBe('none');
  });
});

describe('the driver', () => {
  const replaced = (from: string, to: string): string => https().replace(from, to);
  test.each([
    ['an unknown key', https('  bindign: json\n'), 'unknown-key 7:3 .*Did you mean binding\\?'],
    ['a key of the other driver', https('  psk: {}\n'), 'unknown-key 7:3'],
    ['no url', replaced('  url: https://eim.example.com:8443\n', ''), "missing-key 4:3 .*no 'url'"],
    [
      'a url that is none',
      replaced('https://eim.example.com:8443', 'eim:8443'),
      "driver-setting 5:8 .*'eim:8443' is no url",
    ],
    ['a port that is none', replaced('8443', '99999'), 'driver-setting 5:8'],
    [
      'another scheme',
      replaced('https://eim.example.com:8443', 'coaps://eim'),
      'driver-setting 5:8 .*expected https://HOST:PORT',
    ],
    [
      'plain HTTP without saying so',
      replaced('https://eim.example.com:8443', 'http://eim'),
      'driver-setting 5:8',
    ],
    ['a path in the url', replaced(':8443', '/gsma/rsp2/asn1'), 'driver-setting 5:8 .*goes into `paths`'],
    ['no management', '  kind: eim-https\n  url: https://a\n', "missing-key 4:3 .*no 'management'"],
    [
      'a binding that is none',
      https('  binding: xml\n'),
      "driver-setting 7:12 .*'xml' is no binding; expected asn1, json",
    ],
    ['a path that is none', https("  paths: { asn1: 'a b' }\n"), "driver-setting 7:18 .*'a b' is no asn1"],
    ['an unknown path', https('  paths: { ans1: /a }\n'), 'unknown-key 7:12 .*Did you mean asn1\\?'],
    ['no flag', https('  http2: maybe\n'), "driver-setting 7:10 .*'maybe' is no http2"],
    ['a deadline that is none', https('  deadlineMs: soon\n'), 'driver-setting 7:15'],
    ['a version that is none', https('  tlsVersions: [TLSv1.2, SSLv3]\n'), "driver-setting 7:26 .*'SSLv3'"],
    ['a header that is none', https("  headers: { 'a:b': c }\n"), 'driver-setting 7:14'],
    ['a secret that is not set', https("  headers: { A: '{env.UNSET}' }\n"), 'placeholder 7:17 .*UNSET'],
    ['no trust', https('  trust: {}\n'), 'driver-setting 7:10 .*trust needs one way'],
    ['two trusts', https('  trust: { ca: ./ca.pem, none: true }\n'), 'driver-setting 7:10'],
    ['trust: none: false', https('  trust: { none: false }\n'), 'driver-setting 7:18'],
    [
      'a certificate that does not parse',
      https('  trust: { ca: ./broken.pem }\n'),
      'certificate-malformed 7:16',
    ],
    [
      'a file that is no certificate',
      https('  trust: { certificate: ./text.pem }\n'),
      'certificate-malformed 7:25',
    ],
    [
      'a certificate that is not there',
      https('  trust: { certificate: ./none.pem }\n'),
      'file-not-readable 7:25',
    ],
    [
      'a public key that does not parse',
      https('  trust: { publicKey: ./text.pem }\n'),
      'certificate-malformed 7:23',
    ],
    [
      'an EID that is none',
      https("  devices: { list: ['8904'] }\n"),
      "driver-setting 7:21 .*'8904' is no EID",
    ],
    [
      'check digits',
      https("  devices: { list: ['89049032000001000000000000000075'] }\n"),
      'driver-setting 7:21',
    ],
    [
      'a device twice',
      https(
        "  devices: { list: ['89049032000001000000000000000074', '89049032000001000000000000000074'] }\n",
      ),
      'duplicate-name 7:57',
    ],
    [
      'more at once than there are',
      https("  devices: { concurrent: '2', list: ['89049032000001000000000000000074'] }\n"),
      'driver-setting 7:26 .*at most 1',
    ],
    [
      'an identity that is not whole',
      https("  devices: { list: [ { eid: '89049032000001000000000000000074', certificate: ./tls.pem } ] }\n"),
      'missing-key 7:22',
    ],
    ['no place to listen', https('  notifications: {}\n'), "missing-key 7:18 .*'listen'"],
    [
      'a place that is none',
      https("  notifications: { listen: ':8444' }\n"),
      'driver-setting 7:28 .*HOST:PORT',
    ],
    [
      'a key of another certificate',
      https(
        "  notifications: { listen: '127.0.0.1:1', tls: { certificate: ./tls.pem, privateKey: ./other.key } }\n",
      ),
      'pki-mismatch 7:86',
    ],
    [
      'plain with TLS',
      https("  notifications: { listen: '127.0.0.1:1', plain: true, tls: {} }\n"),
      'driver-setting 7:61',
    ],
    [
      'an unknown key of builtIn',
      '  kind: eim-https\n  builtIn: { eimID: a }\n',
      'unknown-key 5:14 .*Did you mean eimId\\?',
    ],
  ])('%s', (_, driver, expected) => {
    expect(mistake(driver)).toMatch(new RegExp(`^${expected}`, 's'));
  });

  const coap = (more: string): string =>
    `  kind: eim-coap\n  url: coaps://eim.example.com\n  builtIn: {}\n${more}`;
  test.each([
    ['JSON', coap('  binding: json\n'), 'driver-setting 7:12 .*CoAP carries no JSON'],
    ['a JSON path', coap('  paths: { json: /a }\n'), 'driver-setting 7:18'],
    ['half a key', coap('  psk: { identity: a }\n'), 'missing-key 7:8'],
    [
      'a key that is none',
      coap('  psk: { identity: a, key: secret }\n'),
      'driver-setting 7:28 t.yaml: the key of psk is none; expected 1 to 64 bytes in hexadecimal$',
    ],
    ['a content format that is none', coap('  contentFormat: cbor\n'), 'driver-setting 7:18'],
    ['a key of the other driver', coap('  http2: true\n'), 'unknown-key 7:3'],
  ])('over CoAP: %s', (_, driver, expected) => {
    expect(mistake(driver)).toMatch(new RegExp(`^${expected}`, 's'));
  });
});
