/** Requests of the JSON binding as the ASN.1 messages that they stand for (SGP.32 6.4.1). */
import { Malformed, must, readOne } from '../../../tlv/reader.js';
import { int, maybe, nothing, octets, utf8, wrap } from '../../../tlv/writer.js';
import type { EimVersion } from '../../types.js';
import type { ServeDefects } from '../defects.js';
import { Members, type JsonObject } from './values.js';

export interface RequestContext {
  readonly version: EimVersion;
  readonly defects: ServeDefects;
}

type Translate = (members: Members, context: RequestContext) => Uint8Array;

/** The functions that an IPA may call in JSON, by the last part of their path. */
export const JSON_FUNCTIONS: Readonly<Record<string, Translate>> = {
  getEimPackage,
  provideEimPackageResult,
  handleNotification,
  initiateAuthentication: (members) =>
    wrap(
      0xbf39,
      octets(0x81, must(members.base64('euiccChallenge'))),
      maybe(members.text('smdpAddress'), (address) => utf8(0x83, address)),
      element(members, 'euiccInfo1', 0xbf20),
      maybe(members.hex('eimTransactionId'), (id) => octets(0x82, id)),
    ),
  authenticateClient: (members) =>
    wrap(0xbf3b, transactionId(members), must(element(members, 'authenticateServerResponse', 0xbf38))),
  getBoundProfilePackage: (members) =>
    wrap(0xbf3a, transactionId(members), must(element(members, 'prepareDownloadResponse', 0xbf21))),
  cancelSession: (members) =>
    wrap(
      0xbf41,
      transactionId(members),
      // In ASN.1 the response stands under A1, without its own tag.
      wrap(0xa1, readOne(must(element(members, 'cancelSessionResponse', 0xbf41))).content),
    ),
};

/**
 * @param name a key of {@link JSON_FUNCTIONS}.
 * @returns DER of the EsipaMessageFromIpaToEim.
 * @throws {Malformed} for members that are missing or not what the binding says.
 */
export function requestFromJson(name: string, body: JsonObject, context: RequestContext): Uint8Array {
  const translate = Object.hasOwn(JSON_FUNCTIONS, name) ? JSON_FUNCTIONS[name] : undefined;
  if (translate === undefined) throw new Malformed(`there is no function ${name}`);
  return translate(new Members(body, context.defects), context);
}

function getEimPackage(members: Members, { version, defects }: RequestContext): Uint8Array {
  const report = defects.has('json-report-ignored')
    ? []
    : [
        members.flag('notifyStateChange') ? nothing(0x80) : undefined,
        ...(version === '1.2'
          ? [maybe(members.number('stateChangeCause'), (cause) => int(0x81, cause))]
          : []),
        maybe(rPlmn(members, defects), (plmn) => octets(version === '1.2' ? 0x82 : 0x81, plmn)),
      ];
  return wrap(0xbf4f, eid(members), ...report);
}

function rPlmn(members: Members, defects: ServeDefects): Uint8Array | undefined {
  return defects.has('json-rplmn-as-text') ? members.hex('rPlmn') : members.base64('rPlmn');
}

/** v1.0.1 has no eidValue here. */
function provideEimPackageResult(members: Members, { version, defects }: RequestContext): Uint8Array {
  const result = must(members.base64('eimPackageResult'));
  const arm = defects.has('json-result-wants-envelope') ? readEnvelope(result) : readOne(result).raw;
  if (version === '1.0.1') return wrap(0xbf50, arm);
  if (!members.has('eidValue') && defects.has('json-eid-required'))
    throw new Malformed('eidValue is missing');
  return wrap(0xbf50, eid(members), arm);
}

function readEnvelope(result: Uint8Array): Uint8Array {
  const envelope = readOne(result);
  if (envelope.tag !== 0xbf50) throw new Malformed('expected a ProvideEimPackageResult');
  return envelope.content;
}

/** Exactly one of the two members. In v1.0.1 a result stands under A1 in place of BF50. */
function handleNotification(members: Members, { version, defects }: RequestContext): Uint8Array {
  const pending = members.base64('pendingNotification');
  const result = element(members, 'provideEimPackageResult', 0xbf50);
  if (pending !== undefined && result !== undefined && !defects.has('json-both-members-accepted'))
    throw new Malformed('expected pendingNotification or provideEimPackageResult, not both');
  if (pending !== undefined) return wrap(0xbf3d, wrap(0xa0, readOne(pending).raw));
  const whole = must(result);
  return wrap(0xbf3d, version === '1.2' ? whole : wrap(0xa1, readOne(whole).content));
}

/** Whether the digits are an EID is for the eIM to say, which has an error for it. */
const eid = (members: Members): Uint8Array | undefined =>
  maybe(members.hex('eidValue'), (digits) => octets(0x5a, digits));

const transactionId = (members: Members): Uint8Array => octets(0x80, must(members.hex('transactionId')));

/** One whole object with its tag. */
function element(members: Members, name: string, tag: number): Uint8Array | undefined {
  const bytes = members.base64(name);
  if (bytes === undefined) return undefined;
  if (readOne(bytes).tag !== tag) throw new Malformed(`${name}: another object than this`);
  return bytes;
}
