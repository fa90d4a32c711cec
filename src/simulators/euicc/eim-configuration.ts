/** EimConfigurationData: read, checked, stored and written (SGP.32 2.11.1.1.1). */
import type { EuiccCore } from './core.js';
import { publicKeyOf } from './eim-keys.js';
import type { AssociatedEim } from './state.js';
import { Malformed, readFields, readOne } from '../tlv/reader.js';
import { bitString, hex, int, maybe, nothing, octets, utf8, wrap } from '../tlv/writer.js';

/** Codes that AddInitialEim, addEim and updateEim share. */
export const EIM_RESULT = {
  ok: 0,
  insufficientMemory: 1,
  eimNotFound: 1,
  associatedEimAlreadyExists: 2,
  lastEimDeleted: 2,
  ciPKUnknown: 3,
  invalidAssociationToken: 5,
  counterValueOutOfRange: 6,
  commandError: 7,
} as const;

const ID_TYPE_PROPRIETARY = 3;
const PROTOCOL_PROPRIETARY = 4;
const REQUEST_TOKEN = -1;

/** What a request holds; all but the form is unchecked. */
export interface EimInput {
  readonly eimId: string | undefined;
  readonly eimFqdn: string | undefined;
  readonly eimIdType: number | undefined;
  readonly counterValue: number | undefined;
  readonly associationToken: number | undefined;
  readonly eimPublicKeyData: string | undefined;
  readonly trustedPublicKeyDataTls: string | undefined;
  readonly eimSupportedProtocol: number[] | undefined;
  readonly euiccCiPKId: string | undefined;
  readonly indirectProfileDownload: boolean;
}

/** @param content of the SEQUENCE. @throws {Malformed} */
export function readEimConfiguration(content: Uint8Array): EimInput {
  const f = readFields(content, [0x80, 0x81, 0x82, 0x83, 0x84, 0xa5, 0xa6, 0x87, 0x88, 0x89]);
  return {
    eimId: f.text(0x80, 1, 128),
    eimFqdn: f.text(0x81),
    eimIdType: f.integer(0x82),
    counterValue: f.integer(0x83),
    associationToken: f.integer(0x84),
    eimPublicKeyData: keyData(f.octets(0xa5)),
    trustedPublicKeyDataTls: keyData(f.octets(0xa6)),
    eimSupportedProtocol: f.bits(0x87),
    euiccCiPKId: maybeHex(f.octets(0x88)),
    indirectProfileDownload: f.flag(0x89),
  };
}

function keyData(content: Uint8Array | undefined): string | undefined {
  if (content === undefined) return undefined;
  const { tag } = readOne(content);
  if (tag !== 0xa0 && tag !== 0xa1) throw new Malformed('a key without its CHOICE tag');
  return hex(content);
}

const maybeHex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : hex(bytes);

/** Checks of an eIM that is to be added (SGP.32 5.9.4), without room and doubles. @returns an EIM_RESULT code. */
export function checkNewEim(core: EuiccCore, input: EimInput): number {
  const { state, defects } = core;
  const { eimPublicKeyData: key, counterValue } = input;
  if (input.eimId === undefined) return EIM_RESULT.commandError;
  if (key === undefined ? !defects.has('missing-key-accepted') : publicKeyOf(key) === undefined)
    return EIM_RESULT.commandError;
  if (counterValue === undefined ? !defects.has('missing-counter-accepted') : counterValue < 0)
    return EIM_RESULT.commandError;
  const token = input.associationToken ?? REQUEST_TOKEN;
  if (token !== REQUEST_TOKEN && !defects.has('any-token-accepted'))
    return EIM_RESULT.invalidAssociationToken;
  if ((counterValue ?? 0) > state.limits.maxCounterValue && !defects.has('add-counter-unchecked'))
    return EIM_RESULT.counterValueOutOfRange;
  return checkCi(core, input);
}

export function checkCi({ ecasd, defects }: EuiccCore, { euiccCiPKId: id }: EimInput): number {
  const known = id === undefined || ecasd.find(id) !== undefined || defects.has('ci-pk-id-unchecked');
  return known ? EIM_RESULT.ok : EIM_RESULT.ciPKUnknown;
}

/** No room for `more` eIMs. */
export const isFull = ({ state, defects }: EuiccCore, more: number): boolean =>
  (state.memoryFull || state.eims.length + more > state.limits.maxEims) &&
  !defects.has('eim-limit-unchecked');

/**
 * Stores an eIM that passed {@link checkNewEim}, with the defaults for what is absent.
 * @returns the associationToken when one was asked for and allocated.
 */
export function storeNewEim(core: EuiccCore, input: EimInput): number | undefined {
  const { state, defects, version } = core;
  const counterValue = Math.min(input.counterValue ?? 0, Number.MAX_SAFE_INTEGER);
  const associationToken = allocateToken(core, input);
  const givenType = defects.has('eim-id-type-always-proprietary') ? ID_TYPE_PROPRIETARY : input.eimIdType;
  state.eims.push({
    eimId: input.eimId ?? '',
    eimFqdn: defects.has('eim-fqdn-dropped') ? undefined : input.eimFqdn,
    eimIdType: givenType ?? (defects.has('eim-id-type-default-missing') ? undefined : ID_TYPE_PROPRIETARY),
    counterValue,
    initialCounterValue: counterValue,
    associationToken,
    eimPublicKeyData: input.eimPublicKeyData,
    trustedPublicKeyDataTls: input.trustedPublicKeyDataTls,
    eimSupportedProtocol:
      input.eimSupportedProtocol ??
      (defects.has('eim-protocol-default-missing') ? undefined : [PROTOCOL_PROPRIETARY]),
    euiccCiPKId:
      input.euiccCiPKId ?? (defects.has('ci-pk-id-default-missing') ? undefined : core.ecasd.first.ciPkId),
    // An unknown element for v1.0.1.
    indirectProfileDownload:
      input.indirectProfileDownload && version !== '1.0.1' && !defects.has('indirect-download-dropped'),
  });
  state.eimSeen = true;
  return defects.has('token-not-returned') ? undefined : associationToken;
}

/** -1 asks for the next value of the one counter of this eUICC. */
function allocateToken(
  { state, defects }: EuiccCore,
  { associationToken: asked }: EimInput,
): number | undefined {
  if (asked === undefined && !defects.has('token-without-request')) return undefined;
  if (asked !== undefined && asked !== REQUEST_TOKEN) return asked;
  if (defects.has('token-not-increased'))
    return (state.associationToken = Math.max(1, state.associationToken));
  return ++state.associationToken;
}

/** Removes eIMs; the token counter goes on from where it was. */
export function removeEims({ state, defects }: EuiccCore, gone: (eim: AssociatedEim) => boolean): void {
  state.eims = state.eims.filter((eim) => !gone(eim));
  if (state.eims.length === 0 && defects.has('token-restarts')) state.associationToken = 0;
}

/** The element of GetEimConfigurationData. */
export function writeEimConfiguration({ defects }: EuiccCore, eim: AssociatedEim): Uint8Array {
  const counter = defects.has('configured-counter-reported') ? eim.initialCounterValue : eim.counterValue;
  return wrap(
    0x30,
    utf8(0x80, eim.eimId),
    maybe(eim.eimFqdn, (v) => utf8(0x81, v)),
    maybe(eim.eimIdType, (v) => int(0x82, v)),
    int(0x83, counter),
    maybe(eim.associationToken, (v) => int(0x84, v)),
    defects.has('public-key-not-returned') ? undefined : maybe(eim.eimPublicKeyData, (v) => octets(0xa5, v)),
    maybe(eim.trustedPublicKeyDataTls, (v) =>
      octets(0xa6, defects.has('tls-key-without-arm') ? bareKey(v) : v),
    ),
    maybe(eim.eimSupportedProtocol, (v) => bitString(0x87, v)),
    maybe(eim.euiccCiPKId, (v) => octets(0x88, v)),
    eim.indirectProfileDownload ? nothing(0x89) : undefined,
  );
}

const bareKey = (data: string): string => hex(wrap(0x30, readOne(Buffer.from(data, 'hex')).content));
