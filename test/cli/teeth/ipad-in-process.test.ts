/** The built-in IPAd in the process of teeth does what it does in a process of its own. */
import { expect, test } from 'vitest';
import { start, temporary } from '../call.js';

const IDS = ['TC_IPAd_HTTPS_Nominal#01', 'TC_IPAd_GetEimPackage_Nominal#07'];
/** One of TLS, one of a local function. */
const DEFECTS = ['tls-1-3-only', 'fallback-not-told'];

/** Verdict and cause of each sequence, as the run store has them. */
async function apart(defect: string): Promise<Record<string, string>> {
  const { out } = await start(
    ['run', '--target', 'builtin-ipad', '--defect', defect, '--no-html', ...IDS],
    temporary(),
  ).done;
  return Object.fromEntries(
    IDS.map((id) => [id, new RegExp(`^(PASS|FAIL|INCONCLUSIVE) +${id} `, 'm').exec(out)?.[1] ?? out]),
  );
}

async function inside(): Promise<Record<string, Record<string, { verdict: string }>>> {
  const chosen = DEFECTS.flatMap((name) => ['--defect', name]);
  const { out } = await start(
    ['teeth', '--json', '--all', '--full', '--target', 'builtin-ipad', ...chosen, ...IDS],
    temporary(),
  ).done;
  return (JSON.parse(out) as { defects: Record<string, Record<string, { verdict: string }>> }).defects;
}

test('sequences go the same way, whatever defect it has', { timeout: 180_000 }, async () => {
  const found = await inside();
  for (const defect of DEFECTS)
    expect([
      defect,
      Object.fromEntries(IDS.map((id) => [id, found[defect]?.[id]?.verdict ?? 'PASS'])),
    ]).toEqual([defect, await apart(defect)]);
  expect(found['tls-1-3-only']?.[IDS[0] as string]?.verdict).toBe('FAIL');
  expect(found['fallback-not-told']?.[IDS[1] as string]?.verdict).toBe('FAIL');
});
