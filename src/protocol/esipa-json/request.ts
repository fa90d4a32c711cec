/** Requests of an IPA in the JSON binding of ESipa (SGP.32 6.4.1). */
import { tagName, tlv } from '../asn1/tlv.js';
import { Sgp33Error } from '../errors.js';
import type { Sgp32Version } from '../types/versions.js';
import { JsonReader, elementsOf, noteUnknown, onlyElement, shapeFromJson, shapeToJson } from './coding.js';
import { isObject, type JsonFinding } from './findings.js';
import { ESIPA_FUNCTIONS, REQUESTS, isEsipaFunction, type EsipaFunction } from './members.js';

export interface JsonRequest {
  /** Last part of the path: `getEimPackage`. */
  readonly functionName: EsipaFunction;
  readonly body: Record<string, unknown>;
}

/** The function that an EsipaMessageFromIpaToEim calls, by its tag alone; undefined when it calls none. */
export function functionOf(message: Uint8Array): EsipaFunction | undefined {
  const second = message[0] === 0xbf ? message[1] : undefined;
  return ESIPA_FUNCTIONS.find(
    (name) => second !== undefined && REQUESTS['1.2'][name].tag === 0xbf00 + second,
  );
}

/**
 * Takes an EsipaMessageFromIpaToEim apart into the members of its JSON request (SGP.32 6.4.1.1 to 6.4.1.8). What is
 * inside a member keeps its bytes, however wrong they are.
 * @throws {Sgp33Error} `not-in-json` when the JSON binding has no words for these very bytes.
 */
export function requestToJson(version: Sgp32Version, message: Uint8Array): JsonRequest {
  const functionName = functionOf(message);
  if (functionName === undefined) throw notInJson(message, 'a request of an IPA, BF39 to BF50');
  const shape = REQUESTS[version][functionName];
  const outer = onlyElement(message);
  const elements = outer && elementsOf(outer.content);
  const body = elements && shapeToJson(shape, elements);
  if (body === undefined) throw notInJson(message, `a ${tagName(shape.tag)} of known elements only`);
  // Order, doubled elements, lengths and integers in a longer form: what the members can not say is lost.
  const again = requestFromJson(version, functionName, body).data;
  if (Buffer.compare(again, message) !== 0)
    throw notInJson(message, 'elements in the order and the form of DER');
  return { functionName, body };
}

/**
 * The EsipaMessageFromIpaToEim that a JSON request stands for.
 * @param body as `JSON.parse` gave it; anything.
 * @returns DER (empty when `functionName` or the body is none), and what is wrong with the members. Never throws.
 */
export function requestFromJson(
  version: Sgp32Version,
  functionName: string,
  body: unknown,
): { data: Uint8Array; findings: readonly JsonFinding[] } {
  const reader = new JsonReader();
  if (!isEsipaFunction(functionName)) return { data: new Uint8Array(0), findings: [] };
  if (!isObject(body)) {
    reader.add('violation', 'json-body', '', 'a JSON object', body);
    return { data: new Uint8Array(0), findings: reader.findings };
  }
  const shape = REQUESTS[version][functionName];
  const content = shapeFromJson(shape, body, reader);
  noteUnknown(
    body,
    shape.members.map(({ name }) => name),
    reader,
  );
  return { data: tlv(shape.tag, content), findings: reader.findings };
}

export function notInJson(message: Uint8Array, expected: string): Sgp33Error {
  const start = Buffer.from(message.subarray(0, 16)).toString('hex').toUpperCase();
  return new Sgp33Error('not-in-json', 'The JSON binding of ESipa can not carry this message', {
    expected,
    actual: `${message.length} bytes ${start}${message.length > 16 ? '...' : ''}`,
    repair: 'Send it in the ASN.1 binding, or give the body of the HTTP request itself.',
  });
}
