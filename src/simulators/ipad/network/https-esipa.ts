/** ESipa over HTTPS, in the ASN.1 and in the JSON binding (SGP.32 6.1, 6.3, 6.4). */
import { answerFromJson, functionOf, requestToJson } from '../../../protocol/esipa-json/index.js';
import type { IpaVersion } from '../../ipa/index.js';
import type { IpadDefects } from '../defects.js';
import { EsipaError, type EsipaErrorDetail } from './esipa-error.js';
import type { EsipaSession } from './esipa-session.js';
import type { HttpClient, HttpReply, HttpRequest } from './http-client.js';

export interface HttpsEsipaOptions {
  readonly http: HttpClient;
  readonly binding: 'asn1' | 'json';
  readonly version: IpaVersion;
  readonly userAgent: string;
  readonly defects: IpadDefects;
}

const ADMIN_PROTOCOL = 'gsma/rsp/v2.1.0';
const ASN1_TYPE = 'application/x-gsma-rsp-asn1';
const JSON_TYPE = 'application/json';
const ASN1_PATH = '/gsma/rsp2/asn1';
const JSON_PATH = '/gsma/rsp2/esipa/';
const NOTHING = new Uint8Array(0);

export function httpsEsipa(options: HttpsEsipaOptions): EsipaSession {
  const { http, binding, defects } = options;
  return {
    async exchange(message) {
      const request = binding === 'json' ? jsonRequest(message, options) : asn1Request(message, options);
      const reply = await http.send(request);
      // A new connection for each message is what a careless client makes.
      if (defects.has('connection-not-kept')) await http.close();
      const body = bodyOf(reply, binding === 'json' ? JSON_TYPE : ASN1_TYPE, defects);
      return binding === 'json' ? fromJson(message, reply.status, body, options) : body;
    },
    close: () => http.close(),
  };
}

function asn1Request(message: Uint8Array, { userAgent, defects }: HttpsEsipaOptions): HttpRequest {
  return {
    method: 'POST',
    path: defects.has('es9-path-for-esipa') ? '/gsma/rsp2/es9plus/asn1' : ASN1_PATH,
    headers: headers(
      defects.has('request-octet-stream') ? 'application/octet-stream' : ASN1_TYPE,
      userAgent,
      defects,
    ),
    body: message,
  };
}

function jsonRequest(message: Uint8Array, { version, userAgent, defects }: HttpsEsipaOptions): HttpRequest {
  const { functionName, body } = requestToJson(version, message);
  const wrapped = defects.has('json-request-header')
    ? { header: { functionRequesterIdentifier: 'ipad', functionCallIdentifier: functionName }, ...body }
    : body;
  return {
    method: 'POST',
    path: defects.has('json-on-asn1-path') ? ASN1_PATH : `${JSON_PATH}${functionName}`,
    headers: headers(
      defects.has('json-request-as-text') ? 'text/plain' : `${JSON_TYPE};charset=UTF-8`,
      userAgent,
      defects,
    ),
    body: Buffer.from(JSON.stringify(wrapped)),
  };
}

const headers = (type: string, userAgent: string, defects: IpadDefects): Record<string, string> => ({
  'content-type': type,
  ...(defects.has('admin-protocol-missing') ? {} : { 'x-admin-protocol': ADMIN_PROTOCOL }),
  'user-agent': defects.has('user-agent-lpad') ? 'gsma-rsp-lpad' : userAgent,
});

/** @throws {EsipaError} `status`, `protocol`. */
export function bodyOf(reply: HttpReply, type: string, defects: IpadDefects): Uint8Array {
  const { status, body, mediaType, retryAfterMs } = reply;
  const success = status === 200 || (status === 204 && !defects.has('no-content-as-failure'));
  if (!success && !defects.has('http-status-ignored')) {
    const again = status >= 500 || status === 408 || status === 429 || defects.has('not-found-retried');
    throw new EsipaError('status', 'the server refused the request', {
      expected: 'status 200 or 204',
      actual: `status ${String(status)}`,
      again: again && !(status >= 500 && defects.has('server-error-not-retried')),
      afterMs: retryAfterMs,
    });
  }
  if (body.length === 0) return NOTHING;
  if (mediaType !== type && !defects.has('answer-type-unchecked'))
    throw unusable({ expected: type, actual: mediaType || 'no Content-Type' });
  return body;
}

/** What is told in JSON, as the DER that says the same. */
function fromJson(
  message: Uint8Array,
  status: number,
  body: Uint8Array,
  { version, defects }: HttpsEsipaOptions,
): Uint8Array {
  const functionName = functionOf(message) ?? '';
  if (body.length === 0) {
    if (functionName === 'handleNotification') return NOTHING;
    throw unusable({ expected: 'a JSON object', actual: 'no body' });
  }
  const parsed = parse(body);
  const seen = defects.has('json-status-ignored') ? alwaysExecuted(parsed) : parsed;
  const answer = answerFromJson(version, functionName, status, seen);
  const wrong = answer.findings.find(({ severity }) => severity === 'violation');
  if (wrong !== undefined)
    throw unusable({ place: wrong.path, expected: wrong.expected, actual: wrong.actual });
  // HandleNotification has nothing but the header to tell that it failed.
  if (functionName === 'handleNotification' && isFailed(seen))
    throw new EsipaError('status', 'the eIM did not take the message', { actual: 'Failed', again: false });
  return answer.data;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw unusable({ expected: 'JSON', actual: 'something else', cause });
  }
}

const statusOf = (body: unknown): { status?: unknown } | undefined =>
  (body as { header?: { functionExecutionStatus?: { status?: unknown } } } | null)?.header
    ?.functionExecutionStatus;

const isFailed = (body: unknown): boolean => statusOf(body)?.status !== 'Executed-Success';

function alwaysExecuted(body: unknown): unknown {
  const status = statusOf(body);
  if (typeof status !== 'object') return body;
  return {
    ...(body as object),
    header: { functionExecutionStatus: { status: 'Executed-Success' } },
  };
}

const unusable = (detail: Omit<EsipaErrorDetail, 'again'>): EsipaError =>
  new EsipaError('protocol', 'the answer is none of the binding', { ...detail, again: false });
