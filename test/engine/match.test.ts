import { describe, expect, it } from 'vitest';
import {
  bits,
  bytesToHex,
  choice,
  encode,
  fromText,
  integer,
  octets,
  opt,
  req,
  sequence,
  sequenceOf,
  utf8,
  type TextValue,
} from '../../src/protocol/asn1/index.js';
import { testPki } from './support/built-in.js';
import { errorOf } from './support/suite-files.js';
import { matchValue, type MatchOptions } from './support/match-value.js';

const Result = integer({ ok: 0, notFound: 1, undefinedError: 127 });
const Item = sequence('Item', 0x30, {
  id: req(0x80, octets()),
  state: opt(0x81, integer({ off: 0, on: 1 })),
  note: opt(0x82, utf8()),
});
const Whole = sequence('Whole', 0xbf7f, {
  number: opt(0x80, integer()),
  bytes: opt(0x81, octets()),
  text: opt(0x82, utf8()),
  flags: opt(0x83, bits({ red: 0, green: 1, blue: 2 })),
  items: opt(0xa4, sequenceOf('Items', 0x30, Item)),
  either: opt(0xa5, choice('Either', undefined, { good: req(0x80, Result), bad: req(0x81, Result) })),
});
const VALUE = {
  number: '5',
  bytes: '0102030405',
  text: 'a5.b',
  flags: ['red', 'blue'],
  items: [
    { id: '01', state: 'on' },
    { id: '02', note: 'x' },
    { id: '03', state: 'off' },
  ],
  either: { good: 'ok' },
} satisfies TextValue;
const matched = (expected: string, options?: MatchOptions): ReturnType<typeof matchValue> =>
  matchValue(Whole, VALUE, expected, options);
const differ = (expected: string, options?: MatchOptions): string[] =>
  matched(expected, options).mismatches.map((m) => `${m.cause} ${m.path}`);

describe('without a matcher', () => {
  it.each([
    ['{}'],
    ['{ number: 5, bytes: 01 02 03 0405, text: a5.b }'],
    ['{ flags: [blue, red] }'],
    ['{ items: [{ id: "01", state: on }, { id: "02" }, { state: off(0) }] }'],
    ['{ either: { good: ok } }'],
    ['{ either: { good: 0 } }'],
    ['{ items: [{}, !absent , {}, {}] }'],
  ])('%s matches', (expected) => {
    expect(differ(expected)).toEqual([]);
  });

  it.each([
    ['{ number: 6 }', 'wrong-value whole.number'],
    ['{ bytes: "0102" }', 'wrong-value whole.bytes'],
    ['{ flags: [red] }', 'wrong-value whole.flags'],
    ['{ items: [{}, {}] }', 'unexpected whole.items'],
    ['{ items: [{}, {}, {}, {}] }', 'missing whole.items'],
    ['{ items: [{}, { state: on }, {}] }', 'missing whole.items[1].state'],
    ['{ either: { good: undefinedError } }', 'wrong-error-code whole.either.good'],
    ['{ either: { bad: ok } }', 'unexpected whole.either'],
    ['{ items: [{ state: off }, {}, {}] }', 'wrong-value whole.items[0].state'],
  ])('%s does not', (expected, found) => {
    expect(differ(expected)).toEqual([found]);
  });

  it('tells tag, offset, expected and actual', () => {
    // The third item is the only one that ends with state off.
    const offset = Buffer.from(encode(Whole, fromText(Whole, VALUE))).indexOf('810100', 'hex');
    expect(offset).toBeGreaterThan(0);
    const [m] = matched('{ items: [{}, {}, { state: on }] }').mismatches;
    expect(m).toEqual({
      cause: 'wrong-value',
      path: 'whole.items[2].state',
      expected: 'on(1)',
      actual: 'off(0)',
      tag: '81',
      offset,
    });
  });
});

describe('matchers', () => {
  it.each([
    ['{ number: !any }'],
    ['{ either: { bad: !absent } }'],
    ['{ bytes: !bytes 5 }'],
    ['{ bytes: !bytes { min: 5 } }'],
    ['{ bytes: !bytes { max: 5 } }'],
    ['{ number: !oneOf [4, 5] }'],
    ['{ number: !all [!gt 4, !lt 6, !ge 5, !not 4] }'],
    ['{ number: !gt <LOW> }'],
    ['{ number: !lt $HIGH }'],
    ['{ flags: !contains [blue] }'],
    ['{ items: !contains [{ id: "03" }, { state: on }] }'],
    ['{ items: !unordered [{ id: "03" }, { id: "01" }, { id: "02" }] }'],
    ['{ items: !unordered [!any , { id: "02" }, { id: "01" }] }'],
    ['{ items: !size 3 }'],
    ['{ items: !each { id: !bytes 1 } }'],
    ['{ items: !last { state: off } }'],
    ['{ items: !startsWith [{ id: "01" }] }'],
    ['{ items: [!exact { id: "01", state: on }, {}, {}] }'],
    ['{ text: !regex "^a\\\\d" }'],
    ['{ bytes: !startsWith "01 02" }'],
    ['{ text: !not b }'],
  ])('%s matches', (expected) => {
    expect(differ(expected, { variables: { LOW: '4' }, constants: { HIGH: '6' } })).toEqual([]);
  });

  it.each([
    ['{ number: !absent }', 'unexpected whole.number'],
    ['{ either: { good: !absent } }', 'unexpected whole.either.good'],
    ['{ bytes: !bytes 4 }', 'wrong-value whole.bytes'],
    ['{ bytes: !bytes { min: 6 } }', 'wrong-value whole.bytes'],
    ['{ number: !oneOf [4, 6] }', 'wrong-value whole.number'],
    ['{ either: { good: !oneOf [notFound, 127] } }', 'wrong-error-code whole.either.good'],
    ['{ number: !all [!gt 5, !lt 6] }', 'wrong-value whole.number'],
    ['{ number: !not 5 }', 'unexpected whole.number'],
    ['{ number: !ge 6 }', 'wrong-value whole.number'],
    ['{ number: !lt 5 }', 'wrong-value whole.number'],
    ['{ flags: !contains [green] }', 'missing whole.flags'],
    ['{ items: !contains [{ id: "04" }] }', 'missing whole.items'],
    ['{ items: !contains [{ id: "01", state: off }] }', 'wrong-value whole.items[0].state'],
    ['{ items: !unordered [{ id: "03" }, { id: "01" }] }', 'unexpected whole.items'],
    ['{ items: !unordered [{ id: "03" }, { id: "01" }, { id: "01" }] }', 'missing whole.items'],
    ['{ items: !size 2 }', 'wrong-value whole.items'],
    ['{ items: !each { state: on } }', 'missing whole.items[1].state'],
    ['{ items: !last { state: on } }', 'wrong-value whole.items[2].state'],
    ['{ items: !startsWith [{}, {}, {}, {}] }', 'missing whole.items'],
    ['{ items: [!exact { id: "01" }, {}, {}] }', 'unexpected whole.items[0]'],
    ['{ text: !regex "^b" }', 'wrong-value whole.text'],
    ['{ bytes: !startsWith "02" }', 'wrong-value whole.bytes'],
  ])('%s does not', (expected, found) => {
    expect(differ(expected)[0]).toBe(found);
  });

  it.each([
    '!any',
    '!bind X',
    '!bytes 1',
    '!gt 1',
    '!regex x',
    '!contains [x]',
    '!size 1',
    '!each x',
    '!certificate { curve: P-256 }',
  ])('%s needs something to be there', (expected) => {
    const { mismatches } = matchValue(Whole, {}, `{ bytes: ${expected} }`);
    expect(mismatches.map((m) => m.cause)).toEqual(['missing']);
  });

  it.each([
    ['{ bytes: !gt 5 }', 'matcher'],
    ['{ number: !gt x }', 'matcher'],
    ['{ number: !bytes 1 }', 'matcher'],
    ['{ bytes: !bytes x }', 'matcher'],
    ['{ number: !each 1 }', 'matcher'],
    ['{ items: !size x }', 'matcher'],
    ['{ number: !exact {} }', 'matcher'],
    ['{ number: !certificate {} }', 'matcher'],
    ['{ number: !next x }', 'matcher'],
    ['{ text: !regex "(" }', 'regex'],
    ['{ nubmer: 1 }', 'unknown-field'],
    ['{ number: five }', 'unknown-value'],
    ['{ number: { a: 1 } }', 'yaml-shape'],
    ['{ number: !bind low }', 'variable-name'],
    ['{ number: <UNBOUND> }', 'unbound-variable'],
  ])('%s is a mistake of the suite, not of the card', (expected, code) => {
    expect(errorOf(() => matched(expected)).code).toBe(code);
  });
});

describe('binding', () => {
  const bound = (expected: string): Record<string, TextValue> => Object.fromEntries(matched(expected).binds);
  it('keeps what matched, as text, and compares it afterwards', () => {
    expect(bound('{ number: !bind N, bytes: !bind { B: !bytes 5 }, items: !bind L }')).toEqual({
      N: '5',
      B: '0102030405',
      L: [
        { id: '01', state: 'on(1)' },
        { id: '02', note: 'x' },
        { id: '03', state: 'off(0)' },
      ],
    });
    expect(differ('{ number: <N>, items: <L> }', { variables: { N: '5', L: VALUE.items } })).toEqual([]);
    expect(differ('{ number: !bind N, text: !regex "^a(?<D>.)", bytes: !not "00" }')).toEqual([]);
    expect(bound('{ text: !regex "^a(?<D>.)" }')).toEqual({ D: '5' });
    expect(differ('{ items: [{ id: !bind I }, { id: !not <I> }, { id: <I> }] }')).toEqual([
      'wrong-value whole.items[2].id',
    ]);
  });

  it('does not keep what did not match', () => {
    expect(bound('{ bytes: !bind { B: !bytes 4 } }')).toEqual({});
    expect(
      bound('{ items: [!oneOf [{ id: !bind A, state: off }, { id: !bind B, state: on }], {}, {}] }'),
    ).toEqual({ B: '01' });
    expect(bound('{ items: !contains [{ note: x, id: !bind B }, { id: !bind C, state: off }] }')).toEqual({
      B: '02',
      C: '03',
    });
    expect(bound('{ items: !contains [!all [{ id: !bind A }, { state: off }]] }')).toEqual({ A: '03' });
    expect(bound('{ number: !not { x: !bind A } }'.replace('{ x: !bind A }', '6'))).toEqual({});
    expect(
      bound(
        '{ items: !unordered [{ id: !bind ANY }, { id: !bind TWO, note: x }, { id: !bind ONE, state: on }] }',
      ),
    ).toEqual({ ANY: '03', TWO: '02', ONE: '01' });
  });
});

describe('!certificate on a fact of TLS, which is hex', () => {
  const Facts = sequence('Facts', 0x30, { certificate: opt(0x80, utf8()) });
  const found = (
    expected: string,
    certificate = bytesToHex(testPki().certificate('EIM_TLS').der),
  ): string[] =>
    matchValue(Facts, { certificate }, `{ certificate: !certificate ${expected} }`).mismatches.map(
      (m) => `${m.cause} ${m.path}: ${m.actual}`,
    );
  it('looks at curve, name, key usage and purpose', () => {
    const good =
      '{ curve: P-256, dnsName: eim.example.com, keyUsage: digitalSignature, purpose: serverAuth }';
    expect(found(good)).toEqual([]);
    expect(found('{ dnsName: eim2.example.com }')).toEqual([
      'wrong-value facts.certificate dnsName: eim.example.com, localhost',
    ]);
    expect(found('{ keyUsage: keyAgreement }')).toEqual([
      'wrong-value facts.certificate keyUsage: digitalSignature',
    ]);
    const ci = bytesToHex(testPki().certificate('CI_ECDSA_NIST').der);
    expect(found('{ purpose: serverAuth, dnsName: a.example }', ci)).toEqual([
      'wrong-value facts.certificate purpose: no extendedKeyUsage',
      'wrong-value facts.certificate dnsName: no dNSName',
    ]);
    expect(errorOf(() => found('{ purpose: fun }')).code).toBe('yaml-shape');
    expect(found('{ curve: P-256 }', '3003')[0]).toMatch(/^malformed/);
  });
});
