/** What an HTTP answer means in the binding: ESipa bytes, and what is not as SGP.32 6.1, 6.3 and 6.4 want it. */
import { topLevel } from '../../src/protocol/asn1/tlv.js';
import {
  ADMIN_PROTOCOL_FORM,
  answerFromJson,
  fitsMediaType,
  MEDIA_TYPE,
  readJson,
} from '../../src/protocol/esipa-json/index.js';
import type { Sgp32Version } from '../../src/protocol/types/versions.js';
import type { BindingFinding, ChannelFault, FactMap } from '../eim-contract.js';
import type { HttpOutcome } from './http-exchange.js';
import type { Settings } from './options.js';

export interface Meaning {
  readonly data: Uint8Array;
  readonly findings: readonly BindingFinding[];
  /** The members of a JSON answer. */
  readonly json?: FactMap;
  readonly fault?: ChannelFault;
}

const NOTHING = new Uint8Array(0);
/** SGP.32 6.3.2: tags of an EsipaMessageFromEimToIpa. */
const ANSWER_TAGS = [0xbf39, 0xbf3a, 0xbf3b, 0xbf41, 0xbf4e, 0xbf4f, 0xbf50];

/** @param functionName of the request; undefined when a step sent a body of its own under a path of its own. */
export function meaningOf(
  outcome: HttpOutcome,
  functionName: string | undefined,
  settings: Settings,
): Meaning {
  const { status, body } = outcome;
  if (outcome.fault !== undefined || status === undefined) return { data: NOTHING, findings: [] };
  const isResult = status === 200 || status === 204;
  const findings = isResult ? headerFindings(outcome, functionName, settings) : [];
  if (body.length === 0) return { data: NOTHING, findings };
  if (settings.binding === 'asn1') return { data: isResult || isEsipa(body) ? body : NOTHING, findings };
  return jsonMeaning(outcome, status, functionName, settings.sgp32Version, findings);
}

function isEsipa(body: Uint8Array): boolean {
  const [first, ...more] = topLevel(body);
  return (
    first !== undefined &&
    more.length === 0 &&
    first.raw.length === body.length &&
    ANSWER_TAGS.includes(first.tag)
  );
}

function jsonMeaning(
  outcome: HttpOutcome,
  status: number,
  functionName: string | undefined,
  version: Sgp32Version,
  findings: BindingFinding[],
): Meaning {
  const { value, isJson, isUtf8, text } = readJson(outcome.body);
  if (!isJson) {
    // A proxy's error page is no malformed ESipa.
    if (status !== 200) return { data: NOTHING, findings };
    const actual = `${outcome.body.length} bytes ${JSON.stringify(text.slice(0, 60))}`;
    const fault: ChannelFault = { kind: 'malformed', path: 'json', expected: 'JSON (RFC 8259)', actual };
    return { data: NOTHING, findings, fault };
  }
  if (!isUtf8)
    findings.push(violation('json-utf8', 'json', 'UTF-8 without a byte order mark', 'other bytes'));
  const answer = answerFromJson(version, functionName ?? '', status, value);
  return { data: answer.data, findings: [...findings, ...answer.findings], json: answer.members };
}

function headerFindings(
  { status, headers, body }: HttpOutcome,
  functionName: string | undefined,
  settings: Settings,
): BindingFinding[] {
  const findings: BindingFinding[] = [];
  const type = headers['content-type'];
  const own = settings.contentType === undefined ? [] : [settings.contentType];
  if (body.length > 0 && !fitsMediaType(settings.binding, type, own)) {
    const expected = settings.contentType ?? MEDIA_TYPE[settings.binding];
    findings.push(violation('http-content-type', 'http.headers.content-type', expected, type));
  }
  const protocol = headers['x-admin-protocol'];
  const path = 'http.headers.x-admin-protocol';
  if (protocol === undefined || !ADMIN_PROTOCOL_FORM.test(protocol)) {
    findings.push(violation('http-admin-protocol', path, settings.adminProtocol, protocol));
  } else if (protocol !== settings.adminProtocol) {
    findings.push(note('http-admin-protocol', path, settings.adminProtocol, protocol));
  }
  if (functionName === 'handleNotification' && status === 200) {
    const actual = body.length === 0 ? '200 with an empty body' : `200 with ${body.length} bytes`;
    findings.push(note('http-status', 'http.status', '204 (No Content)', actual));
  }
  return findings;
}

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
