/** EimConfigurationData as the eUICC tells it, read by hand (SGP.32 2.11.1.1.1, 5.9.18). */
import { Malformed, must, readElements, readFields, readOne, type Tlv } from '../../tlv/reader.js';
import { wrap } from '../../tlv/writer.js';
import { read } from '../../ipa/read-answer.js';

/** trustedPublicKeyDataTls, DER with its SEQUENCE. */
export type TlsAnchor =
  | { readonly kind: 'public-key'; readonly spki: Uint8Array }
  | { readonly kind: 'certificate'; readonly der: Uint8Array };

export interface EimEntry {
  readonly eimId: string;
  readonly eimFqdn: string | undefined;
  /** oid(1), fqdn(2), proprietary(3). */
  readonly eimIdType: number | undefined;
  readonly anchor: TlsAnchor | undefined;
  /** Bits of eimSupportedProtocol: retrieveHttps(0), retrieveCoaps(1), injectHttps(2), injectCoaps(3), proprietary(4). */
  readonly protocols: readonly number[] | undefined;
  readonly indirectProfileDownload: boolean;
}

const FIELDS = [0x80, 0x81, 0x82, 0x83, 0x84, 0xa5, 0xa6, 0x87, 0x88, 0x89];

/**
 * @param answer GetEimConfigurationDataResponse.
 * @returns the entries that can be read, in the order of the eUICC; undefined for an answer that is none.
 */
export function readEimEntries(answer: Uint8Array): readonly EimEntry[] | undefined {
  return read<readonly EimEntry[] | undefined>(undefined, () => {
    const outer = readOne(answer);
    if (outer.tag !== 0xbf55) return undefined;
    const list = readFields(outer.content, [0xa0]).octets(0xa0) ?? new Uint8Array(0);
    return readElements(list).flatMap((entry) => read<readonly EimEntry[]>([], () => [readEntry(entry)]));
  });
}

function readEntry({ content }: Tlv): EimEntry {
  const fields = readFields(content, FIELDS);
  const trusted = fields.octets(0xa6);
  return {
    eimId: must(fields.text(0x80)),
    eimFqdn: fields.text(0x81),
    // v1.0.1 has its type in an element of another list only: here both versions agree.
    eimIdType: fields.integer(0x82),
    anchor: trusted === undefined ? undefined : readAnchor(readOne(trusted)),
    protocols: fields.bits(0x87),
    indirectProfileDownload: fields.has(0x89),
  };
}

function readAnchor({ tag, content }: Tlv): TlsAnchor {
  if (tag === 0xa0) return { kind: 'public-key', spki: sequenceOf(content) };
  if (tag === 0xa1) return { kind: 'certificate', der: sequenceOf(content) };
  throw new Malformed('neither a key nor a certificate');
}

/** The arm takes the place of the SEQUENCE; some write the SEQUENCE inside it once more. */
function sequenceOf(content: Uint8Array): Uint8Array {
  const [first, second] = readElements(content);
  return first?.tag === 0x30 && second === undefined ? first.raw : wrap(0x30, content);
}
