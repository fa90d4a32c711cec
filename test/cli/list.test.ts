import { describe, expect, test } from 'vitest';
import type { ListedSequence } from '../../src/cli/commands/list.js';
import { call } from './call.js';

describe('sgp33 list', () => {
  test('--json is an array with an object a sequence', async () => {
    const { code, out } = await call('list', '--json');
    expect(code).toBe(0);
    const all = JSON.parse(out) as ListedSequence[];
    expect(all.length).toBeGreaterThanOrEqual(90);
    expect(new Set(all.map((s) => s.id)).size).toBe(all.length);
    for (const s of all) {
      expect(Object.keys(s)).toEqual(['id', 'spec', 'iut', 'title', 'provenance', 'applies', 'rq', 'kills']);
      expect(s.id).toMatch(/^TC_(eUICC|IPAd|eIM)_.+#\d\d+$/);
      expect(s.provenance).toMatch(/^(published|derived|interop)$/);
      expect(s.rq).not.toHaveLength(0);
      expect(s.kills).not.toHaveLength(0);
    }
  });

  test('a target says what does not apply', async () => {
    const { out } = await call(
      'list',
      'TC_eUICC_ATR_And_ISDR_Selection#03',
      '--json',
      '--target',
      'builtin-euicc',
    );
    expect(JSON.parse(out)).toMatchObject([{ decision: 'not-applicable: P_E_IPAE (P_E_IPAE=false)' }]);
  });

  test('for people it is a table', async () => {
    const { out } = await call('list', 'TC_eUICC_ES10b.GetEID#0?');
    expect(out).toMatch(/^ID +PROVENANCE +APPLIES +TITLE\nTC_eUICC_ES10b\.GetEID#01 +derived +M +\S/);
  });
});

describe('sgp33 explain', () => {
  test('shows conditions, steps, requirements in words, defects, and why it runs', async () => {
    const { code, out } = await call('explain', 'TC_eUICC_ESep.Enable#02');
    expect(code).toBe(0);
    for (const part of [
      /^TC_eUICC_ESep\.Enable#02 {2}Nominal: implicit disable/,
      /Initial conditions\n {2}\{ eUICC: associated-eim, with: \$EIM_CFG_DATA_1 \}/,
      /Step +Direction +Description +Expected +Requirements\n1 +procedure +PROC_LOAD_ENABLE/,
      /SGP32-3\.4\.1-previous-disabled {2}\(SGP\.32 3\.4\.1\)\n {6}enable disables the Profile/,
      /Fails on the seeded defects\n {2}enable-without-disabling-old/,
      /On builtin-euicc: it runs\n$/,
    ])
      expect(out).toMatch(part);
  });

  test('says why a sequence does not apply', async () => {
    const { out } = await call('explain', 'TC_eUICC_ATR_And_ISDR_Selection#03');
    expect(out).toMatch(/P_E_IPAE = false: .+\nOn builtin-euicc: not-applicable: P_E_IPAE/);
  });
});
