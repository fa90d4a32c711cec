/** The proactive part of S_eUICC: whom it asks for a REFRESH, and when the change of the enabled Profile happens. */
import { describe, expect, it } from 'vitest';
import { enable, TestEim } from './eim.js';
import { hex, ICCID1, ICCID2, started, type Terminal } from './terminal.js';

const WITH_REFRESH = '8010000003FFFFFF';
/** Everything but bit 8 of the third octet. */
const WITHOUT_REFRESH = '8010000003FFFF7F';
const FETCH = '801200000B';
const response = (result: string, qualifier = '04'): string =>
  `801400000C81030101${qualifier}820282818301${result}`;

function switching(profile: string | undefined, more: Record<string, unknown> = {}) {
  const terminal = started();
  const eim = new TestEim();
  eim.associate(terminal);
  terminal.card.applyPersonalisation('set-capabilities', more);
  if (profile !== undefined) terminal.send(profile);
  return { terminal, eim, answer: terminal.es10(eim.psmos([enable(ICCID1)])).sw };
}

const isEnabled = (terminal: Terminal, iccid = ICCID1): boolean =>
  hex(terminal.es10('BF2D055C035A9F70').data).includes(`${iccid}9F700101`);

describe('REFRESH', () => {
  it('follows the answer, and the change follows the terminal response', () => {
    const { terminal, answer } = switching(WITH_REFRESH);
    expect(answer).toBe('910B');
    expect(terminal.es10('BF2D00')).toMatchObject({ sw: '910B' });
    expect(hex(terminal.es10('BF2D00').data)).toBe('BF2D0381010B');
    expect(hex(terminal.send(FETCH).data)).toBe('D009810301010482028182');
    expect(isEnabled(terminal)).toBe(false);
    expect(terminal.send(response('00')).sw).toBe('9000');
    expect(terminal.ask('BF2D00')).toContain(`5A0A${ICCID1}`);
    expect(isEnabled(terminal)).toBe(true);
  });

  it('is replaced by a reset', () => {
    const { terminal } = switching(WITH_REFRESH);
    expect(hex(terminal.start())).toContain('E10480020640');
    expect(isEnabled(terminal)).toBe(true);
  });

  it('holds back another change', () => {
    const { terminal, eim } = switching(WITH_REFRESH);
    eim.counter = 5;
    expect(terminal.es10(eim.psmos([enable(ICCID2)])).sw).toBe('910B');
    terminal.start();
    expect(terminal.ask('BF2B04A0028200')).toContain('830105');
  });

  it.each([
    ['no TERMINAL PROFILE', undefined],
    ['a TERMINAL PROFILE without REFRESH', WITHOUT_REFRESH],
    ['a TERMINAL PROFILE that ends before it', '8010000002FFFF'],
  ])('is not sent to a terminal with %s: the change follows the answer', (_, profile) => {
    const { terminal, answer } = switching(profile);
    expect(answer).toBe('9000');
    expect(terminal.send(FETCH).sw).toBe('6985');
    expect(isEnabled(terminal)).toBe(true);
  });

  it('is announced anew after each reset', () => {
    const terminal = started();
    terminal.send(WITH_REFRESH);
    terminal.start();
    const eim = new TestEim();
    eim.associate(terminal);
    expect(terminal.es10(eim.psmos([enable(ICCID1)])).sw).toBe('9000');
  });

  it.each([0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x09])('has the personalised qualifier %i', (qualifier) => {
    const { terminal } = switching(WITH_REFRESH, { refreshQualifier: qualifier });
    const told = `0${qualifier}`;
    expect(hex(terminal.send(FETCH).data)).toBe(`D00981030101${told}82028182`);
    expect(terminal.send(response('00', '04')).sw).toBe('6A80');
    expect(terminal.send(response('00', told)).sw).toBe('9000');
    expect(isEnabled(terminal)).toBe(true);
  });

  it('tells a terminal that is unable again, and not with the very answer', () => {
    const { terminal } = switching(WITH_REFRESH);
    terminal.send(FETCH);
    expect(terminal.send(response('20')).sw).toBe('9000');
    expect(isEnabled(terminal)).toBe(false);
    expect(terminal.send('80F2000C15').sw).toBe('910B');
    expect(terminal.send(FETCH).sw).toBe('9000');
    expect(terminal.send(response('01')).sw).toBe('9000');
    expect(isEnabled(terminal)).toBe(true);
  });

  it('leaves a terminal alone that can not, and takes its next reset', () => {
    const { terminal, eim } = switching(WITH_REFRESH);
    terminal.send(FETCH);
    expect(terminal.send(response('31')).sw).toBe('9000');
    expect(terminal.send('80F2000C15').sw).not.toBe('910B');
    expect(terminal.send(FETCH).sw).toBe('6985');
    expect(terminal.es10('BF2D00')).toMatchObject({ sw: '9000' });
    expect(hex(terminal.es10('BF2D00').data)).toBe('BF2D0381010B');
    expect(hex(terminal.es10(eim.psmos([enable(ICCID2)])).data)).toContain('830105');
    terminal.start();
    expect(isEnabled(terminal)).toBe(true);
  });

  it('is asked for on the basic channel only, in order, and with the command that it was', () => {
    const { terminal } = switching(WITH_REFRESH);
    expect(terminal.send(`81${FETCH.slice(2)}`).sw).toBe('6E00');
    expect(terminal.send('8110000003FFFF7F').sw).toBe('6E00');
    expect(terminal.send(response('00')).sw).toBe('6985');
    terminal.send(FETCH);
    expect(terminal.send('8014000009810301010482028281').sw).toBe('6A80');
    expect(terminal.send('8014000003830100').sw).toBe('6A80');
    expect(terminal.send('8014000002FFFF').sw).toBe('6A80');
    expect(isEnabled(terminal)).toBe(false);
    expect(terminal.send(response('00')).sw).toBe('9000');
    expect(isEnabled(terminal)).toBe(true);
  });
});

describe('ProfileRollback', () => {
  function enabledForRollback(profile?: string) {
    const terminal = started();
    const eim = new TestEim();
    eim.associate(terminal);
    terminal.card.applyPersonalisation('set-profile-state', { iccid: ICCID2, state: 'enabled' });
    if (profile !== undefined) terminal.send(profile);
    const { data, sw } = terminal.es10(eim.psmos([enable(ICCID1, true)]));
    return { terminal, first: hex(data), sw };
  }

  it.each([
    ['with', WITH_REFRESH, '910B'],
    ['without', undefined, '9000'],
  ])('goes back %s a REFRESH for refreshFlag true', (_, profile, sw) => {
    const { terminal, sw: enabled } = enabledForRollback(profile);
    expect(enabled).toBe(sw);
    if (profile !== undefined) {
      expect(hex(terminal.es10('BF58038001FF').data)).toBe('BF5803020105');
      terminal.send(FETCH);
      expect(terminal.send(response('00')).sw).toBe('9000');
    }
    expect(isEnabled(terminal)).toBe(true);
    const rollback = terminal.es10('BF58038001FF');
    expect(rollback.sw).toBe(sw);
    expect(hex(rollback.data)).toMatch(/^BF58.*020100BF51.*8301008C0100/);
    if (profile !== undefined) {
      expect(isEnabled(terminal, ICCID2)).toBe(false);
      terminal.send(FETCH);
      terminal.send(response('00'));
    }
    expect(isEnabled(terminal, ICCID2)).toBe(true);
    expect(terminal.ask('BF58038001FF')).toBe('BF5803020101');
  });

  it('asks for no REFRESH with refreshFlag false', () => {
    const { terminal } = enabledForRollback(WITH_REFRESH);
    terminal.start();
    terminal.send(WITH_REFRESH);
    expect(terminal.es10('BF5803800100').sw).toBe('9000');
    expect(isEnabled(terminal, ICCID2)).toBe(true);
  });

  it('keeps its authorisation over a reset, and replaces the result and the notifications', () => {
    const { terminal, first } = enabledForRollback();
    expect(terminal.ask('BF2B04A0028200')).toContain(first);
    expect(terminal.ask('BF2800')).not.toBe('BF2802A000');
    terminal.start();
    const rollback = terminal.ask('BF58038001FF');
    const stored = terminal.ask('BF2B04A0028200');
    expect(stored).not.toContain(first);
    expect(stored).toContain(rollback.slice(rollback.indexOf('BF51')));
    expect(terminal.ask('BF2800')).toBe('BF2802A000');
  });
});
