/** `sgp33 serve eim`: what it refuses, what it says, how it ends. */
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';
import { call, MAIN } from './call.js';

describe('serve eim', () => {
  it.each<[string[], string, string]>([
    [['--https', 'nowhere'], '--https', 'usage'],
    [['--api', '127.0.0.1:70000'], '--api', 'usage'],
    [['--sgp32-version', '1.1'], '--sgp32-version', 'usage'],
    [['--transaction-ids', 'no'], '--transaction-ids', 'usage'],
    [['--resolve', 'smdp.example.com'], '--resolve', 'usage'],
    [['--coaps', '127.0.0.1:0', '--psk', 'device'], '--psk', 'usage'],
    [['--api', '127.0.0.1:0', '--defect', 'no-such-thing'], 'seeded defect', 'unknown-defect'],
    [['--https', '127.0.0.1:0', '--tls-identity', 'NOBODY'], 'NOBODY', 'pki-missing'],
  ])('refuses %j', async (args, place, code) => {
    const { code: exit, err } = await call('serve', 'eim', ...args);
    expect(exit).toBe(2);
    expect(err).toContain(place);
    expect(err.trimEnd()).toMatch(new RegExp(`\\[${code}\\]$`));
  });

  it('does not show a key that is mistyped', async () => {
    const { err } = await call('serve', 'eim', '--coaps', '127.0.0.1:0', '--psk', 'device:00112233445566x');
    expect(err).not.toContain('00112233');
  });

  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
    'says where it listens, and ends in order on %s',
    async (signal) => {
      const child = spawn(
        process.execPath,
        [MAIN, 'serve', 'eim', ...['--https', '127.0.0.1:0', '--api', '127.0.0.1:0']],
        { cwd: packageRoot(), stdio: ['ignore', 'pipe', 'inherit'] },
      );
      onTestFinished(() => void child.kill('SIGKILL'));
      const lines: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        lines.push(line);
        if (line.startsWith('store')) break;
      }
      expect(lines.join('\n')).toMatch(
        /^S_eIM testeim1, SGP\.32 v1\.2\nhttps https:\/\/127\.0\.0\.1:\d+\napi (http:\/\/127\.0\.0\.1:\d+), described at \1\/v1\/openapi\.json\nstore none/,
      );
      const gone = once(child, 'exit');
      child.kill(signal);
      expect(await gone).toEqual([0, null]);
    },
  );
});
