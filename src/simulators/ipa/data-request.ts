/** IpaEuiccDataRequest: each tag of the list is answered out of the eUICC or of the IPA (SGP.32 2.11.1.2, 2.11.2.2). */
import { Sgp33Error } from '../../protocol/errors.js';
import { readElements, readFields, readOne, type Fields } from '../tlv/reader.js';
import { bitString, int, nothing, octets, wrap } from '../tlv/writer.js';
import type { IpaCard } from './ipa-card.js';
import type { IpaDefectName } from './defect-list.js';
import { StatusWordError, type IpaDefects, type IpaOptions } from './options.js';
import { read } from './read-answer.js';

const DATA_ERROR = {
  incorrectTagList: 1,
  euiccCiPKIdNotFound: 5,
  ecallActive: 104,
  undefinedError: 127,
} as const;

const DEFAULT_CAPABILITIES = { ipaFeatures: [0, 1], ipaSupportedProtocols: [0] };
/** tac, deviceCapabilities with a release of E-UTRAN. */
const DEFAULT_DEVICE_INFO = wrap(0xa9, octets(0x80, '35290611'), wrap(0xa1, octets(0x85, '0F0000'))).subarray(
  2,
);

/** In the order of IpaEuiccData; the transaction id stands between, and is nobody's to ask for. */
const ORDER_1_2 = [0xa0, 0x81, 0xa2, 0xbf20, 0xbf22, 0x83, 0x84, 0xa5, 0xa6, 0x87, 0xa8, 0xa9];
const ORDER_1_0_1 = [0x80, 0xbf20, 0xbf22, 0x83, 0x84, 0xa5, 0xa6, 0xa8, 0xa9, 0xbf2b];
const TRANSACTION_ID = 0x87;
/** ProfileInfoListResponse: Profiles are listed by an eUICC Package. */
const PROFILE_LIST = 0xbf2d;

/**
 * @param content of the request.
 * @returns the IpaEuiccDataResponse, `BF52`; undefined for a request that is not in its format.
 * @throws what the card throws when it is gone; what it refuses becomes an undefinedError.
 */
export async function ipaEuiccData(
  options: IpaOptions,
  card: IpaCard,
  content: Uint8Array,
  defects: IpaDefects,
): Promise<Uint8Array | undefined> {
  const old = options.version === '1.0.1';
  const request = read<Fields | undefined>(undefined, () =>
    readFields(content, old ? [0x5c, 0x04, 0xa1] : [0x5c, 0x04, 0xa1, 0xa2, 0x83]),
  );
  const tagList = request?.octets(0x5c);
  if (request === undefined || tagList === undefined) return undefined;
  const transactionId = old ? undefined : request.octets(0x83);
  const refuse = (code: number): Uint8Array => refusal(old, code, transactionId, defects);
  const ecall = !old && (await options.ecallActive?.()) === true;
  if (ecall && !defects.has('data-during-ecall')) return refuse(DATA_ERROR.ecallActive);
  const tags = wantedTags(tagList, old, defects);
  if (tags === undefined) return refuse(DATA_ERROR.incorrectTagList);
  try {
    const asked = defects.has('ci-pk-id-ignored') ? undefined : request.octets(0x04);
    const ciPkId = asked === undefined ? undefined : await card.ciPkId(asked);
    const unknown = asked !== undefined && ciPkId === undefined;
    if (unknown && !defects.has('unknown-ci-ignored')) return refuse(DATA_ERROR.euiccCiPKIdNotFound);
    const fields = await collect(new Source(options, card, request, ciPkId, defects), tags, {
      order: old ? ORDER_1_0_1 : ORDER_1_2,
      transactionId: defects.has('data-without-transaction-id') ? undefined : transactionId,
    });
    return wrap(0xbf52, wrap(0xa0, ...fields));
  } catch (error) {
    const told =
      error instanceof StatusWordError || (error instanceof Sgp33Error && error.code === 'ipa-euicc-answer');
    if (!told || defects.has('data-fault-not-reported')) throw error;
    return refuse(DATA_ERROR.undefinedError);
  }
}

async function collect(
  source: Source,
  tags: ReadonlySet<number>,
  { order, transactionId }: { order: readonly number[]; transactionId: Uint8Array | undefined },
): Promise<(Uint8Array | undefined)[]> {
  const fields: (Uint8Array | undefined)[] = [];
  for (const tag of order)
    if (tag === TRANSACTION_ID)
      fields.push(transactionId === undefined ? undefined : octets(0x87, transactionId));
    else if (tags.has(tag)) fields.push(await source.field(tag));
  return fields;
}

function refusal(
  old: boolean,
  code: number,
  transactionId: Uint8Array | undefined,
  defects: IpaDefects,
): Uint8Array {
  if (old) return wrap(0xbf52, int(0x81, code));
  const id = defects.has('data-error-without-transaction-id') ? undefined : transactionId;
  return wrap(0xbf52, wrap(0xa1, id === undefined ? undefined : octets(0x80, id), int(0x02, code)));
}

/** @returns undefined when there is none, or one that is none of IpaEuiccData (SGP.32 2.11.1.2). */
function wantedTags(tagList: Uint8Array, old: boolean, defects: IpaDefects): ReadonlySet<number> | undefined {
  const known = (old ? ORDER_1_0_1 : ORDER_1_2).filter((tag) => tag !== TRANSACTION_ID);
  const tags = new Set<number>();
  for (let at = 0; at < tagList.length;) {
    const first = tagList[at++] as number;
    const tag = (first & 0x1f) === 0x1f ? first * 256 + (tagList[at++] ?? 0) : first;
    // The comments of v1.0.1 name 88 where the encoding is A8.
    const meant = old && tag === 0x88 ? 0xa8 : tag;
    if (known.includes(meant)) tags.add(meant);
    else if (
      meant === PROFILE_LIST ? !defects.has('profile-list-tag-ignored') : !defects.has('unknown-tag-ignored')
    )
      return undefined;
  }
  const none = tagList.length === 0 && !defects.has('empty-tag-list-accepted');
  return none ? undefined : tags;
}

/** One element of IpaEuiccData after the other; what does not exist is left out. */
class Source {
  constructor(
    private readonly options: IpaOptions,
    private readonly card: IpaCard,
    private readonly request: Fields,
    private readonly ciPkId: Uint8Array | undefined,
    private readonly defects: IpaDefects,
  ) {}

  async field(tag: number): Promise<Uint8Array | undefined> {
    const { card, defects } = this;
    if (isForgotten(tag, defects)) return undefined;
    switch (tag) {
      case 0xa0:
        return listed(0xa0, await card.notifications(this.#notificationCriterion()));
      case 0xa2:
        return listed(0xa2, await card.results(this.#resultCriterion()));
      case 0xbf2b:
        return (await card.retrieve(this.#notificationCriterion())).raw;
      case 0x80:
      case 0x81:
        return present(tag, (await card.addresses()).smdp, defects);
      case 0x83:
        return present(tag, (await card.addresses()).smds, defects);
      case 0xbf20:
        return card.information(tag);
      case 0xbf22:
        return defects.has('consumer-euicc-info2')
          ? withoutIotFields(await card.information(tag))
          : card.information(tag);
      case 0x84: {
        const token = await card.associationToken(this.options.eimId);
        return token === undefined ? undefined : int(0x84, token);
      }
      case 0xa5:
        return this.#certificate(tag, (await card.certificates(this.ciPkId))?.eum);
      case 0xa6:
        return this.#certificate(tag, (await card.certificates(this.ciPkId))?.euicc);
      case 0xa8:
        return capabilities(this.options.ipaCapabilities ?? DEFAULT_CAPABILITIES, defects);
      default:
        return octets(0xa9, deviceInfo(this.options.deviceInfo ?? DEFAULT_DEVICE_INFO, defects));
    }
  }

  /** What stands inside the criterion, undefined when there is none. */
  #notificationCriterion(): Uint8Array | undefined {
    const criterion = this.request.octets(0xa1);
    const byEvent = criterion?.[0] === 0x81;
    const ignored = byEvent
      ? this.defects.has('event-criterion-ignored')
      : this.defects.has('notification-criterion-ignored');
    return ignored ? undefined : criterion;
  }

  #resultCriterion(): Uint8Array | undefined {
    return this.defects.has('result-criterion-ignored') ? undefined : this.request.octets(0xa2);
  }

  /** The tag takes the place of the SEQUENCE of the Certificate (IMPLICIT). */
  #certificate(tag: number, contents: Uint8Array | undefined): Uint8Array | undefined {
    if (contents === undefined) return undefined;
    return this.defects.has('certificates-nested')
      ? wrap(tag, octets(0x30, contents))
      : octets(tag, contents);
  }
}

/** Elements that a careless IPA forgets. */
const MISSING: Readonly<Record<number, IpaDefectName>> = {
  0xa0: 'notifications-list-missing',
  0x81: 'default-smdp-address-missing',
  0xa2: 'result-list-missing',
  0xbf20: 'euicc-info1-missing',
  0x83: 'root-smds-address-missing',
  0x84: 'association-token-missing',
};

const isForgotten = (tag: number, defects: IpaDefects): boolean => {
  const name = MISSING[tag];
  return name !== undefined && defects.has(name);
};

const listed = (tag: number, elements: readonly Uint8Array[]): Uint8Array | undefined =>
  elements.length === 0 ? undefined : wrap(tag, ...elements);

const present = (
  tag: number,
  content: Uint8Array | undefined,
  defects: IpaDefects,
): Uint8Array | undefined => {
  if (content !== undefined) return octets(tag, content);
  return defects.has('absent-object-as-empty') ? nothing(tag) : undefined;
};

/** ipaMode and iotSpecificInfo lost: what a codec of SGP.22 leaves of EUICCInfo2. */
const withoutIotFields = (info: Uint8Array): Uint8Array =>
  read(info, () =>
    wrap(
      0xbf22,
      ...readElements(readOne(info).content)
        .filter(({ tag }) => tag !== 0x90 && tag !== 0xb4)
        .map(({ raw }) => raw),
    ),
  );

const deviceInfo = (info: Uint8Array, defects: IpaDefects): Uint8Array => {
  if (!defects.has('device-info-without-tac')) return info;
  const rest = readElements(info).filter(({ tag }) => tag !== 0x80);
  return wrap(0xa9, ...rest.map(({ raw }) => raw)).subarray(2);
};

function capabilities(c: NonNullable<IpaOptions['ipaCapabilities']>, defects: IpaDefects): Uint8Array {
  const bits = (tag: number, set: readonly number[]): Uint8Array =>
    defects.has('capabilities-a-byte-a-flag') ? oneByteAFlag(tag, set) : bitString(tag, set);
  return wrap(
    0xa8,
    bits(0x80, c.ipaFeatures),
    c.ipaSupportedProtocols === undefined ? undefined : bits(0x81, c.ipaSupportedProtocols),
  );
}

const oneByteAFlag = (tag: number, set: readonly number[]): Uint8Array => {
  const flags = Array.from({ length: Math.max(...set) + 1 }, (_, bit) => (set.includes(bit) ? 1 : 0));
  return octets(tag, Uint8Array.of(0, ...flags));
};
