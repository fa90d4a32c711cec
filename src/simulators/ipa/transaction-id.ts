/** eimTransactionId of an eIM Package, which every answer to it repeats (SGP.32 5.14.6). */
import { readFields, type Tlv } from '../tlv/reader.js';
import { read } from './read-answer.js';

/** As far as it can be found in a package that may be damaged. */
export function transactionIdOf({ tag, content }: Tlv): Uint8Array | undefined {
  return read<Uint8Array | undefined>(undefined, () => {
    if (tag === 0xbf52) return readFields(content, [0x83]).octets(0x83);
    if (tag === 0xbf54) return readFields(content, [0x82]).octets(0x82);
    const signed = readFields(content, [0x30]).octets(0x30);
    return signed === undefined ? undefined : readFields(signed, [0x82]).octets(0x82);
  });
}
