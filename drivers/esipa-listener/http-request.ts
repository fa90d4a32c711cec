/** What an HTTP request of an IPAd means in the binding, and what is not as SGP.32 6.1, 6.3 and 6.4 want it. */
import { isIP } from 'node:net';
import {
  ADMIN_PROTOCOL,
  ADMIN_PROTOCOL_FORM,
  ASN1_PATH,
  ESIPA_FUNCTIONS,
  fitsMediaType,
  isEsipaFunction,
  JSON_PATH,
  MEDIA_TYPE,
  readJson,
  requestFromJson,
  type EsipaBinding,
} from '../../src/protocol/esipa-json/index.js';
import type { Sgp32Version } from '../../src/protocol/types/versions.js';
import type { BindingFinding, FactMap } from '../eim-contract.js';
import { jsonMembers } from '../../src/protocol/esipa-json/findings.js';

export interface HttpRequest {
  /** `1.1`, `2`. */
  readonly version: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface RequestMeaning {
  readonly binding: EsipaBinding;
  readonly data: Uint8Array;
  readonly findings: readonly BindingFinding[];
  /** The members of a JSON request. */
  readonly json?: FactMap;
}

const NOTHING = new Uint8Array(0);
/** SGP.32 6.1.1; v1.0.1 had no value of its own, and SGP.22's is seen. */
const USER_AGENT = { '1.2': /^gsma-rsp-ipad(?:;|$)/i, '1.0.1': /^gsma-rsp-[il]pad(?:;|$)/i } as const;

/** @param serverName the name that the IPAd was given for the eIM. Never throws. */
export function meaningOf(request: HttpRequest, version: Sgp32Version, serverName: string): RequestMeaning {
  const binding = bindingOf(request);
  const findings = [
    ...lineFindings(request, binding),
    ...headerFindings(request, binding, version),
    ...hostFindings(request, serverName),
  ];
  const { body } = request;
  if (body.length === 0) {
    const expected = `a body in ${MEDIA_TYPE[binding]}`;
    return {
      binding,
      data: NOTHING,
      findings: [...findings, violation('http-body', 'http.body', expected, undefined)],
    };
  }
  if (binding === 'asn1') return { binding, data: body, findings };
  return jsonMeaning(request, version, findings);
}

/** By the path; where it is none of ours, by the media type. */
function bindingOf(request: HttpRequest): EsipaBinding {
  const path = pathOf(request);
  if (path === ASN1_PATH) return 'asn1';
  if (path.startsWith(`${JSON_PATH}/`)) return 'json';
  return /\bjson\b/i.test(request.headers['content-type'] ?? '') ? 'json' : 'asn1';
}

function jsonMeaning(
  request: HttpRequest,
  version: Sgp32Version,
  findings: readonly BindingFinding[],
): RequestMeaning {
  const { body } = request;
  const { value, isJson, isUtf8, text } = readJson(body);
  if (!isJson) {
    const actual = `${body.length} bytes ${text.slice(0, 60)}`;
    const found = violation('json-body', 'json', 'JSON (RFC 8259)', actual);
    return { binding: 'json', data: NOTHING, findings: [...findings, found] };
  }
  const encoding = isUtf8
    ? []
    : [violation('json-utf8', 'json', 'UTF-8 without a byte order mark', 'other bytes')];
  const read = requestFromJson(version, functionNameOf(request), value);
  return {
    binding: 'json',
    data: read.data,
    findings: [...findings, ...encoding, ...read.findings],
    json: jsonMembers(value),
  };
}

function lineFindings(request: HttpRequest, binding: EsipaBinding): BindingFinding[] {
  const findings: BindingFinding[] = [];
  if (request.method !== 'POST')
    findings.push(violation('http-method', 'http.method', 'POST', request.method));
  const fits = binding === 'asn1' ? request.path === ASN1_PATH : isEsipaFunction(functionNameOf(request));
  const exact = binding === 'asn1' || request.path === `${JSON_PATH}/${functionNameOf(request)}`;
  if (!fits || !exact) {
    const expected =
      binding === 'asn1' ? ASN1_PATH : `${JSON_PATH}/ and one of ${ESIPA_FUNCTIONS.join(', ')}`;
    findings.push(violation('http-path', 'http.path', expected, request.path));
  }
  return findings;
}

function headerFindings(
  { headers }: HttpRequest,
  binding: EsipaBinding,
  version: Sgp32Version,
): BindingFinding[] {
  const findings: BindingFinding[] = [];
  const type = headers['content-type'];
  if (!fitsMediaType(binding, type))
    findings.push(violation('http-content-type', 'http.headers.content-type', MEDIA_TYPE[binding], type));
  const protocol = headers['x-admin-protocol'];
  const path = 'http.headers.x-admin-protocol';
  if (protocol === undefined || !ADMIN_PROTOCOL_FORM.test(protocol))
    findings.push(violation('http-admin-protocol', path, ADMIN_PROTOCOL, protocol));
  else if (protocol !== ADMIN_PROTOCOL)
    findings.push(note('http-admin-protocol', path, ADMIN_PROTOCOL, protocol));
  const agent = headers['user-agent'];
  if (!USER_AGENT[version].test(agent ?? '')) {
    const found = version === '1.2' ? violation : note;
    findings.push(found('http-user-agent', 'http.headers.user-agent', 'gsma-rsp-ipad', agent));
  }
  return findings;
}

/** RFC 9110 7.2; an address is what a laboratory may write there. */
function hostFindings({ headers, version }: HttpRequest, serverName: string): BindingFinding[] {
  const path = 'http.headers.host';
  const host = headers['host'];
  if (host === undefined || host === '')
    return version === '1.0' ? [] : [violation('http-host', path, serverName, host)];
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (name === serverName.toLowerCase()) return [];
  const isAddress = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
  return isAddress || name === 'localhost'
    ? [note('http-host', path, serverName, host)]
    : [violation('http-host', path, serverName, host)];
}

const pathOf = ({ path }: HttpRequest): string => path.split('?', 1)[0] ?? '';

/** The last part of the path. */
const functionNameOf = (request: HttpRequest): string => pathOf(request).split('/').at(-1) ?? '';

const finding =
  (severity: BindingFinding['severity']) =>
  (code: string, path: string, expected: string, actual: string | undefined): BindingFinding => ({
    severity,
    code,
    path,
    expected,
    actual: actual === undefined ? 'nothing' : JSON.stringify(actual.slice(0, 200)),
  });
const violation = finding('violation');
const note = finding('note');
