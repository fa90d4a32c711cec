import { expect, test } from 'vitest';
import { lastLine, start, temporary } from '../call.js';

test(
  'sgp33 teeth tries a defect on the whole suite, and ends with the count',
  { timeout: 120_000 },
  async () => {
    const { code, out } = await start(
      ['teeth', '--target', 'builtin-euicc', '--defect', 'eid-without-taglist'],
      temporary(),
    ).done;
    expect(lastLine(out)).toMatch(/^\d+ sequences, \d+ proven, \d+ unproven$/);
    expect(code).toBe(lastLine(out).endsWith(' 0 unproven') ? 0 : 1);
    expect(out).toMatch(/\(no defect\) {2}\d+ tried, 0 failed/);
    expect(out).toMatch(/eid-without-taglist {2}\d+ tried, [1-9]\d* failed/);
  },
);

/** Defect to the sequences that did not pass on it, with verdict and cause. */
async function matrix(...options: string[]): Promise<Record<string, Record<string, string>>> {
  const { out } = await start(['teeth', '--json', '--all', ...options], temporary()).done;
  const { defects } = JSON.parse(out) as {
    defects: Record<string, Record<string, { verdict: string; cause?: string }>>;
  };
  return Object.fromEntries(
    Object.entries(defects).map(([defect, row]) => [
      defect,
      Object.fromEntries(
        Object.entries(row)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([id, { verdict, cause = '' }]) => [id, `${verdict} ${cause}`]),
      ),
    ]),
  );
}

test.each([
  [
    'builtin-euicc',
    'TC_eUICC_ESep.*',
    ['accept-lower-counter', 'token-restarts', 'search-ignored', 'old-key-kept-in-cache'],
  ],
  [
    'builtin-eim',
    'TC_eIM_ESep.Enable_Nominal*',
    ['signature-der', 'tls-1-1-accepted', 'rollback-flag-missing', 'notification-not-forwarded'],
  ],
  [
    'builtin-eim-coap',
    'TC_eIM_ESipa_CoAPs_Server_Nominal',
    ['coap-any-resource', 'coap-block2-not-ended', 'package-tag-doubled'],
  ],
])(
  'a sequence that never makes %s ask for a defect goes the same way with it',
  { timeout: 300_000 },
  async (target, ids, defects) => {
    const chosen = [ids, '--target', target, ...defects.flatMap((d) => ['--defect', d])];
    const full = await matrix(...chosen, '--full');
    expect(Object.keys(full).sort()).toEqual(['(no defect)', ...defects].sort());
    expect(await matrix(...chosen)).toEqual(full);
  },
);
