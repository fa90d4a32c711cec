/**
 * Random bytes, and valid messages with damage, into every type: nothing throws, nothing runs away, every byte comes
 * back. The seed is fixed; `SGP33_FUZZ_RUNS=100000 SGP33_FUZZ_SEED=7 npx vitest run test/protocol/asn1/fuzz` goes on
 * for longer.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_LIMITS,
  FINDING_CODES,
  decode,
  encode,
  mutate,
  reencode,
  renderTree,
  toText,
  topLevel,
  type Asn1Node,
  type Asn1Type,
} from '../../../src/protocol/asn1/index.js';
import { otherVersion, typesFor } from '../../../src/protocol/types/index.js';
import { valueOf } from './arbitrary.js';

const RUNS = Number(process.env['SGP33_FUZZ_RUNS'] ?? 800);
const SEED = Number(process.env['SGP33_FUZZ_SEED'] ?? 33);
const TIMEOUT = 20_000 + RUNS * 20;

const types = Object.entries(typesFor('1.2'));
const anyType = fc.constantFrom(...types.map(([, type]) => type));

/** What must hold for any bytes and any type. */
function survives(type: Asn1Type, bytes: Uint8Array): void {
  const before = Uint8Array.from(bytes);
  const decoded = decode(type, bytes);
  expect(bytes).toEqual(before);
  expect(decoded.findings.length).toBeLessThanOrEqual(DEFAULT_LIMITS.maxFindings + 1);
  expect(decoded.ok).toBe(!decoded.findings.some((f) => f.severity === 'violation'));
  for (const f of decoded.findings) {
    expect(FINDING_CODES).toContain(f.code);
    expect(f.offset).toBeGreaterThanOrEqual(0);
    expect(f.offset).toBeLessThanOrEqual(bytes.length);
    expect(f.path.length + f.expected.length + f.actual.length).toBeLessThan(3000);
  }
  expect(Buffer.compare(reencode(decoded), bytes)).toBe(0);
  if (decoded.node !== undefined) {
    nests(decoded.node, 0, bytes.length);
    renderTree(decoded.node);
    expect(Buffer.compare(mutate(type, bytes, []), bytes)).toBe(0);
  }
  toText(type, decoded.value);
  topLevel(bytes);
  // What is clean says everything: its value alone gives the bytes back. A template has no order to keep.
  if (decoded.ok && type.anyOrder !== true)
    expect(Buffer.compare(encode(type, decoded.value), bytes)).toBe(0);
}

/** Children stand in order, inside their parent. */
function nests(node: Asn1Node, from: number, to: number): void {
  expect(node.start >= from && node.contentStart >= node.start && node.end <= to).toBe(true);
  let pos = node.contentStart;
  for (const child of node.children ?? []) {
    nests(child, pos, node.end);
    pos = child.end;
  }
}

/** Damage as transmission, truncation and bad encoders do it. */
const damage = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('flip'), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ kind: fc.constant('cut'), at: fc.nat(), by: fc.nat(9) }),
    fc.record({ kind: fc.constant('put'), at: fc.nat(), by: fc.nat(255) }),
    fc.record({ kind: fc.constant('end'), at: fc.nat(), by: fc.nat(0) }),
  ),
  { minLength: 1, maxLength: 4 },
);

function damaged(
  bytes: Uint8Array,
  damages: readonly { kind: string; at: number; by: number }[],
): Uint8Array {
  let out = [...bytes];
  for (const { kind, at, by } of damages) {
    if (out.length === 0) break;
    const place = at % out.length;
    if (kind === 'flip') out[place] = (out[place] ?? 0) ^ by;
    else if (kind === 'cut') out.splice(place, by);
    else if (kind === 'put') out.splice(place, 0, by);
    else out = out.slice(0, place);
  }
  return Uint8Array.from(out);
}

describe('hostile bytes', () => {
  const run = <T>(property: fc.IProperty<T>): void => {
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  };

  it('random bytes', { timeout: TIMEOUT }, () => {
    run(fc.property(anyType, fc.uint8Array({ maxLength: 200 }), survives));
  });

  it('random bytes behind the right tag and length', { timeout: TIMEOUT }, () => {
    run(
      fc.property(anyType, fc.uint8Array({ maxLength: 120 }), (type, content) => {
        const tag = [];
        for (let t = type.tag ?? 0xa0; t > 0; t = Math.floor(t / 256)) tag.unshift(t & 0xff);
        survives(type, Uint8Array.of(...tag, content.length, ...content));
      }),
    );
  });

  it('valid messages, damaged', { timeout: TIMEOUT }, () => {
    const sample = fc
      .constantFrom(...types)
      .chain(([name, type]) => fc.tuple(fc.constant(name), fc.constant(type), valueOf(type)));
    run(
      fc.property(sample, damage, ([name, type, value], damages) => {
        const bytes = damaged(encode(type, value), damages);
        survives(type, bytes);
        otherVersion('1.2', name, bytes);
      }),
    );
  });

  it('a view into a larger buffer stays inside it', () => {
    fc.assert(
      fc.property(anyType, fc.uint8Array({ maxLength: 60 }), fc.nat(20), (type, bytes, lead) => {
        const buffer = Buffer.alloc(bytes.length + lead + 20, 0xa0);
        buffer.set(bytes, lead);
        const view = buffer.subarray(lead, lead + bytes.length);
        const inside = decode(type, view);
        expect(inside.findings).toEqual(decode(type, bytes).findings);
        expect(inside.value).toEqual(decode(type, bytes).value);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
