/** fast-check arbitraries made from the type declarations: any value that a type allows, DER forms only. */
import fc from 'fast-check';
import { bitsOf, tlv, type Asn1Type, type Field } from '../../../src/protocol/asn1/index.js';

/** A constructed TLV with something in it, as a Certificate would be. */
const insides = fc
  .array(fc.uint8Array({ maxLength: 20 }), { maxLength: 3 })
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...tlv(0x04, part)])));

const anyTlv = fc.oneof(
  fc
    .tuple(fc.constantFrom(0x04, 0x80, 0x5f37, 0x9f8101), fc.uint8Array({ maxLength: 140 }))
    .map(([tag, content]) => tlv(tag, content)),
  insides.map((inside) => tlv(0xbf51, inside)),
);

/** Text whose length in code points is within the SIZE of the type. */
const textOf = (type: Asn1Type): fc.Arbitrary<string> => {
  const min = type.min ?? 0;
  const max = Math.min(type.max ?? 40, min + 70);
  return fc
    .array(
      fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
        fc.constantFrom(0xe4, 0x20ac, 0x1f4f6),
      ),
      {
        minLength: min,
        maxLength: max,
      },
    )
    .map((points) => String.fromCodePoint(...points));
};

const integers = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc
    .bigInt({ min: -(2n ** 130n), max: 2n ** 130n })
    .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
);

const bitStrings = (type: Asn1Type): fc.Arbitrary<unknown> => {
  if (type.named === undefined)
    return fc
      .tuple(fc.uint8Array({ maxLength: 5 }), fc.integer({ min: 0, max: 7 }))
      .map(([bytes, unused]) => {
        const last = bytes.length - 1;
        if (last < 0) return { bytes, unusedBits: 0 };
        bytes[last] = ((bytes[last] ?? 0) >> unused) << unused;
        return { bytes, unusedBits: unused };
      });
  return fc.uniqueArray(fc.integer({ min: 0, max: 35 }), { maxLength: 6 }).map((bits) => bitsOf(bits));
};

const oids = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.nat(39), fc.array(fc.nat(), { maxLength: 6 }))
  .map((arcs) => arcs.flat().join('.'));

export function valueOf(type: Asn1Type): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'integer':
      return type.named === undefined ? integers : fc.constantFrom(...Object.values(type.named));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'octets':
      return fc.uint8Array({
        minLength: type.min ?? 0,
        maxLength: Math.max(type.min ?? 0, Math.min(type.max ?? 150, 150)),
      });
    case 'utf8':
      return textOf(type);
    case 'bits':
      return bitStrings(type);
    case 'oid':
      return oids;
    case 'any':
      return anyTlv;
    case 'opaque':
      return insides.map((inside) => tlv(type.tag as number, inside));
    case 'sequenceOf':
      return fc.array(valueOf((type.item as Field).type), { maxLength: 3 });
    case 'choice':
      return fc.oneof(
        ...(type.fields ?? []).map((f) => valueOf(f.type).map((value) => ({ [f.name]: value }))),
      );
    case 'sequence':
      return fieldsOf(type);
  }
}

/** Optional fields sometimes there; DEFAULT values left out; now and then an extension of a later version. */
function fieldsOf(type: Asn1Type): fc.Arbitrary<unknown> {
  const fields = type.fields ?? [];
  const entries = fields.map((f) => {
    const value = valueOf(f.type).map((v): unknown => (v === f.defaultValue ? undefined : v));
    return f.optional ? fc.option(value, { nil: undefined }) : value;
  });
  const extension = fc.option(
    fc
      .tuple(fc.nat(fields.length), fc.uint8Array({ maxLength: 4 }))
      .map(([before, content]) => ({ before, content })),
    { nil: undefined, freq: 10 },
  );
  return fc.tuple(extension, ...entries).map(([unknown, ...values]) => {
    const out: Record<string, unknown> = {};
    let last = 0;
    fields.forEach((f, i) => {
      const value = values[i];
      if (value === undefined) return;
      out[f.name] = value;
      if (unknown !== undefined && i < unknown.before) last = i + 1;
    });
    // `before` counts up to the last known field in front of it that is there, as the decoder sees it.
    if (unknown !== undefined) out['$unknown'] = [{ before: last, bytes: tlv(0xdf7f, unknown.content) }];
    return out;
  });
}
