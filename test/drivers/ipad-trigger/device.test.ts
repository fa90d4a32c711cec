/** A device that is a program which goes on: told to poll, restarted, crashed, and ended with all that came of it. */
import { describe, expect, it, vi } from 'vitest';
import { bench, isRunning, textOf, type Bench } from './support.js';

/** Writes its process id and what it does to files. */
const DEVICE = `
  import { appendFileSync, writeFileSync } from 'node:fs';
  const note = (text) => appendFileSync('log', text + '\\n');
  process.on('SIGUSR1', () => note('signal'));
  process.stdin.on('data', (text) => note('line ' + String(text).trim()));
  process.on('SIGUSR2', () => process.exit(3));
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGKILL'));
  writeFileSync('pid', String(process.pid));
  console.log('listening for', process.argv[2]);
  setInterval(() => undefined, 1000);
`;

const SIGNAL = `
process: { run: [./device.mjs, '{eimFqdn}'], ready: '^listening' }
poll: { signal: SIGUSR1 }
executeFallback: { signal: SIGUSR2 }
returnFromFallback: { signal: SIGHUP }
memoryReset: { restart: {} }
`;

const device = (text = SIGNAL): Bench => bench(text, { 'device.mjs': DEVICE });

/** Its process id, when it is another than that one. */
async function another(made: Bench, than: number): Promise<number> {
  let now = than;
  await vi.waitUntil(async () => (now = await made.pid()) !== than, { timeout: 15_000 });
  return now;
}

describe('a device', () => {
  it('is started by the first trigger, when it is ready gets its signal, and goes after the sequence', async () => {
    const made = device();
    expect([...made.triggers.mapped].sort()).toEqual(
      ['executeFallback', 'memoryReset', 'poll', 'restart', 'returnFromFallback', 'start', 'stop'].sort(),
    );
    expect(made.triggers.alive).toBe(false);
    const { ended, events } = await made.fire('poll');
    expect(ended).toBeUndefined();
    expect(textOf(events)).toMatch(/device\.mjs eim\.example\.com[^]*SIGUSR1 sent/);
    expect(await made.written('log')).toBe('signal');
    expect(made.triggers.alive).toBe(true);
    const pid = await made.pid();
    await made.fire('poll');
    await vi.waitUntil(async () => (await made.written('log')) === 'signal\nsignal', { timeout: 15_000 });
    expect(await made.pid()).toBe(pid);
    const settled = textOf(await made.triggers.settle());
    expect(settled).toContain(`SIGTERM ${pid}`);
    expect(settled).toContain('listening for eim.example.com');
    expect(isRunning(pid)).toBe(false);
    expect(made.triggers.alive).toBe(false);
    expect(made.triggers.takeDeath()).toBeUndefined();
  });

  it('gets a line on its standard input', async () => {
    const made = device(
      `process: { run: [./device.mjs], ready: listening }\npoll: { stdin: "poll {sequence}\\n" }`,
    );
    const { events } = await made.fire('poll');
    expect(await made.written('log')).toBe('line poll TC_IPAd_Poll#01');
    expect(textOf(events)).toContain('poll TC_IPAd_Poll#01');
  });

  it('may say when it has done what it was told, each time anew', async () => {
    const made = bench(
      `process: { run: [./device.mjs], ready: up }
poll: { stdin: "poll\\n", done: '^(done|failed) poll .*' }
executeFallback: { signal: SIGUSR1, done: '^done fallback' }
restart: { stdin: "end\\n", done: never }`,
      {
        'device.mjs': `
          let n = 0;
          process.on('SIGUSR1', () => console.log('done fallback'));
          process.stdin.on('data', (text) => {
            if (String(text) === 'end\\n') process.exit(5);
            n += 1;
            process.stdout.write('don');
            setTimeout(() => console.log('e poll ' + n), 20);
          });
          console.log('up');`,
      },
    );
    for (const n of [1, 2, 3])
      expect(await made.end('poll')).toMatchObject({ how: 'done', output: `done poll ${n}` });
    expect(await made.end('executeFallback')).toMatchObject({ how: 'done', output: 'done fallback' });
    expect(await made.end('restart')).toMatchObject({ how: 'exited', exitCode: 5 });
  });

  it('stays for the run where the target says so', async () => {
    const made = device(SIGNAL.replace('ready:', 'lifetime: run, ready:'));
    await made.fire('start');
    const pid = await made.pid();
    expect(await made.triggers.settle()).toEqual([]);
    await made.fire('start');
    expect(await made.pid()).toBe(pid);
    expect(isRunning(pid)).toBe(true);
    await made.triggers.close();
    expect(isRunning(pid)).toBe(false);
    await expect(made.fire('start')).rejects.toMatchObject({ code: 'driver-not-open' });
  });

  describe('that knows how to be reset', () => {
    const RESETTABLE = `process: { run: [./device.mjs], ready: up, graceMs: 300, reset: { stdin: "reset\\n", done: '^done reset' } }
poll: { stdin: "poll\\n", done: '^done poll' }`;
    const program = (onReset: string): Record<string, string> => ({
      'device.mjs': `
        import { appendFileSync, writeFileSync } from 'node:fs';
        process.stdin.on('data', (text) => {
          appendFileSync('log', String(text));
          if (String(text) === 'poll\\n') console.log('done poll');
          else ${onReset};
        });
        writeFileSync('pid', String(process.pid));
        console.log('up');`,
    });

    it('is told so after a sequence, and goes on', async () => {
      const made = bench(RESETTABLE, program(`console.log('done reset')`));
      await made.end('poll');
      const pid = await made.pid();
      expect(textOf(await made.triggers.settle())).toContain('the device was reset: done reset');
      await made.end('poll');
      expect(await made.pid()).toBe(pid);
      expect(await made.written('log')).toBe('poll\nreset\npoll');
      await made.triggers.close();
      expect(isRunning(pid)).toBe(false);
    });

    it.each([
      ['says nothing', `0`],
      ['says something else', `console.log('failed reset')`],
      ['ends', `process.exit(3)`],
    ])('is ended when it %s, and started anew', async (_, onReset) => {
      const made = bench(RESETTABLE, program(onReset));
      await made.end('poll');
      const pid = await made.pid();
      expect(textOf(await made.triggers.settle())).toContain('was not reset in time');
      expect(isRunning(pid)).toBe(false);
      await made.end('poll');
      expect(await another(made, pid)).not.toBe(pid);
    });
  });

  it('is restarted, and stopped, by triggers', async () => {
    const made = device();
    await made.fire('start');
    const first = await made.pid();
    const { events } = await made.fire('restart');
    const second = await another(made, first);
    expect(isRunning(first)).toBe(false);
    expect(textOf(events)).toMatch(new RegExp(`SIGTERM ${first}[^]*\\n${second}: `));
    await made.fire('memoryReset');
    const third = await another(made, second);
    expect(await (await made.fire('stop')).ended).toMatchObject({ how: 'stopped', signal: 'SIGTERM' });
    expect(isRunning(third)).toBe(false);
    expect((await made.fire('stop')).ended).toBeUndefined();
    expect(made.triggers.takeDeath()).toBeUndefined();
  });

  it.each([
    ['executeFallback', { how: 'exited', exitCode: 3 }],
    ['returnFromFallback', { how: 'signalled', signal: 'SIGKILL' }],
  ] as const)('that ends by itself is told of once, and started anew (%s)', async (name, end) => {
    const made = device();
    await made.fire(name);
    const pid = await made.pid();
    await vi.waitUntil(() => made.triggers.alive === false, { timeout: 15_000 });
    const death = made.triggers.takeDeath();
    expect(death).toMatchObject({ ...end, output: 'listening for eim.example.com\n' });
    expect(textOf(death?.events ?? [])).toContain(`${pid}: `);
    expect(made.triggers.takeDeath()).toBeUndefined();
    await made.fire('poll');
    expect(await another(made, pid)).not.toBe(pid);
  });

  it('that ended by itself is told of also after the sequence', async () => {
    const made = device();
    await made.fire('executeFallback');
    await vi.waitUntil(() => made.triggers.alive === false, { timeout: 15_000 });
    await made.triggers.settle();
    expect(made.triggers.takeDeath()).toMatchObject({ how: 'exited', exitCode: 3 });
  });

  it('that is not ready in time is ended', async () => {
    const made = bench(
      `process: { run: [./device], ready: never, readyMs: 300 }\npoll: { signal: SIGUSR1 }`,
      {
        device: 'echo $$ > pid; echo starting; exec sleep 1000',
      },
    );
    await expect(made.fire('poll')).rejects.toMatchObject({
      code: 'timeout',
      expected: 'a text with /never/',
      actual: 'starting\n',
    });
    expect(isRunning(await made.pid())).toBe(false);
    expect(made.triggers.takeDeath()).toBeUndefined();
  });

  it('that ends before it is ready, and one that is no program, are triggers that failed', async () => {
    const text = `process: { run: [./device], ready: never }\npoll: { signal: SIGUSR1 }`;
    const made = bench(text, { device: 'sleep 1000 & echo $! > pid; echo no card >&2; exit 4' });
    await expect(made.fire('poll')).rejects.toMatchObject({
      code: 'trigger-failed',
      actual: 'exit code 4 no card',
    });
    expect(isRunning(await made.pid())).toBe(false);
    expect(made.triggers.takeDeath()).toBeUndefined();
    await expect(bench(text).fire('poll')).rejects.toMatchObject({
      code: 'trigger-failed',
      place: './device',
    });
  });

  it('is not waited for any longer when the signal fires', async () => {
    const made = bench(`process: { run: [./device], ready: never }\npoll: { signal: SIGUSR1 }`, {
      device: 'echo $$ > pid; exec sleep 1000',
    });
    const stop = new AbortController();
    const fired = expect(made.fire('poll', {}, stop.signal)).rejects.toMatchObject({ code: 'aborted' });
    const pid = await made.pid();
    stop.abort();
    await fired;
    expect(isRunning(pid)).toBe(false);
  });

  it('is ready when it says so, however the text comes, and at once where nothing is said', async () => {
    const text = `process: { run: [./device], ready: 'all is ready' }\npoll: { signal: SIGCONT }`;
    const slow = bench(text, {
      device: 'printf "x%.0s" $(seq 3000); printf "all is "; sleep 0.1; printf ready >&2; exec sleep 1000',
    });
    await slow.fire('poll');
    const quick = bench(`process: { shell: 'exec sleep 1000' }\npoll: { signal: SIGCONT }`);
    await quick.fire('poll');
    expect(quick.triggers.alive).toBe(true);
  });

  it('that hangs, ignores SIGTERM and leaves children is gone with them all the same', async () => {
    const made = bench(`process: { run: [./device], ready: up, graceMs: 100 }\npoll: { signal: SIGUSR1 }`, {
      device: `trap '' TERM USR1
setsid sh -c 'trap "" TERM; echo $$ > daemon; while :; do sleep 1; done' </dev/null >/dev/null 2>&1 &
while ! test -s daemon; do sleep 0.02; done
echo $$ > pid; echo up; kill -STOP $$`,
    });
    await made.fire('poll');
    const pids = [await made.pid(), await made.pid('daemon')];
    expect(pids.map(isRunning)).toEqual([true, true]);
    const settled = textOf(await made.triggers.settle());
    for (const pid of pids) expect(settled).toContain(`SIGKILL ${pid}`);
    expect(pids.map(isRunning)).toEqual([false, false]);
  });

  it('that ended by itself leaves nothing behind either, though it may stay for the run', async () => {
    const made = bench(`process: { run: [./device], lifetime: run }\npoll: { wait: {} }`, {
      device: `setsid sh -c 'echo $$ > pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &\nwhile ! test -s pid; do sleep 0.02; done`,
    });
    await made.fire('start');
    const pid = await made.pid();
    await vi.waitUntil(() => made.triggers.alive === false, { timeout: 15_000 });
    await made.triggers.settle();
    expect(isRunning(pid)).toBe(false);
    expect(made.triggers.takeDeath()).toMatchObject({ how: 'exited', exitCode: 0 });
  });

  it('that does not read its standard input is told of when it is full', async () => {
    const made = bench(`process: { run: [./device] }\npoll: { stdin: '{eid?}' }`, {
      device: 'exec sleep 1000',
    });
    const eid = 'x'.repeat(60_000);
    const fired = async (): Promise<string> => {
      for (let n = 0; n < 100; n++) await made.fire('poll', { eid });
      return 'never';
    };
    await expect(fired().catch((error: unknown) => String(error))).resolves.toContain(
      'does not read its standard input',
    );
  });

  it('that writes without end is ended, and what it wrote is counted', async () => {
    const made = bench(`process: { run: [./device], ready: yes }\npoll: { signal: SIGCONT }`, {
      device: 'exec yes yes',
    });
    await made.fire('poll');
    const end = await (await made.fire('stop')).ended;
    expect(end?.how).toBe('stopped');
    expect(end?.output.length).toBeLessThanOrEqual(4096);
    expect(end?.outputBytes).toBeGreaterThan(3);
  });
});
