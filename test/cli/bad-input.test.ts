import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { defaultPkiFolder } from '../../src/protocol/pki/folder.js';
import { call, OPTIONS, target, temporary, write } from './call.js';

const GET_EID = 'TC_eUICC_ES10b.GetEID';

/** `sgp33 run` with a target of the test's own; nothing may be written. */
async function refused(text: string, ...args: string[]) {
  const folder = temporary();
  const out = join(folder, 'out');
  const file = write(folder, 't.yaml', text);
  const { code, err } = await call(
    'run',
    ...(args.length === 0 ? [GET_EID] : args),
    '--target',
    file,
    '--out',
    out,
  );
  expect(code).toBe(2);
  expect(existsSync(out)).toBe(false);
  return err.replaceAll(file, 't.yaml');
}

describe('wrong usage ends with exit code 2 and says what was meant', () => {
  test.each([
    [['lst'], /unknown command 'lst'\s+\(Did you mean list\?\)/],
    [['list', '--jsn'], /unknown option '--jsn'\s+\(Did you mean --json\?\)/],
    [
      ['run', 'TC_eUICC_ES10b.GetIED'],
      /no sequence matches .*Did you mean TC_eUICC_ES10b.GetEID\? \[no-match\]/,
    ],
    [
      ['run', '--target', 'buitin-euicc'],
      /no such target.*Did you mean builtin-euicc\? \[target-not-found\]/,
    ],
    [['run', '--interface', 'ESpe'], /no sequence has 'ESpe'; expected .*Did you mean ESep\? \[no-match\]/],
    [['run', '--clause', '99.99'], /\[nothing-selected\]/],
    [['run', '--allow', 'profile'], /--allow: 'profile'.*Did you mean profiles\? \[unknown-change\]/],
    [['run', '--defect', 'skip-eim-signature'], /Did you mean skip-eim-signature-check\? \[unknown-defect\]/],
    [
      ['teeth', '--defect', 'skip-eim-signature'],
      /Did you mean skip-eim-signature-check\? \[unknown-defect\]/,
    ],
    [['explain', 'TC_eUICC_ES10b.GetEID#77'], /\[no-match\]/],
    [['report', 'nowhere'], /nowhere: no run store here/],
    [['serve', 'euicc', '--protocol', 'T=2'], /'T=2' is no protocol; expected T=0 or T=1/],
  ])('%j', async (args, message) => {
    const { code, err, out } = await call(...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out).toBe('');
  });
});

describe('a mistake in a target is told with its place', () => {
  test('text that is no YAML', async () => {
    expect(await refused('name: [')).toMatch(/t\.yaml:1:\d+: .*\[yaml-syntax\]/);
  });

  test('an unknown key', async () => {
    expect(await refused(target('  kind: in-process', 'alow: []\n'))).toMatch(
      /t\.yaml:\d+:1: a target has an unknown key 'alow'.*Did you mean allow\? \[unknown-key\]/,
    );
  });

  test('an unknown option', async () => {
    expect(await refused(target(undefined, '', `${OPTIONS}  O_E_BPR: true\n`))).toMatch(
      /unknown option 'O_E_BPR'.*Did you mean O_E_BRP\? \[unknown-option\]/,
    );
  });

  test('an option that is not declared', async () => {
    const options = OPTIONS.replace(/ {2}P_E_IPAE: false\n/, '');
    expect(await refused(target(undefined, '', options), 'TC_eUICC_ATR_And_ISDR_Selection')).toMatch(
      /P_E_IPAE.*Add `P_E_IPAE: true` or `false` under options\. \[undeclared-option\]/s,
    );
  });

  test('an unknown constant', async () => {
    expect(await refused(target(undefined, "constants: { EIM_ID_ONE: 'x' }\n"))).toMatch(
      /unknown constant 'EIM_ID_ONE'.*\[unknown-constant\]/,
    );
  });

  test('an unknown tag', async () => {
    expect(await refused(target(undefined, "constants: { EIM_ID1: !icid '1' }\n"))).toMatch(
      /t\.yaml:\d+:\d+: .*!?icid.*Did you mean/s,
    );
  });

  test('an unknown driver', async () => {
    expect(await refused(target('  kind: pscs'))).toMatch(
      /t\.yaml:4:9: unknown driver 'pscs'; expected in-process, pcsc, eim-https, eim-coap, eim-in-process, ipad\. Did you mean pcsc\? \[unknown-driver\]/,
    );
  });

  test.each([
    ['  kind: pcsc\n  raeder: x', /t\.yaml:5:3: .*unknown key 'raeder'.*Did you mean reader\?/],
    ['  kind: pcsc\n  protocol: T1', /t\.yaml:5:13: 'T1' is no protocol; expected T=0, T=1, any/],
    ['  kind: pcsc\n  deadlineMs: soon', /t\.yaml:5:15: 'soon' is no deadlineMs; expected a whole number/],
    ["  kind: pcsc\n  eid: '123'", /t\.yaml:5:8: '123' is no eid; expected an EID of 32 digits/],
    ['  kind: pcsc\n  isdrAid: XY', /t\.yaml:5:12: 'XY' is no isdrAid; expected bytes in hexadecimal/],
    ['  kind: pcsc\n  personaliser: { comand: x }', /t\.yaml:5:19: .*Did you mean command\?/],
    ['  kind: pcsc\n  personaliser: {}', /t\.yaml:5:17: personaliser needs one way/],
    [
      '  kind: in-process\n  personalisation: nothere.yaml',
      /nothere\.yaml: the personalisation file can not be read/,
    ],
  ])('driver %j', async (driver, message) => {
    expect(await refused(target(driver, 'consent: true\n'))).toMatch(message);
  });
});

describe('the environment', () => {
  test('a reader that is not there, or no service for it', async () => {
    const driver = "  kind: pcsc\n  reader: 'No reader has this name'";
    expect(await refused(target(driver, 'consent: true\n'))).toMatch(
      /no such reader.*\[reader-not-found\]|PC\/SC service.*\[pcsc-unavailable\]/s,
    );
  });

  test('a folder of certificates that lacks one', async () => {
    const pki = join(temporary(), 'pki');
    mkdirSync(pki);
    cpSync(defaultPkiFolder(), pki, { recursive: true });
    rmSync(join(pki, 'SK_S_EIMsign_ECDSA_NIST.pem'));
    vi.stubEnv('SGP33_PKI', pki);
    try {
      expect(await refused(target(undefined, 'consent: true\n'))).toMatch(
        /expected SK_S_EIMsign_ECDSA_NIST\.pem.*\[pki-missing\]/,
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('a folder of certificates that is not there', async () => {
    expect(await refused(target(undefined, 'consent: true\npki: ./nothere\n'))).toMatch(
      /nothere.*\[pki-folder\]/s,
    );
  });

  test('without consent to what can not be restored nothing is sent', async () => {
    const err = await refused(target(), 'TC_eUICC_ESep.Enable#01');
    expect(err).toMatch(/counterValue.*seqNumber.*Give --yes.*\[consent\]/s);
  });

  test('defects are for built-in targets', async () => {
    const driver = '  kind: pcsc';
    expect(
      await refused(target(driver, 'consent: true\n'), GET_EID, '--defect', 'skip-eim-signature-check'),
    ).toMatch(/\[defect-not-possible\]/);
  });
});
