import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';
import { bench, isRunning } from './support.js';

it('a tool that ends without a word takes its devices along', async () => {
  const { folder, pid } = withFolder();
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const program = fileURLToPath(new URL('../../support/start-device-and-exit.ts', import.meta.url));
  const mapping = `process: { run: [./device], ready: up }\npoll: { signal: SIGCONT }`;
  const child = spawn(process.execPath, ['--import', tsx, program, folder, mapping], { stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([0, null]);
  const device = await pid();
  await vi.waitUntil(() => !isRunning(device), { timeout: 15_000 });
});

function withFolder() {
  const made = bench('poll: { wait: {} }', {
    device: `setsid sh -c 'echo $$ > pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &
while ! test -s pid; do sleep 0.02; done
echo up; exec sleep 1000`,
  });
  return { folder: made.folder, pid: () => made.pid() };
}
