/** Answers of the eIM as JSON: the header with the status, and the members beside it (SGP.32 6.4.1). */
import { Malformed, must, readElements, readFields, readOne, type Tlv } from '../../../tlv/reader.js';
import { hex } from '../../../tlv/writer.js';
import type { EimVersion } from '../../types.js';
import type { ServeDefects } from '../defects.js';
import type { JsonErrorForm } from '../options.js';
import { statusCodeOf, type StatusCode } from './status-codes.js';

export interface AnswerContext {
  readonly version: EimVersion;
  readonly defects: ServeDefects;
  readonly errorForm: JsonErrorForm;
}

type Members = Readonly<Record<string, unknown>>;
type Read = (arm: Tlv | undefined, context: AnswerContext) => Members | { readonly error: number };

const READERS: Readonly<Record<string, Read>> = {
  getEimPackage,
  provideEimPackageResult,
  initiateAuthentication,
  authenticateClient,
  getBoundProfilePackage,
  cancelSession: (arm) => (must(arm).tag === 0xa0 ? {} : errorOf(must(arm))),
};

/**
 * @param answer DER of an EsipaMessageFromEimToIpa, ours.
 * @throws {Malformed} when it is no answer of that function: a fault of the eIM behind.
 */
export function answerToJson(functionName: string, answer: Uint8Array, context: AnswerContext): Members {
  const [arm] = readElements(readOne(answer).content);
  const read = READERS[functionName]?.(arm, context) ?? {};
  if (!isError(read)) return arranged(undefined, read, context);
  const { error } = read;
  if (context.errorForm === 'body' && functionName === 'getEimPackage')
    return arranged(undefined, { eimPackageError: error }, context);
  return arranged(statusCodeOf(functionName, error), {}, context);
}

const isError = (read: Members | { readonly error: number }): read is { readonly error: number } =>
  typeof read['error'] === 'number';

function arranged(failed: StatusCode | undefined, members: Members, { defects }: AnswerContext): Members {
  const lie = failed !== undefined && defects.has('json-success-on-error');
  const success = defects.has('json-status-lower-case') ? 'executed-success' : 'Executed-Success';
  const wrong = { subjectCode: '8.1', reasonCode: '1.1' };
  const functionExecutionStatus =
    failed === undefined || lie
      ? { status: success }
      : { status: 'Failed', statusCodeData: defects.has('json-wrong-status-code') ? wrong : failed };
  const header = defects.has('json-status-missing') ? {} : { header: { functionExecutionStatus } };
  return { ...header, ...(defects.has('json-member-in-body-object') ? { body: members } : members) };
}

function getEimPackage(arm: Tlv | undefined, { defects }: AnswerContext): ReturnType<Read> {
  const { tag, raw } = must(arm);
  if (tag === 0x02) return errorOf(must(arm));
  const name = PACKAGES[tag];
  if (name === undefined) throw new Malformed('not a GetEimPackageResponse');
  const renamed = tag === 0xbf51 && defects.has('json-member-renamed') ? 'eimPackage' : name;
  return { [renamed]: binary(raw, defects) };
}

const PACKAGES: Readonly<Record<number, string>> = {
  0xbf51: 'euiccPackageRequest',
  0xbf52: 'ipaEuiccDataRequest',
  0xbf54: 'profileDownloadTriggerRequest',
};

/** Nothing at all is v1.0.1's way to acknowledge nothing, the emptyResponse that of v1.2. */
function provideEimPackageResult(arm: Tlv | undefined, { defects }: AnswerContext): ReturnType<Read> {
  if (arm === undefined || arm.tag === 0x30) return {};
  if (arm.tag !== 0xbf53) return errorOf(arm);
  if (!defects.has('json-acknowledgements-as-numbers'))
    return { eimAcknowledgements: binary(arm.raw, defects) };
  return { eimAcknowledgements: readElements(arm.content).map(({ content }) => parseInt(hex(content), 16)) };
}

function initiateAuthentication(arm: Tlv | undefined, { version, defects }: AnswerContext): ReturnType<Read> {
  const { tag, content } = must(arm);
  if (tag !== 0xa0) return errorOf(must(arm));
  // serverSigned1 and serverCertificate have the same tag and are told apart by their place.
  const parts = readElements(content);
  const sequences = parts.filter((part) => part.tag === 0x30);
  const one = (wanted: number): Tlv | undefined => parts.find((part) => part.tag === wanted);
  const ci = version === '1.2' ? 'euiccCiPKIdentifierToBeUsed' : 'euiccCiPKIdToBeUsed';
  return defined({
    transactionId: transactionId(one(0x80)),
    serverSigned1: whole(sequences[0], defects),
    serverSignature1: whole(one(0x5f37), defects),
    [ci]: whole(one(0x04), defects),
    serverCertificate: whole(sequences[1], defects),
    matchingId: text(one(0x0c)),
    ctxParams1: inner(one(0xa2), defects),
  });
}

function authenticateClient(arm: Tlv | undefined, { defects }: AnswerContext): ReturnType<Read> {
  const { tag, content } = must(arm);
  if (tag === 0x82) return errorOf(must(arm));
  const parts = readElements(content);
  const sequences = parts.filter((part) => part.tag === 0x30);
  const one = (wanted: number): Tlv | undefined => parts.find((part) => part.tag === wanted);
  return defined({
    transactionId: transactionId(one(0x80)),
    profileMetadata: whole(one(0xbf25), defects),
    smdpSigned2: whole(sequences[0], defects),
    smdpSignature2: whole(one(0x5f37), defects),
    smdpCertificate: whole(sequences[1], defects),
    hashCc: octetString(one(0x04), defects),
    profileDownloadTrigger: whole(one(0xbf54), defects),
  });
}

function getBoundProfilePackage(arm: Tlv | undefined, { defects }: AnswerContext): ReturnType<Read> {
  const { tag, content } = must(arm);
  if (tag !== 0xa0) return errorOf(must(arm));
  const fields = readFields(content, [0x80, 0xbf36]);
  return defined({
    transactionId: transactionId(fields.element(0x80)),
    boundProfilePackage: whole(fields.element(0xbf36), defects),
  });
}

/** The INTEGER of an error arm; a number above two octets is none of ours. */
function errorOf({ tag, content }: Tlv): { error: number } {
  if (![0x02, 0x81, 0x82].includes(tag) || content.length < 1 || content.length > 2)
    throw new Malformed('not an error code');
  return { error: parseInt(hex(content), 16) };
}

const whole = (tlv: Tlv | undefined, defects: ServeDefects): string | undefined =>
  tlv === undefined ? undefined : binary(tlv.raw, defects);

/** The CHOICE value inside an explicit tag. */
const inner = (tlv: Tlv | undefined, defects: ServeDefects): string | undefined =>
  tlv === undefined ? undefined : binary(readOne(tlv.content).raw, defects);

/** An OCTET STRING that is no ASN.1 object of its own in JSON. */
const octetString = (tlv: Tlv | undefined, defects: ServeDefects): string | undefined =>
  tlv === undefined ? undefined : base64(tlv.content, defects);

const transactionId = (tlv: Tlv | undefined): string | undefined =>
  tlv === undefined ? undefined : hex(tlv.content);

const text = (tlv: Tlv | undefined): string | undefined =>
  tlv === undefined ? undefined : new TextDecoder().decode(tlv.content);

const defined = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const binary = (raw: Uint8Array, defects: ServeDefects): string =>
  base64(defects.has('json-value-without-tag') ? readOne(raw).content : raw, defects);

function base64(bytes: Uint8Array, defects: ServeDefects): string {
  if (defects.has('json-hex-in-place-of-base64')) return hex(bytes);
  if (defects.has('json-base64-url')) return Buffer.from(bytes).toString('base64url');
  const padded = Buffer.from(bytes).toString('base64');
  return defects.has('json-base64-unpadded') ? padded.replace(/=+$/, '') : padded;
}
