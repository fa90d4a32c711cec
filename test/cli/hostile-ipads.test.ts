/** Devices that misbehave, through the whole tool: the verdict and its cause, what is left behind, and the next sequence. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';
import { start, temporary } from './call.js';

const FIRST = 'TC_IPAd_GetEimPackage_Nominal#01';
const NEXT = 'TC_IPAd_HTTPS_Nominal#01';
/** Bytes that the tool may hold in memory at most; it takes about a third of that by itself. */
const MOST = 600 * 2 ** 20;

/** The example of a device that a command starts, with this device and a card at a socket. */
function targetOf(folder: string, how: string): string {
  const example = readFileSync(join(packageRoot(), 'config/targets/examples/ipad-by-command.yaml'), 'utf8');
  const device = join(packageRoot(), 'test/foreign/device.mjs');
  const file = join(folder, 'device.yaml');
  const run = [process.execPath, device, how, FIRST, join(folder, 'pids')];
  const text = example
    .replace(/card: \{.*\}/, 'card: { kind: socket }')
    .replace(", port: '8443'", '')
    .replace(/run: \[.*\]/, `run: ${JSON.stringify(run)}`)
    .replace(/timeoutMs: '\d+'/, "timeoutMs: '2500'")
    .replace(/patienceMs: '\d+'/, "patienceMs: '3000'");
  writeFileSync(file, text);
  return file;
}

const pidsIn = (folder: string): number[] =>
  readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);

function lives(pid: number): boolean {
  try {
    // A zombie that nobody has waited for yet has ended.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The most memory that a process has had, in bytes; undefined when it is gone. */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

describe.skipIf(process.platform !== 'linux')('a device that', () => {
  it.concurrent.each<[string, string, RegExp]>([
    ['never-polls', 'FAIL missing', /the device ended with exit code 0/],
    ['storm', 'FAIL unexpected', /getEimPackageRequest/],
    ['crashes', 'FAIL missing', /exit code 7; it wrote: assertion failed: eim != NULL/],
    ['hangs', 'FAIL timeout', /2500 ms|3000 ms/],
    ['hangs-on-sigterm', 'FAIL timeout', /2500 ms|3000 ms/],
    ['logs-100-mb', 'FAIL missing', /the device ended with exit code 0/],
    ['ends-by-signal', 'FAIL missing', /SIGSEGV/],
    ['forks', 'PASS', /^/],
  ])(
    '%s is judged, is ended with all that it started, and the next sequence passes',
    async (how, verdict, cause) => {
      const folder = temporary();
      const { child, done } = start(
        ['run', '--target', targetOf(folder, how), '--no-html', FIRST, NEXT],
        folder,
      );
      let peak = 0;
      child.stdout?.on('data', () => (peak = Math.max(peak, peakOf(child.pid) ?? 0)));
      const { out } = await done;
      const [word = '', why = ''] = verdict.split(' ');
      expect(out).toMatch(new RegExp(`^${word} +${FIRST}`, 'm'));
      if (why !== '') expect(out).toMatch(new RegExp(`^${verdict} +${FIRST}`, 'm'));
      expect(out).toMatch(cause);
      expect(out).toMatch(new RegExp(`^PASS +${NEXT}`, 'm'));
      expect(pidsIn(folder).filter(lives)).toEqual([]);
      expect(pidsIn(folder)).toHaveLength(how === 'forks' ? 4 : 2);
      expect(peak).toBeLessThan(MOST);
    },
    120_000,
  );
});
