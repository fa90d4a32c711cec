/** Properties that hold for every type of both versions, with values made from the declarations. */
import * as asn1js from 'asn1js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  TlvHeader,
  decode,
  encode,
  fromText,
  mutate,
  reencode,
  tagName,
  toText,
  type Asn1Node,
  type Asn1Type,
} from '../../../src/protocol/asn1/index.js';
import { SGP32_VERSIONS, typesFor } from '../../../src/protocol/types/index.js';
import { valueOf } from './arbitrary.js';

const SEED = 33;
const RUNS = 5;

const allTypes = SGP32_VERSIONS.flatMap((version) =>
  Object.entries(typesFor(version))
    // What both versions share is one object; once is enough.
    .filter(([name, type]) => version === '1.2' || typesFor('1.2')[name] !== type)
    .map(([name, type]) => [`v${version} ${name}`, type] as const),
);

const eachValue = (type: Asn1Type, check: (value: unknown, bytes: Uint8Array) => void): void => {
  fc.assert(
    fc.property(valueOf(type), (value) => check(value, encode(type, value))),
    { seed: SEED, numRuns: RUNS },
  );
};

describe.each(allTypes)('%s', (_name, type) => {
  it('decodes what it encodes, byte for byte and value for value', () => {
    eachValue(type, (value, bytes) => {
      const decoded = decode(type, bytes);
      expect(
        decoded.findings.filter((f) => f.code !== 'unknown-element' && f.code !== 'unnamed-value'),
      ).toEqual([]);
      expect(decoded.ok).toBe(true);
      expect(encode(type, decoded.value)).toEqual(bytes);
      expect(reencode(decoded)).toEqual(bytes);
      expect(mutate(type, bytes, [])).toEqual(bytes);
      expect(decoded.value).toEqual(value);
    });
  });

  it('reads back its text', () => {
    eachValue(type, (value, bytes) => {
      expect(encode(type, fromText(type, toText(type, value)))).toEqual(bytes);
      expect(encode(type, fromText(type, JSON.parse(JSON.stringify(toText(type, value)))))).toEqual(bytes);
    });
  });

  it('agrees with asn1js on tags, offsets and lengths', () => {
    eachValue(type, (_value, bytes) => {
      const { node } = decode(type, bytes);
      const theirs = asn1js.fromBER(bytes.slice().buffer);
      expect(theirs.offset).toBe(bytes.length);
      compareTlv(node ?? expect.fail('no node'), theirs.result, bytes);
    });
  });
});

/** Walks both trees side by side. A virtual node has no TLV: its only child stands for it. */
function compareTlv(node: Asn1Node, theirs: asn1js.BaseBlock, source: Uint8Array): void {
  if (node.virtual) {
    const arm = node.children?.[0] ?? expect.fail('a CHOICE without an arm');
    return compareTlv(arm, theirs, source);
  }
  const { idBlock, lenBlock } = theirs;
  const header = new TlvHeader();
  header.read(source, node.start, node.end);
  expect(header.fault).toBe('none');
  expect(node.end - node.start).toBe(idBlock.blockLength + lenBlock.blockLength + lenBlock.length);
  expect(node.contentStart - node.start).toBe(idBlock.blockLength + lenBlock.blockLength);
  expect(node.end - node.contentStart).toBe(lenBlock.length);
  const first = Number.parseInt(tagName(node.tag).slice(0, 2), 16);
  expect((first >> 6) + 1).toBe(idBlock.tagClass);
  expect((first & 0x20) !== 0).toBe(idBlock.isConstructed);
  const children = node.children;
  if (children === undefined || !idBlock.isConstructed) return;
  const { value } = theirs.valueBlock as unknown as { value: asn1js.BaseBlock[] };
  expect(children).toHaveLength(value.length);
  children.forEach((child, i) => compareTlv(child, value[i] as asn1js.BaseBlock, source));
}
