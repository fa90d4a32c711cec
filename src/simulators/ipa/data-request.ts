/** IpaEuiccDataRequest: each tag of the list is answered out of the eUICC or of the IPA (SGP.32 2.11.1.2, 2.11.2.2). */
import { readFields, type Fields } from '../tlv/reader.js';
import { bitString, int, octets, wrap } from '../tlv/writer.js';
import type { IpaCard } from './ipa-card.js';
import type { IpaOptions } from './options.js';
import { read } from './read-answer.js';

const DATA_ERROR = { incorrectTagList: 1, euiccCiPKIdNotFound: 5, ecallActive: 104 } as const;

const DEFAULT_CAPABILITIES = { ipaFeatures: [0, 1], ipaSupportedProtocols: [0] };
/** tac, deviceCapabilities with a release of E-UTRAN. */
const DEFAULT_DEVICE_INFO = wrap(0xa9, octets(0x80, '35290611'), wrap(0xa1, octets(0x85, '0F0000'))).subarray(
  2,
);

/** In the order of IpaEuiccData; the transaction id stands between, and is nobody's to ask for. */
const ORDER_1_2 = [0xa0, 0x81, 0xa2, 0xbf20, 0xbf22, 0x83, 0x84, 0xa5, 0xa6, 0x87, 0xa8, 0xa9];
const ORDER_1_0_1 = [0x80, 0xbf20, 0xbf22, 0x83, 0x84, 0xa5, 0xa6, 0xa8, 0xa9, 0xbf2b];
const TRANSACTION_ID = 0x87;

/**
 * @param content of the request.
 * @returns the IpaEuiccDataResponse, `BF52`; undefined for a request that is not in its format.
 * @throws what the card throws.
 */
export async function ipaEuiccData(
  options: IpaOptions,
  card: IpaCard,
  content: Uint8Array,
): Promise<Uint8Array | undefined> {
  const old = options.version === '1.0.1';
  const request = read<Fields | undefined>(undefined, () =>
    readFields(content, old ? [0x5c, 0x04, 0xa1] : [0x5c, 0x04, 0xa1, 0xa2, 0x83]),
  );
  const tagList = request?.octets(0x5c);
  if (request === undefined || tagList === undefined) return undefined;
  const transactionId = old ? undefined : request.octets(0x83);
  const refuse = (code: number): Uint8Array =>
    old
      ? wrap(0xbf52, int(0x81, code))
      : wrap(
          0xbf52,
          wrap(0xa1, transactionId === undefined ? undefined : octets(0x80, transactionId), int(0x02, code)),
        );
  if (!old && options.ecallActive?.() === true) return refuse(DATA_ERROR.ecallActive);
  const tags = wantedTags(tagList, old);
  if (tags === undefined) return refuse(DATA_ERROR.incorrectTagList);
  const asked = request.octets(0x04);
  const ciPkId = asked === undefined ? undefined : await card.ciPkId(asked);
  if (asked !== undefined && ciPkId === undefined) return refuse(DATA_ERROR.euiccCiPKIdNotFound);
  const fields: (Uint8Array | undefined)[] = [];
  const source = new Source(options, card, request, ciPkId);
  for (const tag of old ? ORDER_1_0_1 : ORDER_1_2)
    if (tag === TRANSACTION_ID)
      fields.push(transactionId === undefined ? undefined : octets(0x87, transactionId));
    else if (tags.has(tag)) fields.push(await source.field(tag));
  return wrap(0xbf52, wrap(0xa0, ...fields));
}

/** @returns undefined when a tag is none of IpaEuiccData. */
function wantedTags(tagList: Uint8Array, old: boolean): ReadonlySet<number> | undefined {
  const known = (old ? ORDER_1_0_1 : ORDER_1_2).filter((tag) => tag !== TRANSACTION_ID);
  const tags = new Set<number>();
  for (let at = 0; at < tagList.length;) {
    const first = tagList[at++] as number;
    const tag = (first & 0x1f) === 0x1f ? first * 256 + (tagList[at++] ?? 0) : first;
    // The comments of v1.0.1 name 88 where the encoding is A8.
    const meant = old && tag === 0x88 ? 0xa8 : tag;
    if (!known.includes(meant)) return undefined;
    tags.add(meant);
  }
  return tags;
}

/** One element of IpaEuiccData after the other; what does not exist is left out. */
class Source {
  constructor(
    private readonly options: IpaOptions,
    private readonly card: IpaCard,
    private readonly request: Fields,
    private readonly ciPkId: Uint8Array | undefined,
  ) {}

  async field(tag: number): Promise<Uint8Array | undefined> {
    const { card, request } = this;
    switch (tag) {
      case 0xa0:
        return listed(0xa0, await card.notifications(request.octets(0xa1)));
      case 0xa2:
        return listed(0xa2, await card.results(request.octets(0xa2)));
      case 0xbf2b:
        return (await card.retrieve(request.octets(0xa1))).raw;
      case 0x80:
      case 0x81:
        return present(tag, (await card.addresses()).smdp);
      case 0x83:
        return present(tag, (await card.addresses()).smds);
      case 0xbf20:
      case 0xbf22:
        return card.information(tag);
      case 0x84: {
        const token = await card.associationToken(this.options.eimId);
        return token === undefined ? undefined : int(0x84, token);
      }
      case 0xa5:
        return present(tag, (await card.certificates(this.ciPkId))?.eum);
      case 0xa6:
        return present(tag, (await card.certificates(this.ciPkId))?.euicc);
      case 0xa8:
        return capabilities(this.options.ipaCapabilities ?? DEFAULT_CAPABILITIES);
      default:
        return octets(0xa9, this.options.deviceInfo ?? DEFAULT_DEVICE_INFO);
    }
  }
}

const listed = (tag: number, elements: readonly Uint8Array[]): Uint8Array | undefined =>
  elements.length === 0 ? undefined : wrap(tag, ...elements);

const present = (tag: number, content: Uint8Array | undefined): Uint8Array | undefined =>
  content === undefined ? undefined : octets(tag, content);

const capabilities = (c: NonNullable<IpaOptions['ipaCapabilities']>): Uint8Array =>
  wrap(
    0xa8,
    bitString(0x80, c.ipaFeatures),
    c.ipaSupportedProtocols === undefined ? undefined : bitString(0x81, c.ipaSupportedProtocols),
  );
