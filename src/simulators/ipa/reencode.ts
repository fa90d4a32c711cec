/** What a careless IPA makes of bytes that it should pass on as they are; only defects call these. */
import { readElements, readFields, readOne } from '../tlv/reader.js';
import { int, octets, wrap } from '../tlv/writer.js';
import { read } from './read-answer.js';

const integerOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** euiccSignEPR or euiccSignEPE as an ECDSA-Sig-Value, the form that most libraries have. */
export function signatureAsDer(result: Uint8Array): Uint8Array {
  return read(result, () => {
    const arm = readOne(readOne(result).content);
    const [data, signature] = readElements(arm.content);
    if (data === undefined || signature?.tag !== 0x5f37) return result;
    const [r, s] = [signature.content.subarray(0, 32), signature.content.subarray(32)].map(integerOf);
    const der = wrap(0x30, int(0x02, r ?? 0n), int(0x02, s ?? 0n));
    return wrap(0xbf51, wrap(arm.tag, data.raw, octets(0x5f37, der)));
  });
}

/** An eUICC Package without its eimTransactionId, as a codec of another version leaves it. */
export function withoutTransactionId(eimPackage: Uint8Array): Uint8Array {
  return read(eimPackage, () => {
    const { content } = readOne(eimPackage);
    const signed = readFields(content, [0x30, 0x5f37]).element(0x30);
    if (signed === undefined) return eimPackage;
    const kept = readElements(signed.content).filter(({ tag }) => tag !== 0x82);
    const rest = content.subarray(signed.raw.length);
    return wrap(0xbf51, wrap(0x30, ...kept.map(({ raw }) => raw)), rest);
  });
}
