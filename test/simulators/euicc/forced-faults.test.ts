/** Result codes that a terminal can not bring about, by the personaliser. */
import { describe, expect, it } from 'vitest';
import type { Eco, Psmo } from '../../../src/protocol/types/esep.js';
import { enable, errorOf, TestEim } from './eim.js';
import { bytes, ICCID1, started, type Terminal } from './terminal.js';

function associated(): { terminal: Terminal; eim: TestEim } {
  const terminal = started();
  const eim = new TestEim();
  eim.associate(terminal, { associationToken: -1 });
  return { terminal, eim };
}

const iccid = bytes(ICCID1);

describe('fail-next-operation', () => {
  it.each<[Psmo, unknown]>([
    [{ enable: { iccid } }, { enableResult: 127 }],
    [{ disable: { iccid } }, { disableResult: 127 }],
    [{ delete: { iccid } }, { deleteResult: 127 }],
    [{ listProfileInfo: {} }, { listProfileInfoResult: { profileInfoListError: 127 } }],
    [{ getRAT: {} }, { processingTerminated: 127 }],
    [{ configureImmediateEnable: {} }, { configureImmediateEnableResult: 127 }],
    [{ setFallbackAttribute: { iccid } }, { setFallbackAttributeResult: 127 }],
    [{ unsetFallbackAttribute: {} }, { unsetFallbackAttributeResult: 127 }],
    [
      { setDefaultDpAddress: { defaultDpAddress: 'x' } },
      { setDefaultDpAddressResult: { setDefaultDpAddressResult: 127 } },
    ],
  ])('%j', (psmo, result) => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('fail-next-operation');
    expect(eim.run(terminal, [psmo])).toEqual([result]);
    // Once only, and nothing happened.
    expect(terminal.ask('BF2D035C015A').match(/5A0A98/g)).toHaveLength(5);
    expect(eim.run(terminal, [{ getRAT: {} }])).not.toEqual([{ processingTerminated: 127 }]);
  });

  it.each<[Eco, unknown]>([
    [{ addEim: { eimId: 'x' } }, { addEimResult: { addEimResultCode: 7 } }],
    [{ deleteEim: { eimId: 'testeim1' } }, { deleteEimResult: 7 }],
    [{ updateEim: { eimId: 'testeim1' } }, { updateEimResult: 7 }],
    [{ listEim: {} }, { listEimResult: { listEimError: 127 } }],
  ])('%j', (eco, result) => {
    const { terminal, eim } = associated();
    const code = 'listEim' in eco ? 127 : 7;
    terminal.card.applyPersonalisation('fail-next-operation', { code });
    expect(eim.runEcos(terminal, [eco])).toEqual([result]);
    expect(eim.runEcos(terminal, [{ listEim: {} }])).toEqual([
      { listEimResult: { eimIdList: [{ eimId: 'testeim1' }] } },
    ]);
  });

  it('takes its turn, and may stand in processingTerminated', () => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('fail-next-operation', {
      after: 1,
      code: 2,
      processingTerminated: true,
    });
    expect(eim.run(terminal, [{ getRAT: {} }, enable(ICCID1), { getRAT: {} }])).toEqual([
      { getRATResult: expect.anything() as unknown },
      { processingTerminated: 2 },
    ]);
  });
});

describe('fail-next-package', () => {
  it('answers with the signed error, once, and keeps the counter', () => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('fail-next-package');
    expect(errorOf(eim.load(terminal, eim.psmos([enable(ICCID1)])))).toBe(127);
    expect(eim.run(terminal, [enable(ICCID1)], { counter: 2 })).toEqual([{ enableResult: 0 }]);
  });

  it('answers with the unsigned error', () => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('fail-next-package', { unsigned: true });
    expect(eim.load(terminal, eim.psmos([enable(ICCID1)], { transactionId: 'A1' }))).toEqual({
      euiccPackageErrorUnsigned: { eimId: 'testeim1', eimTransactionId: bytes('A1'), associationToken: 1 },
    });
    terminal.card.applyPersonalisation('fail-next-package', { unsigned: true, code: 15 });
    expect(terminal.ask(eim.psmos([enable(ICCID1)]))).toBe(
      'BF5112A2108008' + '74657374' + '65696D31' + '840101' + '8F010F',
    );
  });
});

describe('what the card holds for an eIM', () => {
  it('set-eim: a counter that is ahead, another token', () => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('set-eim', { eimId: 'testeim1', counterValue: 500 });
    expect(errorOf(eim.load(terminal, eim.psmos([enable(ICCID1)])))).toBe(4);
    terminal.card.applyPersonalisation('set-eim', { eimId: 'testeim1', associationToken: 9 });
    expect(eim.load(terminal, eim.psmos([enable(ICCID1)], { counter: 501 }))).toEqual({
      euiccPackageErrorUnsigned: { eimId: 'testeim1', associationToken: 9 },
    });
  });

  it('remove-eim: it is a stranger then', () => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('remove-eim', { eimId: 'testeim1' });
    expect(eim.load(terminal, eim.psmos([enable(ICCID1)]))).toEqual({
      euiccPackageErrorUnsigned: { eimId: 'testeim1' },
    });
    for (const action of ['set-eim', 'remove-eim'])
      expect(() => terminal.card.applyPersonalisation(action, { eimId: 'nobody' })).toThrow(/no eIM nobody/);
  });
});
