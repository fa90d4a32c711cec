/** Answers of an eIM in the JSON binding of ESipa, read (SGP.32 6.4.1). */
import { integerToBytes } from '../asn1/primitive.js';
import { tlv } from '../asn1/tlv.js';
import type { Sgp32Version } from '../types/versions.js';
import { JsonReader, noteUnknown, shapeFromJson } from './coding.js';
import { isObject, jsonMembers, memberOf, type JsonFinding, type JsonMembers } from './findings.js';
import { readHeader, type HeaderOutcome } from './header.js';
import { answerShape, isEsipaFunction, type AnswerShape, type EsipaFunction } from './members.js';
import { UNDEFINED_ERROR, errorCodeOf } from './status-codes.js';

export interface JsonAnswer {
  /** DER of the EsipaMessageFromEimToIpa that says the same; empty when there is none. */
  readonly data: Uint8Array;
  readonly findings: readonly JsonFinding[];
  /** What came, as plain texts. */
  readonly members: JsonMembers;
}

type Body = Readonly<Record<string, unknown>>;

const NOTHING = new Uint8Array(0);

/**
 * Reads the answer to one function. Never throws, whatever the eIM sent.
 * @param functionName as in the path; of an unknown one only the members are told.
 * @param status HTTP status; under one that is no 200 only a body with a header counts as ESipa.
 * @param body as `JSON.parse` gave it; undefined when there was none.
 */
export function answerFromJson(
  version: Sgp32Version,
  functionName: string,
  status: number,
  body: unknown,
): JsonAnswer {
  const members = jsonMembers(body);
  const reader = new JsonReader();
  const nothing = (): JsonAnswer => ({ data: NOTHING, findings: reader.findings, members });
  if (!isEsipaFunction(functionName)) return nothing();
  if (status !== 200 && !(isObject(body) && isObject(memberOf(body, 'header')))) return nothing();
  if (!isObject(body)) {
    if (body === undefined && functionName === 'handleNotification') return nothing();
    reader.add('violation', 'json-body', '', 'a JSON object', body);
    return nothing();
  }
  const outcome = readHeader(body, reader);
  const shape = answerShape(version, functionName);
  if (shape === undefined) {
    noteUnknown(body, ['header'], reader);
    return nothing();
  }
  const data = outcome.failed
    ? failure(version, functionName, shape, outcome, body, reader)
    : success(functionName, shape, body, reader);
  return { data, findings: reader.findings, members };
}

function success(name: EsipaFunction, shape: AnswerShape, body: Body, reader: JsonReader): Uint8Array {
  if (name === 'getEimPackage' && Object.hasOwn(body, 'eimPackageError')) {
    noteForm(reader, 'body');
    return bodyError(shape, body, reader);
  }
  const arm = armOf(shape, body);
  const known = ['header', ...(arm?.members ?? []).map((member) => member.name)];
  noteUnknown(body, known, reader);
  if (arm === undefined) return tlv(shape.tag, shape.empty ?? NOTHING);
  const content = shapeFromJson(arm, body, reader);
  if (content.length === 0) return shape.empty === undefined ? NOTHING : tlv(shape.tag, shape.empty);
  return tlv(shape.tag, arm.tag === undefined ? content : tlv(arm.tag, content));
}

/** The arm that most of the members belong to: only AuthenticateClient has two (SM-DP+ and SM-DS). */
function armOf(shape: AnswerShape, body: Body): AnswerShape['arms'][number] | undefined {
  const missing = (arm: AnswerShape['arms'][number]): number =>
    arm.members.filter(({ name, optional }) => optional !== true && !Object.hasOwn(body, name)).length;
  const has = (arm: AnswerShape['arms'][number]): number =>
    arm.members.filter(({ name }) => Object.hasOwn(body, name)).length;
  return [...shape.arms].sort((a, b) => has(b) - has(a) || missing(a) - missing(b))[0];
}

function failure(
  version: Sgp32Version,
  name: EsipaFunction,
  shape: AnswerShape,
  outcome: HeaderOutcome,
  body: Body,
  reader: JsonReader,
): Uint8Array {
  if (shape.error === undefined) return NOTHING;
  if (name === 'getEimPackage') {
    const inBody = Object.hasOwn(body, 'eimPackageError');
    noteForm(reader, inBody ? 'body' : 'header');
    if (inBody) return bodyError(shape, body, reader);
  }
  const { subjectCode, reasonCode } = outcome;
  const code =
    subjectCode === undefined || reasonCode === undefined
      ? UNDEFINED_ERROR
      : errorCodeOf(version, name, subjectCode, reasonCode);
  const extra = shape.arms.flatMap((arm) => arm.members).filter((m) => Object.hasOwn(body, m.name));
  const other = extra.find((member) => member.name !== 'transactionId');
  if (other !== undefined)
    reader.add(
      'violation',
      'json-member-extra',
      `.${other.name}`,
      'no result, the function failed',
      body[other.name],
    );
  return tlv(shape.tag, tlv(shape.error, integerToBytes(code)));
}

/** The second error form of GetEimPackage: a member eimPackageError with the ASN.1 code. */
function bodyError(shape: AnswerShape, body: Body, reader: JsonReader): Uint8Array {
  const code = reader.number('.eimPackageError', body['eimPackageError'], shape.error ?? 0x02);
  return code === undefined ? NOTHING : tlv(shape.tag, code);
}

function noteForm(reader: JsonReader, form: 'header' | 'body'): void {
  const path = form === 'body' ? '.eimPackageError' : '.header.functionExecutionStatus';
  const actual = form === 'body' ? 'eimPackageError in the body' : 'status codes in the header';
  reader.findings.push({
    severity: 'note',
    code: 'json-error-form',
    path: `json${path}`,
    expected: 'one of the two forms of an error',
    actual,
  });
}
