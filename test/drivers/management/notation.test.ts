import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILTERS, type Value } from '../../../drivers/management/filters.js';
import { follow, parsePath } from '../../../drivers/management/path.js';
import { factsOf } from '../../../drivers/management/read-answer.js';
import { parseText } from '../../../drivers/management/template.js';
import { Sgp33Error } from '../../../src/protocol/errors.js';
import { defaultPkiFolder } from '../../../src/protocol/pki/folder.js';
import { ICCID, ICCID_PRINTED } from './support.js';

const through = (filter: string, value: Value): Value => (FILTERS[filter] as (v: Value) => Value)(value);

describe('filters', () => {
  test.each([
    ['digits', ICCID, ICCID_PRINTED],
    ['digits', '98944499999999099032', '89494499999999900923'],
    ['iccid', ICCID_PRINTED, ICCID],
    ['iccid', '8949-4499 9999 9990 0923', '98944499999999099032'],
    ['base64', '00FF10', 'AP8Q'],
    ['unbase64', 'AP8Q', '00FF10'],
    ['unbase64', '-_8', 'FBFF'],
    ['bytes', 'AP8Q', '00FF10'],
    ['bytes', '00ff10', '00FF10'],
    ['hex', '0x00:ff 10', '00FF10'],
    ['number', '-12', -12],
    ['boolean', 'true', true],
    ['boolean', '0', false],
    ['upper', 'aB', 'AB'],
    ['lower', 'aB', 'ab'],
    ['json', '[1,"a"]', [1, 'a']],
    ['text', 5, '5'],
    ['tags', '5A9F70BF2D', ['5A', '9F70', 'BF2D']],
    [
      'iccids',
      [{ iccid: ICCID_PRINTED, a: { iccid: ICCID_PRINTED } }],
      [{ iccid: ICCID, a: { iccid: ICCID } }],
    ],
  ] as [string, Value, Value][])('%s of %j', (filter, value, expected) => {
    expect(through(filter, value)).toEqual(expected);
  });

  test.each([
    ['base64', 'xyz'],
    ['unbase64', 'a'],
    ['unbase64', '!!!!'],
    ['hex', '123'],
    ['iccid', '12345'],
    ['number', '1e999'],
    ['number', ''],
    ['boolean', 'perhaps'],
    ['json', '{'],
    ['unpem', 'no'],
    ['publicKey', '3000'],
    ['tags', '9F'],
  ])('%s refuses %j', (filter, value) => {
    expect(() => through(filter, value)).toThrow(/./);
  });

  test('a certificate: PEM and back, and its key', () => {
    const der = readFileSync(join(defaultPkiFolder(), 'CERT_EIM_TLS.der')).toString('hex').toUpperCase();
    const pem = through('pem', der) as string;
    const file = readFileSync(join(defaultPkiFolder(), 'CERT_EIM_TLS.pem'), 'utf8');
    expect(pem.replace(/\s/g, '')).toBe(file.replace(/^[^-]*/, '').replace(/\s/g, ''));
    expect(through('unpem', pem)).toBe(der);
    const key = readFileSync(join(defaultPkiFolder(), 'PK_EIM_TLS.pem'), 'utf8');
    expect(through('publicKey', der)).toBe(through('unpem', key));
  });

  test('property: ICCIDs and bytes survive there and back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{18,20}$/), (printed) => {
        expect(through('digits', through('iccid', printed))).toBe(printed);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const hex = Buffer.from(bytes).toString('hex').toUpperCase();
        expect(through('unbase64', through('base64', hex))).toBe(hex);
      }),
    );
  });
});

describe('placeholders', () => {
  test('are read', () => {
    expect(parseText('a{{b}}{eim.eimId?|upper | lower}{"5"|number}').parts).toEqual([
      'a{b}',
      {
        name: ['eim', 'eimId'],
        optional: true,
        filters: ['upper', 'lower'],
        written: '{eim.eimId?|upper | lower}',
      },
      { literal: '5', optional: false, filters: ['number'], written: '{"5"|number}' },
    ]);
  });

  test.each(['{', 'a}', '{}', '{a b}', '{a|}b{', '{1a}', '{a.}', '{a|nofilter}', '{a||digit}'])(
    '%j is none',
    (text) => {
      expect(() => parseText(text)).toThrow(Sgp33Error);
    },
  );

  test('property: any text is read or refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}|?."ab \n')), maxLength: 30 }),
        (text) => {
          try {
            parseText(text);
          } catch (error) {
            expect(error).toBeInstanceOf(Sgp33Error);
          }
        },
      ),
    );
  });
});

describe('paths', () => {
  const answer = { body: { a: [{ b: 1 }, { 'c-d': null, e: false }], 'x y': 'z', '@q': 1 }, status: 200 };
  test.each([
    ['body.a[0].b', 1],
    ['body["x y"]', 'z'],
    ['body.a[1].e', false],
    ['body.a[1].c-d', undefined],
    ['body.a[7].b', undefined],
    ['body.a.b', undefined],
    ['body.constructor', undefined],
    ['body.a.length', undefined],
    ['status', 200],
    ['body.a[0].@key', 'b'],
    ['body.a[0].@value', 1],
    ['body.a[0].b | text', '1'],
  ])('%s', (path, expected) => {
    expect(follow(parsePath(path), answer)).toEqual(expected);
  });

  test.each([
    '',
    'body.',
    '.body',
    'body..a',
    'body[',
    'body[x]',
    'body[-1]',
    'a b',
    'body|nofilter',
    '$.body[*]',
  ])('%j is none', (path) => {
    expect(() => parsePath(path)).toThrow(Sgp33Error);
  });

  test('property: any path is read or refused, and followed in any answer without harm', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('body.a[0]"@|hex ')), maxLength: 20 }),
        fc.jsonValue(),
        (text, value) => {
          try {
            follow(parsePath(text), value as Value);
          } catch (error) {
            expect(error).toBeInstanceOf(Sgp33Error);
          }
        },
      ),
    );
  });
});

test('property: facts are texts, lists and maps only', () => {
  const isFact = (f: unknown): boolean =>
    typeof f === 'string' ||
    (typeof f === 'object' && f !== null && Object.values(f as Record<string, unknown>).every(isFact));
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const facts = factsOf(value as Value);
      expect(facts === undefined || isFact(facts)).toBe(true);
    }),
  );
  expect(factsOf(JSON.parse('{"__proto__": {"a": 1}, "b": true, "c": null}') as Value)).toEqual({
    b: 'true',
  });
});
