import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createEuicc, type PersonalisationInput } from '../../../src/simulators/euicc/index.js';
import { defaultPersonalisation } from '../../../src/simulators/euicc/index.js';
import { parsePersonalisation } from '../../../src/simulators/euicc/personalisation-file.js';
import { EID, ICCID1, ICCID2, ICCID5, started, Terminal } from './terminal.js';

describe('the personalisation file', () => {
  const text = readFileSync(defaultPersonalisation(), 'utf8');

  it.each([
    ["eid: '89049032123451234512345678901235'", 'eid: 12', /^f\.yaml:3:1: eid/],
    ["iccid: '8929901012345678905'", "iccid: 'x'", /^f\.yaml:\d+:5: profiles\.0\.iccid/],
    ['maxEims:', 'maxEim:', /^f\.yaml:\d+:3: limits\.maxEim/],
    ["maxEims: '4'", 'maxEims: many', /^f\.yaml:\d+:3: limits\.maxEims/],
    ['rootDsAddress: testrootsmds.example.com', '', /^f\.yaml:\d+:\d+: rootDsAddress/],
    ['protocol: T=0', 'protocol: [', /^f\.yaml:\d+:\d+: /],
    ['protocol: T=0', 'protocol: T=0\nprotocol: T=1', /^f\.yaml:\d+:\d+: /],
    ['protocol: T=0', 'protocol: !x T=0', /^f\.yaml:\d+:\d+: /],
  ])('%s replaced by %s is an error with its place', (from, to, message) => {
    expect(text).toContain(from);
    expect(() => parsePersonalisation(text.replace(from, to), 'f.yaml')).toThrow(
      expect.objectContaining({ code: 'personalisation', message: expect.stringMatching(message) as string }),
    );
  });

  it('names the file that can not be read', () => {
    expect(() => createEuicc({ personalisation: 'no-such.yaml' })).toThrow(/no-such\.yaml/);
  });

  it('may be an object, with limits and protocol of its own', () => {
    const own: PersonalisationInput = {
      eid: EID,
      protocol: 'T=1',
      rootDsAddress: 'ds.example.com',
      limits: { maxEims: 1 },
    };
    const terminal = new Terminal(createEuicc({ personalisation: own }), 'T=1');
    terminal.start();
    expect(terminal.ask('BF2D00')).toBe('BF2D02A000');
    expect(terminal.ask('BF3C00')).toBe('BF3C10810E64732E6578616D706C652E636F6D');
    expect(() => createEuicc({ personalisation: { eid: '1', rootDsAddress: 'x' } })).toThrow(/EID/);
  });

  it('must fit the certificates', () => {
    const other = { eid: '89049032123451234512345678901332', rootDsAddress: 'x' };
    expect(() => createEuicc({ personalisation: other })).toThrow(
      expect.objectContaining({ code: 'euicc-eid-mismatch' }),
    );
  });
});

describe('the personaliser', () => {
  it('installs, changes and removes Profiles', () => {
    const terminal = started();
    const { card } = terminal;
    card.applyPersonalisation('remove-profile', { iccid: 'all' });
    expect(terminal.ask('BF2D00')).toBe('BF2D02A000');
    card.applyPersonalisation('install-profile', { iccid: ICCID5, profileState: 'enabled' });
    expect(terminal.ask('BF2D065C045A9F7099')).toBe(`BF2D18A016E3145A0A${ICCID5}9F70010199020560`);
    card.applyPersonalisation('install-profile', { name: 'PROFILE_OPERATIONAL1', notifications: true });
    expect(terminal.ask('BF280481020780')).toContain(ICCID1);
    card.applyPersonalisation('set-profile-state', { iccid: '8929901012345678905', state: 'enabled' });
    expect(terminal.ask('BF2D055C035A9F70')).toContain(`${ICCID5}9F700100`);
    card.applyPersonalisation('install-profile', { iccid: '89011234567890123456', fallbackAllowed: 'TRUE' });
    expect(terminal.ask('BF2D065C045A9F6795')).toContain('5A0A981021436587092143659501029F6701FF');
    card.applyPersonalisation('remove-profile', { iccid: ICCID1 });
    expect(terminal.ask('BF2D035C015A')).not.toContain(ICCID1);
  });

  it('changes limits and capabilities and keeps the rest', () => {
    const terminal = started();
    const info = terminal.ask('BF2200');
    terminal.card.applyPersonalisation('set-limits', { maxEims: '1' });
    terminal.card.applyPersonalisation('set-capabilities', { ecallSupported: 'FALSE' });
    expect(terminal.ask('BF2200')).toBe(
      info
        .replace(/^BF2281../, `BF2281${(info.length / 2 - 6).toString(16).toUpperCase()}`)
        .replace(/B40B(.*)81008200$/, 'B409$18200'),
    );
    terminal.card.applyPersonalisation('set-rat', { rat: [] });
    expect(terminal.ask('BF4300')).toBe('BF4302A000');
    terminal.card.applyPersonalisation('set-default-dp-address', { address: '' });
    expect(terminal.ask('BF3C00')).toMatch(/^BF3C1A81/);
  });

  it.each([
    ['instal-profile', {}, /Did you mean install-profile/],
    ['install-profile', {}, /iccid|Invalid/],
    ['install-profile', { iccid: 12 }, /install-profile\.iccid/],
    ['install-profile', { iccid: ICCID2, color: 'red' }, /color/],
    ['install-profile', { name: 'PROFILE_NONE' }, /PROFILE_NONE/],
    ['remove-profile', { iccid: '98000000000000000000' }, /no Profile/],
    ['set-limits', { maxEims: 'x' }, /set-limits\.maxEims/],
    ['toString', {}, /no such action/],
  ])('refuses %s %j', (action, parameters, message) => {
    const terminal = started();
    const before = terminal.ask('BF2D00');
    expect(() => terminal.card.applyPersonalisation(action, parameters)).toThrow(
      expect.objectContaining({
        code: 'personalisation-action',
        message: expect.stringMatching(message) as string,
      }),
    );
    expect(terminal.ask('BF2D00')).toBe(before);
  });
});
