import { describe, expect, it } from 'vitest';
import { readerInfo, type ReaderInfo } from '../../drivers/pcsc/binding.js';
import { chooseReader, matchReaders } from '../../drivers/pcsc/readers.js';
import { transportErrorOf } from '../../drivers/pcsc/scard-errors.js';
import { ATR_T0 } from '../support/tiny-card.js';

const reader = (name: string, present: boolean): ReaderInfo =>
  present ? readerInfo(name, 0x0001_0022, ATR_T0) : readerInfo(name, 0x12, new Uint8Array(0));

const OMNIKEY = reader('OMNIKEY 3121 [CCID] 00 00', true);
const IDENTIV = reader('Identiv uTrust 2700 R 01 00', false);
const GEMALTO = reader('Gemalto PC Twin (serial) 02 00', true);
const READERS = [OMNIKEY, IDENTIV, GEMALTO];

describe('matchReaders', () => {
  it.each([
    [undefined, READERS],
    ['*', READERS],
    ['omnikey*', [OMNIKEY]],
    ['*PC Twin (serial)*', [GEMALTO]],
    ['Identiv uTrust 2700 R 0? 00', [IDENTIV]],
    [OMNIKEY.name, [OMNIKEY]],
  ])('%s', (wanted, expected) => expect(matchReaders(READERS, wanted)).toEqual(expected));

  it('tells which readers there are, and the likeliest', () => {
    expect(() => matchReaders(READERS, 'OMNIKEY 3122')).toThrow(
      expect.objectContaining({
        code: 'reader-not-found',
        actual: `the readers "${READERS.map(({ name }) => name).join('", "')}"`,
        repair: `Did you mean "${OMNIKEY.name}"?`,
      }),
    );
    expect(() => matchReaders([], undefined)).toThrow(
      expect.objectContaining({ repair: 'Plug a reader in.' }),
    );
  });
});

describe('chooseReader', () => {
  it('takes the only reader with a card', () => {
    expect(chooseReader([IDENTIV, GEMALTO], undefined)).toBe(GEMALTO);
    expect(chooseReader(READERS, 'OMNIKEY*')).toBe(OMNIKEY);
  });

  it('does not guess between two cards, nor take an empty reader', () => {
    expect(() => chooseReader(READERS, undefined)).toThrow(
      expect.objectContaining({ code: 'reader-not-found' }),
    );
    expect(() => chooseReader(READERS, IDENTIV.name)).toThrow(
      expect.objectContaining({ code: 'card-removed', place: IDENTIV.name }),
    );
  });
});

describe('readerInfo', () => {
  it.each([
    [0x0001_0022, { present: true, changes: 1, state: 'present', atr: ATR_T0 }],
    [0x0003_01a2, { present: true, changes: 3, state: 'exclusive' }],
    [0x0001_0122, { state: 'in-use' }],
    [0x0001_0222, { state: 'mute' }],
    [0x0002_0012, { present: false, changes: 2, state: 'empty' }],
    [0x000a, { present: false, state: 'unavailable' }],
  ])('reads the event state 0x%x', (state, info) =>
    expect(readerInfo('r', state, ATR_T0)).toMatchObject(info),
  );
});

describe('transportErrorOf', () => {
  it.each([
    [0x8010001d, 'pcsc-unavailable'],
    [0x8010002e, 'reader-not-found'],
    [0x80100009, 'reader-gone'],
    [0x80100017, 'reader-gone'],
    [0x8010000c, 'card-removed'],
    [0x80100069, 'card-removed'],
    [0x80100068, 'communication'],
    [0x8010000b, 'communication'],
    [-2146434967, 'card-removed'],
    [0x12345678, 'communication'],
  ])('result %i', (result, code) => {
    expect(transportErrorOf(result, 'SCardTransmit', 'r')).toMatchObject({ code, place: 'r' });
  });
});
