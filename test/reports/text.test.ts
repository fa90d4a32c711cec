import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageRecorder } from '../../reports/allure/calls.js';
import { reportSequence } from '../../reports/allure/sequence.js';
import { bytesAt, eventLine, hexBlock } from '../../reports/hex.js';
import { redact } from '../../reports/redact.js';
import { clip, escapeMarkdown, escapeMarkup, visible } from '../../reports/text.js';
import { problem, run, sequence, step } from './hand-made-store.js';

const any = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

describe('text from a card', () => {
  test('no markup and no control character survives', () => {
    fc.assert(
      fc.property(any, (text) => {
        expect(escapeMarkup(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
        expect(escapeMarkdown(text)).not.toMatch(/(?<!\\)(?:\\\\)*[[<|`\n]/);
        expect(visible(text)).not.toMatch(new RegExp('[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]'));
      }),
    );
  });

  test('line ends are one kind, text is left alone', () => {
    expect(visible('a\r\nb\rc\td')).toBe('a\nb\nc\td');
    expect(visible('Zażółć 𝒳')).toBe('Zażółć 𝒳');
    expect(clip('abcdef', 4)).toBe('abcd ... (2 more characters)');
  });

  test('a whole report is made of whatever text', () => {
    fc.assert(
      fc.property(any, any, fc.integer(), fc.double(), (a, b, from, at) => {
        const bad = problem({
          message: a,
          path: b,
          tag: a,
          expected: b,
          actual: a,
          offset: from,
          clauses: [a, b],
        });
        const steps = [
          step({ title: a, direction: b, problems: [bad], answer: { hex: a }, events: [from, from + 9], at }),
        ];
        const result = sequence({
          id: a,
          title: b,
          startedAt: a,
          verdict: 'FAIL',
          problems: [bad],
          steps,
          durationMs: at,
        });
        const calls = new MessageRecorder();
        reportSequence(calls, { run, result, timeline: [{ at, kind: 'c-apdu', hex: b, text: a }] });
        expect(calls.messages.length).toBeGreaterThan(15);
      }),
    );
  });
});

describe('bytes', () => {
  test('short ones on a line, long ones in rows behind their offset', () => {
    expect(hexBlock('bf5100')).toBe('BF5100');
    expect(hexBlock('AB'.repeat(65)).split('\n')).toEqual([
      `0000  ${'AB'.repeat(32)}`,
      `0020  ${'AB'.repeat(32)}`,
      '0040  AB',
    ]);
    expect(hexBlock('AB'.repeat(100_000)).split('\n').at(-1)).toBe('... 67232 more bytes in timeline.jsonl');
    expect(hexBlock('not\u0000hex')).toBe('not\\x00hex');
  });

  test('at an offset', () => {
    expect(bytesAt('BF5103', 1)).toBe('51 03');
    expect(bytesAt('00'.repeat(40), 2, 2)).toBe('00 00 ...');
    expect([bytesAt('BF', 9), bytesAt('BF', -1), bytesAt('xy', 0), bytesAt('BF', 0.5)]).toEqual([
      '',
      '',
      '',
      '',
    ]);
  });

  test('a line of a trace says what it is, whatever was recorded', () => {
    expect(eventLine({ at: 1.5, kind: 'r-apdu', hex: '6A82' })).toMatchInlineSnapshot(
      `"       1.500  <-  6A82  6A82 file or application not found"`,
    );
    expect(eventLine({ at: 1.5, kind: 'reset', text: 'cold\nreset' })).toMatchInlineSnapshot(
      `"       1.500  --  cold reset"`,
    );
    const kinds = fc.constantFrom(
      'c-apdu' as const,
      'r-apdu' as const,
      'es10-request' as const,
      'finding' as const,
    );
    const hex = fc.oneof(
      any,
      fc.uint8Array().map((b) => Buffer.from(b).toString('hex')),
    );
    fc.assert(
      fc.property(kinds, hex, fc.double(), (kind, value, at) => {
        expect(eventLine({ kind, hex: value, at })).not.toContain('\n');
      }),
    );
  });
});

describe('private keys', () => {
  const scalar = 'A5'.repeat(32);

  test('are removed in every form that a trace may hold', () => {
    const sec1 = `30770201010420${scalar}A00A06082A8648CE3D030107`;
    expect(redact(`00${sec1}00`)).not.toContain(scalar);
    expect(redact(`304102010030130607${sec1}`.toLowerCase())).not.toContain(scalar.toLowerCase());
    expect(redact(`30250201010420${scalar}`)).not.toContain(scalar);
    expect(redact(`x\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\ny`)).toBe(
      'x\n[private key removed]\ny',
    );
    expect(redact('-----BEGIN PRIVATE KEY-----\nMHcCAQEE cut off')).toBe('[private key removed]');
  });

  test('public keys and other octet strings stay', () => {
    const pem = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----';
    const octets = `BF510420${scalar}`;
    expect(redact(pem)).toBe(pem);
    expect(redact(octets)).toBe(octets);
  });
});
