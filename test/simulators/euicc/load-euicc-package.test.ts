import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/protocol/asn1/index.js';
import { ProfileInfoListResponse } from '../../../src/protocol/types/esep-result.js';
import { disable, enable, errorOf, remove, resultsOf, TestEim } from './eim.js';
import { bytes, hex, ICCID1, ICCID2, ICCID4, ICCID5, started, type Terminal } from './terminal.js';

const OTHER_EID = '89049032123451234512345678901332';

function associated(): { terminal: Terminal; eim: TestEim } {
  const terminal = started();
  const eim = new TestEim();
  eim.associate(terminal, { associationToken: -1 });
  return { terminal, eim };
}

/** ICCIDs of the enabled Profiles. */
export function enabled(terminal: Terminal): string[] {
  const list = terminal.read('BF2D00', ProfileInfoListResponse).profileInfoListOk ?? [];
  return list.filter((p) => p.profileState === 1).map((p) => hex(p.iccid ?? new Uint8Array(0)));
}

describe('AddInitialEim and a package that enables', () => {
  it('enables the Profile and signs the result over data and token', () => {
    const { terminal, eim } = associated();
    expect(eim.token).toBe(1);
    const result = eim.load(terminal, eim.psmos([enable(ICCID1)], { transactionId: 'A1B2' }));
    expect(result.euiccPackageResultSigned?.euiccPackageResultDataSigned).toMatchObject({
      eimId: 'testeim1',
      counterValue: 2,
      eimTransactionId: bytes('A1B2'),
      seqNumber: 2,
      euiccResult: [{ enableResult: 0 }],
    });
    expect(enabled(terminal)).toEqual([ICCID1]);
  });

  it('takes a card from the association to the implicit disable', () => {
    const { terminal, eim } = associated();
    expect(eim.run(terminal, [enable(ICCID1)])).toEqual([{ enableResult: 0 }]);
    expect(eim.run(terminal, [enable(ICCID2)])).toEqual([{ enableResult: 0 }]);
    expect(enabled(terminal)).toEqual([ICCID2]);
    const events = [...terminal.ask('BF2800').matchAll(/81020(...)0C/g)].map((m) => m[1]);
    // enable; disable of the first, enable of the second
    expect(events).toEqual(['640', '520', '640']);
  });
});

describe('refusals', () => {
  it('answers a broken signature, another token and no token with the unsigned error', () => {
    const { terminal, eim } = associated();
    for (const options of [
      { signature: new Uint8Array(64) },
      { token: 0 },
      { token: null },
      { signature: new Uint8Array(70) },
    ]) {
      const result = eim.load(
        terminal,
        eim.psmos([enable(ICCID1)], { counter: 2, transactionId: '77', ...options }),
      );
      expect(result).toEqual({
        euiccPackageErrorUnsigned: { eimId: 'testeim1', eimTransactionId: bytes('77'), associationToken: 1 },
      });
    }
    expect(enabled(terminal)).toEqual([]);
    expect(eim.run(terminal, [enable(ICCID1)], { counter: 2 })).toEqual([{ enableResult: 0 }]);
  });

  it('does not tell a token to an eIM that is not associated', () => {
    const { terminal, eim } = associated();
    const result = eim.load(terminal, eim.psmos([enable(ICCID1)], { eimId: 'stranger' }));
    expect(result).toEqual({ euiccPackageErrorUnsigned: { eimId: 'stranger' } });
  });

  it('signs the errors of EID, counter range and replay, and keeps the counter', () => {
    const { terminal, eim } = associated();
    const load = (options: object): unknown =>
      errorOf(eim.load(terminal, eim.psmos([enable(ICCID1)], options)));
    expect(load({ counter: 2, eid: OTHER_EID })).toBe(3);
    expect(load({ counter: 1 })).toBe(4);
    expect(load({ counter: 0 })).toBe(4);
    expect(load({ counter: 0x800000 })).toBe(6);
    expect(load({ counter: 2 ** 53 - 1 })).toBe(6);
    expect(eim.run(terminal, [enable(ICCID1)], { counter: 0x7fffff })).toEqual([{ enableResult: 0 }]);
    expect(load({ counter: 0x7fffff })).toBe(4);
  });

  it('refuses a package above the declared size, and one with both lists', () => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('set-limits', { maxPackageSize: '100' });
    expect(errorOf(eim.load(terminal, eim.psmos([enable(ICCID1)])))).toBe(15);
    const both = concat([bytes('A000'), bytes('A100')]);
    expect(terminal.es10(eim.psmos([], { list: both })).sw).toBe('6A80');
  });

  it('consumes the counter of a package whose operation fails, and stops there', () => {
    const { terminal, eim } = associated();
    expect(eim.run(terminal, [disable(ICCID1), enable(ICCID1)], { counter: 5 })).toEqual([
      { disableResult: 2 },
    ]);
    expect(errorOf(eim.load(terminal, eim.psmos([enable(ICCID1)], { counter: 5 })))).toBe(4);
    expect(enabled(terminal)).toEqual([]);
  });
});

describe('damage in the list', () => {
  const cases: [string, string][] = [
    ['an unknown operation', 'BF7F00'],
    ['an ICCID of 9 bytes', 'A30B5A09989209012143658709'],
    ['a length beyond the list', 'A30D5A0A989209012143658709F5'],
    ['a missing ICCID', 'A3020500'],
  ];
  it.each(cases)('%s ends with unknownOrDamagedCommand, what stood before is executed', (_, damage) => {
    const { terminal, eim } = associated();
    const body = concat([bytes('A600 A30C5A0A989209012143658709F5'), bytes(damage)]);
    const list = concat([Uint8Array.of(0xa0, body.length), body]);
    const results = eim.run(terminal, [], { list });
    expect(results).toMatchObject([{ getRATResult: [{}] }, { enableResult: 0 }, { processingTerminated: 2 }]);
    expect(enabled(terminal)).toEqual([ICCID1]);
  });

  it('a second enable is not allowed', () => {
    const { terminal, eim } = associated();
    expect(eim.run(terminal, [enable(ICCID1), enable(ICCID2)])).toEqual([
      { enableResult: 0 },
      { processingTerminated: 2 },
    ]);
  });

  it('results above the response buffer are cut', () => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('set-limits', { maxResponseSize: 40 });
    const results = eim.run(terminal, [{ getRAT: {} }, { listProfileInfo: {} }, { getRAT: {} }]);
    expect(results).toMatchObject([{ getRATResult: [{}] }, { processingTerminated: 1 }]);
  });
});

describe('policies and states', () => {
  it('gives every code of enable, disable and delete', () => {
    const { terminal, eim } = associated();
    const gone = '98921122334455667788';
    expect(eim.run(terminal, [enable(gone)])).toEqual([{ enableResult: 1 }]);
    expect(eim.run(terminal, [enable(ICCID1, true)])).toEqual([{ enableResult: 20 }]);
    expect(eim.run(terminal, [disable(gone)])).toEqual([{ disableResult: 1 }]);
    expect(eim.run(terminal, [remove(gone)])).toEqual([{ deleteResult: 1 }]);
    expect(eim.run(terminal, [enable(ICCID4)])).toEqual([{ enableResult: 0 }]);
    expect(eim.run(terminal, [enable(ICCID4)])).toEqual([{ enableResult: 2 }]);
    expect(eim.run(terminal, [enable(ICCID1)])).toEqual([{ enableResult: 3 }]);
    expect(eim.run(terminal, [disable(ICCID4)])).toEqual([{ disableResult: 3 }]);
    expect(eim.run(terminal, [remove(ICCID4)])).toEqual([{ deleteResult: 2 }]);
    expect(eim.run(terminal, [remove(ICCID5)])).toEqual([{ deleteResult: 3 }]);
    terminal.card.applyPersonalisation('cat-busy', { on: 'TRUE' });
    terminal.card.applyPersonalisation('set-profile-state', { iccid: ICCID1, state: 'enabled' });
    expect(eim.run(terminal, [enable(ICCID2)])).toEqual([{ enableResult: 5 }]);
    expect(eim.run(terminal, [disable(ICCID1)])).toEqual([{ disableResult: 5 }]);
    expect(enabled(terminal)).toEqual([ICCID1]);
  });

  it('disables and deletes in one package; a list after a change is refused', () => {
    const { terminal, eim } = associated();
    eim.run(terminal, [enable(ICCID1)]);
    expect(eim.run(terminal, [disable(ICCID1), remove(ICCID1)])).toEqual([
      { disableResult: 0 },
      { deleteResult: 0 },
    ]);
    expect(eim.run(terminal, [enable(ICCID2), { listProfileInfo: {} }])).toEqual([
      { enableResult: 0 },
      { listProfileInfoResult: { profileInfoListError: 11 } },
    ]);
    const list = terminal.read(`BF2D0EA00C5A0A${ICCID1}`, ProfileInfoListResponse);
    expect(list).toEqual({ profileInfoListOk: [] });
  });

  it('keeps results until they are removed, under numbers shared with notifications', () => {
    const { terminal, eim } = associated();
    const result = eim.load(terminal, eim.psmos([enable(ICCID1)]));
    expect(resultsOf(result)).toEqual([{ enableResult: 0 }]);
    terminal.start();
    const stored = terminal.ask('BF2B04A0028200');
    expect(stored).toMatch(/^BF2B..A2..BF51/);
    expect(terminal.ask('BF2B05A003800102')).toBe(stored);
    expect(terminal.ask('BF3003800102')).toBe('BF3003800100');
    expect(terminal.ask('BF3003800102')).toBe('BF3003800101');
    expect(terminal.ask('BF2B04A0028200')).toBe('BF2B02A200');
  });
});
