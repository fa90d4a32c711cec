/** Every finding code has bytes that provoke it, alone, with its place. */
import { describe, expect, it } from 'vitest';
import {
  BOOLEAN,
  INTEGER,
  NULL,
  OBJECT_IDENTIFIER,
  bits,
  decode,
  describeFinding,
  hexToBytes,
  integer,
  octets,
  opaque,
  opt,
  dflt,
  req,
  sequence,
  sequenceOf,
  choice,
  utf8,
  type FindingCode,
} from '../../../src/protocol/asn1/index.js';
import { FINDING_CODES, severityOf } from '../../../src/protocol/asn1/findings.js';

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex) ?? expect.fail(`no hex: ${hex}`);

const Certificate = opaque('Certificate');
const Message = sequence('Message', 0xbf7f, {
  id: opt(0x80, octets({ min: 1, max: 2 })),
  count: opt(0x81, integer({ one: 1, two: 2 })),
  flag: dflt(0x82, BOOLEAN, false),
  features: opt(0x83, bits({ a: 0, b: 1 })),
  text: opt(0x84, utf8({ max: 3 })),
  nothing: opt(0x85, NULL),
  oid: opt(0x86, OBJECT_IDENTIFIER),
  certificate: opt(0xa7, Certificate),
  arm: opt(0xa8, choice('', undefined, { left: req(0x80, INTEGER), right: req(0x81, INTEGER) })),
  list: opt(0xa9, sequenceOf('', 0x30, INTEGER)),
});
const Strict = sequence('Strict', 0x30, { first: req(0x80, INTEGER), second: req(0x81, INTEGER) });

const TYPES = { Message, Strict };

/** What cannot be had alone. */
const ALSO: Readonly<Record<string, readonly FindingCode[]>> = {
  '30098001018101021F1E00': ['unknown-element'],
  BF7F028200: ['default-encoded'],
};

/** [code, type, bytes, path, offset, expected, actual] */
const CASES: readonly (readonly [FindingCode, keyof typeof TYPES, string, string, number, RegExp, RegExp])[] =
  [
    ['empty', 'Message', '', 'message', 0, /BF7F/, /no bytes/],
    ['truncated', 'Message', 'BF', 'message', 0, /header/, /^BF$/],
    ['truncated', 'Message', 'BF7F', 'message', 0, /header/, /^BF7F$/],
    ['truncated', 'Message', 'BF7F0180', 'message', 3, /header/, /^80$/],
    ['truncated', 'Message', 'BF7F8201', 'message', 0, /header/, /^BF7F8201$/],
    ['tag-too-long', 'Message', 'BF7F061F8181810100', 'message', 3, /header/, /^1F81818101/],
    ['non-minimal-tag', 'Strict', '30098001018101021F1E00', 'strict', 8, /minimal/, /^1F1E00$/],
    ['indefinite-length', 'Message', 'BF7F80800101' + '0000', 'message', 0, /definite/, /^BF7F80/],
    ['length-too-long', 'Message', 'BF7F850000000000', 'message', 0, /header/, /^BF7F85/],
    ['non-minimal-length', 'Message', 'BF7F8103800101', 'message', 0, /minimal/, /^BF7F8103/],
    [
      'overrun',
      'Message',
      'BF7F03800201',
      'message',
      3,
      /within its parent/,
      /length 2, but 1 bytes are left/,
    ],
    ['trailing-bytes', 'Message', 'BF7F00FFEE', 'message', 3, /nothing/, /2 bytes \(FFEE\)/],
    ['trailing-bytes', 'Message', 'BF7F09A80780010180010200', 'message.arm', 8, /nothing/, /4 bytes/],
    ['wrong-tag', 'Message', 'BF7E00', 'message', 0, /^BF7F$/, /^BF7E$/],
    ['wrong-tag', 'Message', 'BF7F05A903800101', 'message.list[0]', 5, /^02$/, /^80$/],
    ['missing-field', 'Strict', '3003800101', 'strict.second', 5, /81/, /nothing/],
    ['missing-field', 'Message', 'BF7F02A800', 'message.arm', 5, /left 80, right 81/, /nothing/],
    ['unknown-element', 'Message', 'BF7F03990101', 'message', 3, /a field/, /99 \(kept\)/],
    ['unknown-arm', 'Message', 'BF7F05A803990101', 'message.arm', 5, /left 80, right 81/, /^99$/],
    ['duplicate-field', 'Message', 'BF7F06800101800102', 'message.id', 6, /one/, /80/],
    ['out-of-order', 'Message', 'BF7F06810101800102', 'message.id', 6, /before count/, /80/],
    ['size', 'Message', 'BF7F058003010203', 'message.id', 5, /^1\.\.2 bytes$/, /^3 bytes$/],
    ['size', 'Message', 'BF7F028000', 'message.id', 5, /^1\.\.2 bytes$/, /^0 bytes$/],
    ['size', 'Message', 'BF7F06840461626364', 'message.text', 5, /^0\.\.3 characters$/, /^4 characters$/],
    ['size', 'Message', 'BF7F028100', 'message.count', 5, /octets/, /^0 octets$/],
    ['size', 'Message', 'BF7F028300', 'message.features', 5, /unused-bits octet/, /nothing/],
    [
      'size',
      'Strict',
      `30818A800101818184${'01'.repeat(0x84)}`,
      'strict.second',
      9,
      /1\.\.128/,
      /^132 octets$/,
    ],
    ['unnamed-value', 'Message', 'BF7F03810107', 'message.count', 5, /one\(1\), two\(2\)/, /^7$/],
    ['non-minimal-integer', 'Strict', '300780020001810102', 'strict.first', 4, /shortest/, /^0001$/],
    ['boolean-not-der', 'Message', 'BF7F03820101', 'message.flag', 5, /00 or FF/, /^01$/],
    ['boolean-not-der', 'Message', 'BF7F028200', 'message.flag', 5, /00 or FF/, /nothing/],
    ['bit-string-unused-bits', 'Message', 'BF7F0483020881', 'message.features', 5, /0 to 7/, /^0881$/],
    ['bit-string-unused-bits', 'Message', 'BF7F0483020781', 'message.features', 5, /all zero/, /^0781$/],
    ['bit-string-unused-bits', 'Message', 'BF7F03830103', 'message.features', 5, /0 to 7/, /^03$/],
    [
      'bit-string-trailing-zeros',
      'Message',
      'BF7F0483020680',
      'message.features',
      5,
      /trailing zero/,
      /^0680$/,
    ],
    ['default-encoded', 'Message', 'BF7F03820100', 'message.flag', 3, /left out/, /false/],
    ['utf8-invalid', 'Message', 'BF7F038401FF', 'message.text', 5, /UTF-8/, /^FF$/],
    ['null-not-empty', 'Message', 'BF7F03850100', 'message.nothing', 5, /no content/, /1 bytes/],
    ['oid-malformed', 'Message', 'BF7F03860180', 'message.oid', 5, /OBJECT IDENTIFIER/, /^80$/],
    ['oid-malformed', 'Message', 'BF7F028600', 'message.oid', 5, /OBJECT IDENTIFIER/, /nothing/],
    [
      'nested-certificate',
      'Message',
      'BF7F07A7053003040101',
      'message.certificate',
      5,
      /under A7/,
      /whole Certificate \(30\)/,
    ],
  ];

describe('findings', () => {
  it.each(CASES)('%s: %s %s', (code, name, hex, path, offset, expected, actual) => {
    const { findings, ok } = decode<unknown>(TYPES[name], bytesOf(hex));
    expect(findings.map((f) => f.code)).toEqual([code, ...(ALSO[hex] ?? [])]);
    expect(findings[0]).toMatchObject({
      severity: severityOf(code),
      path,
      offset,
      expected: expect.stringMatching(expected) as string,
      actual: expect.stringMatching(actual) as string,
    });
    expect(ok).toBe(severityOf(code) === 'note');
  });

  it('too-many-elements stops the walk', () => {
    const { findings, value } = decode(
      sequenceOf('List', 0x30, INTEGER),
      bytesOf(`305A${'020101'.repeat(30)}`),
      { maxElements: 10, maxFindings: 5 },
    );
    expect(findings.map(describeFinding)).toEqual([
      'violation too-many-elements list @0x20: expected at most 10, got more',
    ]);
    expect(value).toHaveLength(10);
  });

  it('too-many-findings says so once, and the rest is silent', () => {
    const { findings, ok } = decode(
      sequenceOf('List', 0x30, INTEGER),
      bytesOf(`305A${'800101'.repeat(30)}`),
      {
        maxElements: 100,
        maxFindings: 3,
      },
    );
    expect(findings.map((f) => f.code)).toEqual(['wrong-tag', 'wrong-tag', 'wrong-tag', 'too-many-findings']);
    expect(ok).toBe(false);
  });

  it('goes on after a violation and finds the next', () => {
    const { findings, value } = decode(Strict, bytesOf('3007810200018001017F'));
    expect(findings.map(describeFinding)).toEqual([
      "violation non-minimal-integer strict.second @0x4: expected the shortest two's complement, got 0001",
      'violation out-of-order strict.first @0x6: expected before second, got 80',
      'violation trailing-bytes strict @0x9: expected nothing, got 1 bytes (7F)',
    ]);
    expect(value).toEqual({ first: 1, second: 1 });
  });

  it('has a case for every code', () => {
    const codes = new Set<string>(CASES.map(([code]) => code));
    // The two limits have tests of their own above.
    const all = FINDING_CODES.filter((code) => !code.startsWith('too-many'));
    expect([...codes].sort()).toEqual([...all].sort());
  });
});
