/** Each seeded defect of HTTP and JSON changes what it says, seen from outside. */
import { Agent } from 'node:https';
import { describe, expect, it } from 'vitest';
import { SERVE_DEFECTS } from '../../../../src/simulators/eim/serve/defect-list.js';
import { hex } from '../../../../src/simulators/tlv/writer.js';
import { ask, askJson, atEnd, openEsipa, POLL, type Answer, type Ask, type OpenEsipa } from './support.js';

const BF3D = Buffer.from('BF3D02A000', 'hex');

interface Case {
  readonly ask?: Partial<Ask>;
  /** What the eIM answers. */
  readonly answer?: string;
  readonly good: unknown;
  readonly bad: unknown;
  readonly see: (answer: Answer) => unknown;
}

const status = (answer: Answer): number => answer.status;
const header = (name: string) => (answer: Answer) => answer.headers[name];
const body = (answer: Answer): string => hex(new Uint8Array(answer.body));

const HTTP: Record<string, Case> = {
  'admin-protocol-not-checked': {
    ask: { headers: { 'X-Admin-Protocol': undefined } },
    good: 400,
    bad: 200,
    see: status,
  },
  'admin-protocol-any-major': {
    ask: { headers: { 'X-Admin-Protocol': 'gsma/rsp/v9.0.0' } },
    good: 400,
    bad: 200,
    see: status,
  },
  'admin-protocol-not-answered': { good: 'gsma/rsp/v2.1.0', bad: undefined, see: header('x-admin-protocol') },
  'admin-protocol-malformed': { good: 'gsma/rsp/v2.1.0', bad: '2.1.0', see: header('x-admin-protocol') },
  'content-type-missing': {
    good: 'application/x-gsma-rsp-asn1',
    bad: undefined,
    see: header('content-type'),
  },
  'content-type-octet-stream': {
    good: 'application/x-gsma-rsp-asn1',
    bad: 'application/octet-stream',
    see: header('content-type'),
  },
  'wrong-path-accepted': { ask: { path: '/' }, good: 404, bad: 200, see: status },
  'get-accepted': { ask: { method: 'GET' }, good: 405, bad: 200, see: status },
  'any-content-type-accepted': {
    ask: { headers: { 'Content-Type': 'a/b' } },
    good: 415,
    bad: 200,
    see: status,
  },
  'user-agent-refused': { good: 200, bad: 403, see: status },
  'user-agent-exact': {
    ask: { headers: { 'User-Agent': 'gsma-rsp-ipad;vendor/1' } },
    good: 200,
    bad: 403,
    see: status,
  },
  'notification-answer-with-body': { ask: { body: BF3D }, good: '', bad: 'BF50023000', see: body },
  'empty-body-accepted': { ask: { body: '' }, good: 400, bad: 200, see: status },
  'undecodable-body-server-error': { ask: { body: POLL.subarray(1) }, good: 400, bad: 500, see: status },
  'undecodable-body-accepted': { ask: { body: POLL.subarray(1) }, good: 400, bad: 200, see: status },
  'trailing-bytes-accepted': { ask: { body: Buffer.concat([POLL, POLL]) }, good: 400, bad: 200, see: status },
  'error-as-http-status': { good: 200, bad: 404, see: status },
  'no-package-as-204': { good: 200, bad: 204, see: status },
  'created-in-place-of-ok': { good: 200, bad: 201, see: status },
  'answer-in-base64': { good: 'BF4F03020101', bad: hex(Buffer.from('v08DAgEB')), see: body },
  'answer-in-es9-envelope': { good: 'BF4F03020101', bad: 'A206BF4F03020101', see: body },
  'chunked-refused': { ask: { chunked: true }, good: 200, bad: 411, see: status },
  'large-body-server-error': { ask: { body: Buffer.alloc(2 << 20) }, good: 413, bad: 500, see: status },
};

describe('HTTP', () => {
  it.each(Object.entries(HTTP))('%s', async (name, one) => {
    for (const [names, expected] of [
      [[], one.good],
      [[name], one.bad],
    ] as const) {
      const { port } = await openEsipa({ names });
      expect(one.see(await ask({ port, ...one.ask }))).toBe(expected);
    }
  });

  it.each([
    ['undecodable-body-closes', { body: POLL.subarray(1) }],
    ['large-body-resets', { body: Buffer.alloc(2 << 20) }],
  ])('%s', async (name, deviation) => {
    const { port } = await openEsipa({ names: [name] });
    await expect(ask({ port, ...deviation })).rejects.toThrow();
    expect((await ask({ port })).status).toBe(200);
  });

  it.each([
    ['connection-closed-after-answer', [200, 200, false]],
    ['second-request-refused', [200, 503, true]],
  ])('%s', async (name, expected) => {
    const { port } = await openEsipa({ names: [name] });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    atEnd(() => agent.destroy());
    const first = await ask({ port, agent });
    expect(first.headers.connection).toBe('keep-alive');
    // The end of the connection is seen once the loop has turned.
    await new Promise((resolve) => setImmediate(resolve));
    const second = await ask({ port, agent }).catch(() => ask({ port, agent }));
    expect([first.status, second.status, second.socket.reused]).toEqual(expected);
  });

  it('connection-used-up', async () => {
    const { port } = await openEsipa({ names: ['connection-used-up'] });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    atEnd(() => agent.destroy());
    const statuses: number[] = [];
    for (let nr = 0; nr < 13; nr += 1) statuses.push((await ask({ port, agent })).status);
    expect(statuses).toEqual([...Array<number>(11).fill(200), 503, 503]);
    expect((await ask({ port })).status).toBe(200);
  });

  it('any-host-answered', async () => {
    const { port } = await openEsipa({ names: ['any-host-answered'], strictHost: true });
    expect((await ask({ port, headers: { Host: 'other' } })).status).toBe(200);
  });
});

const EID = '89049032123451234512345678901235';
const PACKAGE = 'BF4F07BF510430020000';
const ACK = 'BF5006BF5303800105';
const ACK_DER = Buffer.from('BF5303800105', 'hex').toString('base64');
const RESULT = Buffer.from('BF5200', 'hex').toString('base64');

type Seen = { status: number; type: string | undefined; json: unknown };
interface JsonCase {
  readonly fn?: string;
  readonly body?: unknown;
  readonly answer?: string;
  readonly see: (seen: Seen, opened: OpenEsipa) => unknown;
  readonly good: unknown;
  readonly bad: unknown;
}

const SUCCESS = { header: { functionExecutionStatus: { status: 'Executed-Success' } } };
const json = (seen: Seen): unknown => seen.json;
const jsonStatus = (seen: Seen): number => seen.status;
const asked = (_: Seen, { eim }: OpenEsipa): string | undefined => eim.asked[0];
const failed = (subjectCode: string, reasonCode: string) => ({
  header: { functionExecutionStatus: { status: 'Failed', statusCodeData: { subjectCode, reasonCode } } },
});
const packageIs = (value: string) => ({ ...SUCCESS, euiccPackageRequest: value });
const GOOD_PACKAGE = packageIs(Buffer.from('BF510430020000', 'hex').toString('base64'));

const JSON_CASES: Record<string, JsonCase> = {
  'json-content-type-text': {
    see: (seen) => seen.type,
    good: 'application/json;charset=UTF-8',
    bad: 'text/plain',
  },
  'json-not-implemented': { see: jsonStatus, good: 200, bad: 501 },
  'json-any-function': { fn: 'getPackage', see: jsonStatus, good: 404, bad: 200 },
  'json-status-missing': {
    answer: 'BF50023000',
    fn: 'provideEimPackageResult',
    body: { eimPackageResult: RESULT },
    see: json,
    good: SUCCESS,
    bad: {},
  },
  'json-status-lower-case': {
    answer: 'BF50023000',
    fn: 'provideEimPackageResult',
    body: { eimPackageResult: RESULT },
    see: json,
    good: SUCCESS,
    bad: { header: { functionExecutionStatus: { status: 'executed-success' } } },
  },
  'json-success-on-error': { see: json, good: failed('8.1.1', '3.7'), bad: SUCCESS },
  'json-wrong-status-code': { see: json, good: failed('8.1.1', '3.7'), bad: failed('8.1', '1.1') },
  'json-base64-unpadded': { answer: PACKAGE, see: json, good: GOOD_PACKAGE, bad: packageIs('v1EEMAIAAA') },
  'json-base64-url': {
    answer: 'BF4F07BF51043002FFEF',
    see: json,
    good: packageIs('v1EEMAL/7w=='),
    bad: packageIs('v1EEMAL_7w'),
  },
  'json-hex-in-place-of-base64': {
    answer: PACKAGE,
    see: json,
    good: GOOD_PACKAGE,
    bad: packageIs('BF510430020000'),
  },
  'json-value-without-tag': { answer: PACKAGE, see: json, good: GOOD_PACKAGE, bad: packageIs('MAIAAA==') },
  'json-member-in-body-object': {
    answer: PACKAGE,
    see: json,
    good: GOOD_PACKAGE,
    bad: { ...SUCCESS, body: { euiccPackageRequest: 'v1EEMAIAAA==' } },
  },
  'json-member-renamed': {
    answer: PACKAGE,
    see: json,
    good: GOOD_PACKAGE,
    bad: { ...SUCCESS, eimPackage: 'v1EEMAIAAA==' },
  },
  'json-acknowledgements-as-numbers': {
    fn: 'provideEimPackageResult',
    body: { eimPackageResult: RESULT },
    answer: ACK,
    see: json,
    good: { ...SUCCESS, eimAcknowledgements: ACK_DER },
    bad: { ...SUCCESS, eimAcknowledgements: [5] },
  },
  'json-eid-required': {
    fn: 'provideEimPackageResult',
    body: { eimPackageResult: RESULT },
    answer: ACK,
    see: jsonStatus,
    good: 200,
    bad: 400,
  },
  'json-result-wants-envelope': {
    fn: 'provideEimPackageResult',
    body: { eimPackageResult: RESULT },
    answer: ACK,
    see: jsonStatus,
    good: 200,
    bad: 400,
  },
  'json-report-ignored': {
    body: { eidValue: EID, notifyStateChange: true, stateChangeCause: 4 },
    see: asked,
    good: `BF4F175A10${EID}8000810104`,
    bad: `BF4F125A10${EID}`,
  },
  'json-rplmn-as-text': {
    body: { eidValue: EID, rPlmn: Buffer.from('62F210', 'hex').toString('base64') },
    see: jsonStatus,
    good: 200,
    bad: 400,
  },
  'json-bad-base64-accepted': {
    fn: 'provideEimPackageResult',
    body: { eimPackageResult: `${RESULT.slice(0, 2)} ${RESULT.slice(2)}` },
    answer: ACK,
    see: jsonStatus,
    good: 400,
    bad: 200,
  },
  'json-both-members-accepted': {
    fn: 'handleNotification',
    body: {
      pendingNotification: Buffer.from('3000', 'hex').toString('base64'),
      provideEimPackageResult: Buffer.from('BF5000', 'hex').toString('base64'),
    },
    see: jsonStatus,
    good: 400,
    bad: 204,
  },
  'json-malformed-server-error': { body: '{', see: jsonStatus, good: 400, bad: 500 },
  'json-notification-answered': {
    fn: 'handleNotification',
    body: { pendingNotification: Buffer.from('3000', 'hex').toString('base64') },
    see: jsonStatus,
    good: 204,
    bad: 200,
  },
};

describe('JSON', () => {
  it.each(Object.entries(JSON_CASES))('%s', async (name, one) => {
    for (const [names, expected] of [
      [[], one.good],
      [[name], one.bad],
    ] as const) {
      const opened = await openEsipa({ names });
      if (one.answer !== undefined) opened.eim.answer = one.answer;
      const seen = await askJson(opened.port, one.fn ?? 'getEimPackage', one.body ?? { eidValue: EID });
      expect(one.see(seen, opened)).toEqual(expected);
    }
  });
});

it('no defect of HTTP or JSON is without its test', () => {
  const elsewhere = /^(tls-|cbc-|rsa-|any-|session-|client-|certificate-|sni-|brainpool-|plain-|coap-)/;
  const here = SERVE_DEFECTS.map(({ name }) => name).filter(
    (name) => !elsewhere.test(name) || name === 'any-content-type-accepted',
  );
  const tested = [
    ...Object.keys(HTTP),
    ...Object.keys(JSON_CASES),
    ...[
      'undecodable-body-closes',
      'large-body-resets',
      'connection-closed-after-answer',
      'second-request-refused',
      'connection-used-up',
    ],
  ];
  expect(here.filter((name) => !tested.includes(name))).toEqual([]);
});
