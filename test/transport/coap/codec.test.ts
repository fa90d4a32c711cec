import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CoapError,
  decodeMessage,
  describeMessage,
  encodeMessage,
} from '../../../src/transport/coap/index.js';
import type { CoapMessage } from '../../../src/transport/coap/index.js';
import { option, optionName } from '../../../src/transport/coap/options.js';
import { messageOf } from './channels.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('known messages', () => {
  it('RFC 7252 appendix A: GET temperature with a token', () => {
    const message = messageOf({
      code: '0.01',
      messageId: 0x7d35,
      token: hex('20'),
      options: [option('Uri-Path', 'temperature')],
    });
    expect(toHex(encodeMessage(message))).toBe('41017d3520bb74656d7065726174757265');
    expect(decodeMessage(hex('41017d3520bb74656d7065726174757265'))).toEqual(message);
  });

  it('its answer, with a payload', () => {
    const bytes = hex('61457d3520 ff 32322e332043');
    expect(decodeMessage(bytes)).toEqual(
      messageOf({
        type: 'ACK',
        code: '2.05',
        messageId: 0x7d35,
        token: hex('20'),
        payload: hex('32322e332043'),
      }),
    );
  });

  it('empty messages', () => {
    expect(toHex(encodeMessage(messageOf({ type: 'RST', code: '0.00', messageId: 0x1234 })))).toBe(
      '70001234',
    );
    expect(decodeMessage(hex('60001234'))).toMatchObject({ type: 'ACK', code: '0.00', messageId: 0x1234 });
  });

  it('options go out in the order of their numbers, equal ones in the order given', () => {
    const options = [
      option('Content-Format', 42),
      option('Uri-Path', 'gsma'),
      option('Uri-Path', 'rsp2'),
      option('Uri-Host', 'h'),
    ];
    const again = decodeMessage(encodeMessage(messageOf({ options })));
    expect(again.options).toEqual([options[3], options[1], options[2], options[0]]);
  });
});

describe('refused with coap-malformed', () => {
  it.each([
    ['nothing', '', 'header'],
    ['3 bytes', '400112', 'header'],
    ['version 2', '80010001', 'version'],
    ['version 0', '00010001', 'version'],
    ['a token of 9 bytes', '49010001 010203040506070809', 'tokenLength'],
    ['a reserved token length', '4f010001 010203040506070809', 'tokenLength'],
    ['a cut token', '44010001 0102', 'options'],
    ['an empty message with a token', '41000001 01', 'options'],
    ['an empty message of the right length with a token length', '41000001', 'options'],
    ['a marker without payload', '40010001 ff', 'options'],
    ['a cut option value', '40010001 b5 6162', 'options'],
    ['a cut extended delta', '40010001 e0 01', 'options'],
    ['option delta 15', '40010001 f1 61', 'options'],
    ['option length 15', '40010001 1f 61', 'options'],
    ['an option number over 65535', '40010001 e0ffff e0ffff', 'options'],
  ])('%s', (_, bytes, place) => {
    let thrown: unknown;
    try {
      decodeMessage(hex(bytes));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CoapError);
    expect(thrown).toMatchObject({ code: 'coap-malformed', place });
  });

  it.each<[string, Partial<CoapMessage>]>([
    ['a token of 9 bytes', { token: new Uint8Array(9) }],
    ['a message id of 17 bits', { messageId: 0x10000 }],
    ['a code that is none', { code: '8.00' }],
    ['a payload in an empty message', { code: '0.00', payload: hex('00') }],
    ['an option number over 65535', { options: [{ number: 65536, value: hex('') }] }],
    ['an option value over 65804 bytes', { options: [{ number: 1, value: new Uint8Array(70_000) }] }],
  ])('to be encoded: %s', (_, parts) => {
    expect(() => encodeMessage(messageOf(parts))).toThrow(
      expect.objectContaining({ code: 'coap-unencodable' }) as Error,
    );
  });
});

const bytesUpTo = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const anyMessage: fc.Arbitrary<CoapMessage> = fc.record({
  type: fc.constantFrom('CON' as const, 'NON' as const, 'ACK' as const, 'RST' as const),
  code: fc
    .tuple(fc.nat(7), fc.nat(31))
    .map(([high, low]) => `${high}.${String(low).padStart(2, '0')}`)
    .filter((code) => code !== '0.00'),
  messageId: fc.nat(0xffff),
  token: bytesUpTo(8),
  options: fc
    .array(
      fc.record({
        number: fc.oneof(fc.nat(70), fc.nat(0xffff)),
        value: fc.oneof(bytesUpTo(20), bytesUpTo(300)),
      }),
      { maxLength: 8 },
    )
    .map((options) => options.sort((a, b) => a.number - b.number)),
  payload: bytesUpTo(64),
});

describe('properties', () => {
  it('every message comes back as it was', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });

  it('all option numbers keep their value, named or not', () => {
    for (let number = 0; number <= 2100; number += 1) {
      const message = messageOf({ options: [{ number, value: hex('01') }] });
      expect(decodeMessage(encodeMessage(message)).options[0]?.number, optionName(number)).toBe(number);
    }
  });

  it('any bytes give a message that encodes to them, or coap-malformed', () => {
    const nearly = fc
      .tuple(anyMessage, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 }), fc.nat(400))
      .map(([message, changes, length]) => {
        const bytes = encodeMessage(message);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes.subarray(0, length % 3 === 0 ? length % bytes.length : bytes.length);
      });
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(bytesUpTo(40), nearly), (bytes) => {
        try {
          const message = decodeMessage(bytes);
          expect(toHex(encodeMessage(message))).toBe(toHex(bytes));
          expect(describeMessage(message)).not.toMatch(/[\u0000-\u001f]/);
          accepted += 1;
        } catch (error) {
          if (!(error instanceof CoapError)) throw error;
          expect(error.code).toBe('coap-malformed');
        }
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

it('describes a message in one line', () => {
  const message = messageOf({
    messageId: 4711,
    token: hex('0a0b'),
    options: [
      option('Uri-Path', 'gsma'),
      option('Uri-Path', 'a\u001b[31m'),
      option('Content-Format', 42),
      { number: 27, value: hex('0e') },
      { number: 65001, value: hex('ff') },
    ],
    payload: new Uint8Array(64),
  });
  expect(describeMessage(message)).toBe(
    'CON 0.02 POST id 4711 token 0A0B /gsma/a?[31m Content-Format 42 Block1 0/more/1024 65001 FF, 64 bytes',
  );
});
