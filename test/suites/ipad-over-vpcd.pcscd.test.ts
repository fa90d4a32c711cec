/** The suite for an IPAd whose eUICC sits behind the real pcscd and the virtual reader; `npm test` builds the tool first. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';
import { lastLine, run, temporary, write, type Called } from '../cli/call.js';
import { describePcscd, type PcscdHandle } from '../support/pcscd.js';

const TARGET = join(packageRoot(), 'config', 'targets', 'builtin-ipad-vpcd.yaml');
/** A package with a switch of Profiles and REFRESH, a card that answers amiss, two eIMs, a new start of the device. */
const SEQUENCES = [
  'TC_IPAd_GetEimPackage_Nominal#01',
  'TC_IPAd_GetEimPackage_Nominal#14',
  'TC_IPAd_EuiccPackage_Nominal#01',
  'TC_IPAd_EuiccPackage_Nominal#11',
  'TC_IPAd_EuiccPackage_ErrorCases#06',
  'TC_IPAd_Rollback#01',
];

/** The target, on the reader of this pcscd. */
function runOn(handle: PcscdHandle, ...args: string[]): Promise<Called> {
  const folder = temporary();
  const text = readFileSync(TARGET, 'utf8').replace(
    /^ {2}card: .*$/m,
    `  card: { kind: vpcd, port: '${String(handle.port)}', reader: '${handle.reader}' }`,
  );
  expect(text).toContain(handle.reader);
  return run(['--target', write(folder, 'vpcd.yaml', text), '--no-html', ...args], folder);
}

describePcscd('the IPAd suite over PC/SC', (pcscd) => {
  it('PASSes on the built-in IPAd', { timeout: 180_000 }, async () => {
    const { code, out, err } = await runOn(pcscd(), ...SEQUENCES);
    expect(lastLine(out), out + err).toMatch(new RegExp(`^${String(SEQUENCES.length)} passed, 0 failed, 0 inconclusive`));
    expect(code).toBe(0);
  });

  it('FAILs on a seeded defect', { timeout: 60_000 }, async () => {
    const { code, out } = await runOn(
      pcscd(),
      '--defect',
      'notifications-not-read-after-package',
      'TC_IPAd_EuiccPackage_Nominal#01',
    );
    expect(out).toMatch(/^FAIL unexpected {2}TC_IPAd_EuiccPackage_Nominal#01 /m);
    expect(code).toBe(1);
  });
});
