/**
 * docs/test-an-ipad.md, followed with an IPAd in another language: the target file that the document takes, with the
 * lines changed that it names, and nothing else. `npm test` builds the tool first.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';
import { lastLine, run, temporary, write, type Called } from '../cli/call.js';
import { describePcscd, type PcscdHandle } from '../support/pcscd.js';

const EXAMPLE = join(packageRoot(), 'config', 'targets', 'examples', 'ipad-by-command.yaml');
const DEVICE = join(packageRoot(), 'test', 'foreign', 'ipad.py');

interface Device {
  readonly version?: '1.2' | '1.0.1';
  /** What it does wrong on purpose. */
  readonly flaw?: string;
}

function changed(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((before, [from, to]) => {
    expect(before).toContain(from);
    return before.replace(from, to);
  }, text);
}

function runOn(
  handle: PcscdHandle,
  { version = '1.2', flaw }: Device,
  sequences: readonly string[],
): Promise<Called> {
  const folder = temporary();
  const options = [`--sgp32-version, '${version}'`, ...(flaw === undefined ? [] : [`--flaw, ${flaw}`])];
  const text = changed(readFileSync(EXAMPLE, 'utf8'), [
    ['[./ipad,', `[python3, ${DEVICE},`],
    ["'{eimAddress}']", `'{eimAddress}', ${options.join(', ')}]`],
    [
      "port: '35963', reader: 'Virtual PCD 00 00'",
      `port: '${String(handle.port)}', reader: '${handle.reader}'`,
    ],
    // Another program may have that port while the tests run.
    ["port: '8443', ", ''],
    ["sgp32Version: '1.2'", `sgp32Version: '${version}'`],
  ]);
  return run(['--target', write(folder, 'ipad.yaml', text), '--no-html', ...sequences], folder);
}

/** Nothing to fetch; a package for the eUICC and its result, Notifications, a switch of Profiles; servers to refuse. */
const SEQUENCES = [
  'TC_IPAd_GetEimPackage_Nominal#01',
  'TC_IPAd_GetEimPackage_Nominal#05',
  'TC_IPAd_EuiccPackage_Nominal#02',
  'TC_IPAd_EuiccPackage_Nominal#10',
  'TC_IPAd_EuiccPackage_Nominal#11',
  'TC_IPAd_HTTPS_ErrorCases#04',
  'TC_IPAd_HTTPS_ErrorCases#06',
];

describePcscd('an IPAd in Python, tested with a target file alone', (pcscd) => {
  // What the eUICC signs over is another matter in v1.0.1; that sequence is one of v1.2
  it.each([
    ['1.2', SEQUENCES],
    ['1.0.1', SEQUENCES.filter((id) => id !== 'TC_IPAd_EuiccPackage_Nominal#10')],
  ] as const)('PASSes for SGP.32 v%s', { timeout: 180_000 }, async (version, sequences) => {
    const { code, out, err } = await runOn(pcscd(), { version }, sequences);
    expect(lastLine(out), out + err).toBe(
      `${String(sequences.length)} passed, 0 failed, 0 inconclusive, 0 not applicable, 0 not run, 0 errors`,
    );
    expect(code).toBe(0);
  });

  it.each([
    ['no-tls-check', 'TC_IPAd_HTTPS_ErrorCases#04', 'wrong-value'],
    ['wrong-user-agent', 'TC_IPAd_ESipa_HTTP_Binding#13', 'wrong-value'],
    ['result-altered', 'TC_IPAd_EuiccPackage_Nominal#10', 'signature'],
    ['no-removal', 'TC_IPAd_EuiccPackage_Nominal#02', 'missing'],
    ['no-reset', 'TC_IPAd_EuiccPackage_Nominal#11', 'timeout'],
  ])('%s FAILs %s', { timeout: 90_000 }, async (flaw, sequence, cause) => {
    const { code, out, err } = await runOn(pcscd(), { flaw }, [sequence]);
    expect(out + err).toMatch(new RegExp(`^FAIL ${cause} +${sequence} `, 'm'));
    expect(code).toBe(1);
  });
});
