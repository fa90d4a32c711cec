/** A program for each trigger: what it gets, how its end is told, and that nothing of it stays. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OutputTail } from '../../../drivers/ipad-trigger/output-tail.js';
import { bench, isRunning, textOf } from './support.js';

const command = (rest: string): string => `poll: { command: { run: [./poll], ${rest} } }`;

describe('a command', () => {
  it('gets its arguments, its environment and its folder, and its end is told', async () => {
    const text = `poll: { command: { run: [./poll, '{eimFqdn};touch x', '{eid?}', '{settings.port}'], env: { TOKEN: '{env.SECRET}', W: '{trigger}' }, cwd: '.' } }`;
    const made = bench(
      text,
      { poll: 'echo "$# $1 $2|$SGP33_EIM_ADDRESS|$SGP33_SEQUENCE|$TOKEN $W"; echo oh >&2; pwd; cat; exit 7' },
      { env: { SECRET: 'very secret' } },
    );
    const { ended, events } = await made.fire('poll');
    const end = await ended;
    expect(end).toMatchObject({ how: 'exited', exitCode: 7 });
    expect(end?.output).toContain('2 eim.example.com;touch x 99|127.0.0.1:8443|TC_IPAd_Poll#01|*** poll\n');
    expect(end?.output).toContain('oh\n');
    expect(end?.output).toContain(made.folder);
    expect(textOf(events)).toMatch(/^\d+: \.\/poll eim\.example\.com;touch x 99/);
    expect(textOf(end?.events ?? [])).toContain('exit code 7');
    expect(textOf([...events, ...(end?.events ?? [])])).not.toContain('very secret');
  });

  it('may be a line for the shell', async () => {
    const made = bench(`poll: { command: { shell: 'echo "$SGP33_TRIGGER" | tr a-z A-Z' } }`);
    expect(await made.end('poll')).toMatchObject({
      how: 'exited',
      exitCode: 0,
      output: 'POLL\n',
      outputBytes: 5,
    });
  });

  it('is told as it ended: by a signal of its own', async () => {
    const made = bench(command(''), { poll: 'kill -SEGV $$' });
    const end = await made.end('poll');
    expect(end).toMatchObject({ how: 'signalled', signal: 'SIGSEGV' });
    expect(end.exitCode).toBeUndefined();
  });

  it('that can not run is a trigger that failed', async () => {
    await expect(bench(command('')).fire('poll')).rejects.toMatchObject({
      code: 'trigger-failed',
      place: './poll',
      actual: expect.stringContaining('ENOENT') as string,
    });
    await expect(bench(command('cwd: nowhere'), { poll: '' }).fire('poll')).rejects.toMatchObject({
      code: 'trigger-failed',
      repair: expect.stringContaining('nowhere') as string,
    });
  });

  it('is ended when it takes too long, and is told as stopped', async () => {
    const made = bench(command('timeoutMs: 200'), { poll: 'echo begun; exec sleep 1000' });
    const end = await made.end('poll');
    expect(end).toMatchObject({ how: 'stopped', signal: 'SIGTERM', output: 'begun\n' });
    expect(textOf(end.events)).toContain('SIGTERM');
  });

  it('is killed when it does not mind SIGTERM', async () => {
    const made = bench(command('graceMs: 100'), {
      poll: `trap '' TERM; echo $$ > pid; while :; do sleep 1; done`,
    });
    const { ended } = await made.fire('poll');
    const pid = await made.pid();
    expect(textOf(await made.triggers.settle())).toContain(`SIGKILL ${pid}`);
    expect(isRunning(pid)).toBe(false);
    expect(await ended).toMatchObject({ how: 'stopped', signal: 'SIGKILL' });
  });

  it('that ends well on SIGTERM was stopped all the same', async () => {
    const made = bench(command(''), {
      poll: `trap 'echo bye; exit 0' TERM; echo $$ > pid; while :; do sleep 0.05; done`,
    });
    const { ended } = await made.fire('poll');
    await made.pid();
    await made.triggers.settle();
    expect(await ended).toMatchObject({
      how: 'stopped',
      exitCode: 0,
      output: expect.stringContaining('bye') as string,
    });
  });

  it('that is not waited for tells no end, and is gone after the sequence', async () => {
    const made = bench(command('wait: none'), { poll: 'echo $$ > pid; exec sleep 1000' });
    expect((await made.fire('poll')).ended).toBeUndefined();
    const pid = await made.pid();
    expect(isRunning(pid)).toBe(true);
    await made.triggers.settle();
    expect(isRunning(pid)).toBe(false);
  });

  it('may stay for the run', async () => {
    const made = bench(command('wait: none, lifetime: run'), { poll: 'echo $$ > pid; exec sleep 1000' });
    await made.fire('poll');
    const pid = await made.pid();
    expect(await made.triggers.settle()).toEqual([]);
    expect(isRunning(pid)).toBe(true);
    await made.triggers.close();
    expect(isRunning(pid)).toBe(false);
  });

  it('is ended by the signal of whoever fired it', async () => {
    const made = bench(command(''), { poll: 'echo $$ > pid; exec sleep 1000' });
    const stop = new AbortController();
    const { ended } = await made.fire('poll', {}, stop.signal);
    const pid = await made.pid();
    stop.abort();
    await expect(ended).rejects.toMatchObject({ code: 'aborted' });
    expect(isRunning(pid)).toBe(false);
  });

  it('never runs more than so many times at once', async () => {
    const made = bench(command('wait: none'), { poll: 'exec sleep 1000' });
    for (let n = 0; n < 64; n++) await made.fire('poll');
    await expect(made.fire('poll')).rejects.toMatchObject({ code: 'trigger-failed', expected: 'at most 64' });
    await made.triggers.settle();
    await made.fire('poll');
  });
});

describe('what a command leaves', () => {
  it.each([
    ['a child', 'sleep 1000 & echo $! > pid'],
    [
      'a child in the middle of a pipe',
      '(sleep 1000; true) | cat & sleep 0.2; pgrep -P $$ -x sleep > pid || echo $! > pid',
    ],
    [
      'a daemon in a session of its own',
      `setsid sh -c 'echo $$ > pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &`,
    ],
    [
      'a daemon that forked twice',
      `(setsid sh -c '(echo $$ > parent; exec sh -c "echo \\$\\$ > pid; exec sleep 1000") &' </dev/null >/dev/null 2>&1 &)`,
    ],
    ['a child without its environment', `env -i sh -c 'echo $$ > pid; exec sleep 1000' &`],
    ['a child that ignores SIGTERM', `sh -c 'trap "" TERM; echo $$ > pid; while :; do sleep 1; done' &`],
    ['a child that is stopped', `sh -c 'echo $$ > pid; kill -STOP $$' &`],
  ])('ends with the sequence: %s', async (_, source) => {
    const made = bench(command('graceMs: 200'), {
      poll: `${source}\nwait_for() { while ! test -s pid; do sleep 0.02; done; }; wait_for; exit 0`,
    });
    const end = await made.end('poll');
    expect(end).toMatchObject({ how: 'exited', exitCode: 0 });
    const pid = await made.pid();
    expect(isRunning(pid)).toBe(true);
    expect(textOf(await made.triggers.settle())).toContain(String(pid));
    expect(isRunning(pid)).toBe(false);
    expect(await made.triggers.settle()).toEqual([]);
  });

  it('ends also where SIGTERM makes it more', async () => {
    const made = bench(command('wait: none, graceMs: 300'), {
      poll: `trap 'sh -c "trap : TERM; echo \\$\\$ > pid; while :; do sleep 0.05; done" & wait $!' TERM
echo up > up; while :; do sleep 0.05; done`,
    });
    await made.fire('poll');
    await made.written('up');
    await made.triggers.settle();
    expect(isRunning(await made.pid())).toBe(false);
  });

  it('does not hold the end of the command back', async () => {
    const made = bench(command(''), { poll: 'sleep 1000 & echo $! > pid; echo done' });
    expect(await made.end('poll')).toMatchObject({ how: 'exited', output: 'done\n' });
    expect(isRunning(await made.pid())).toBe(true);
  });
});

describe('output', () => {
  it('of 100 MB is counted, and its end is kept', async () => {
    const made = bench(`poll: { command: { run: [./poll.mjs] } }`, {
      'poll.mjs': `
        const block = Buffer.alloc(1024 * 1024, 'x');
        for (let n = 0; n < 100; n++) await new Promise((done) => process.stdout.write(block, done));
        process.stdout.write('the end');`,
    });
    const end = await made.end('poll');
    expect(end.outputBytes).toBe(100 * 1024 * 1024 + 7);
    expect(end.output).toHaveLength(4096);
    expect(end.output.endsWith('xxthe end')).toBe(true);
    expect(textOf(end.events).length).toBeLessThan(5000);
  });

  it('keeps the last characters however it comes', () => {
    const tail = new OutputTail();
    for (let n = 0; n < 5000; n++) tail.add(Buffer.from(`${n}ä`));
    const whole = Array.from({ length: 5000 }, (_, n) => `${n}ä`).join('');
    expect(tail.text).toBe(whole.slice(-4096));
    expect(tail.bytes).toBe(Buffer.byteLength(whole));
    tail.add(Buffer.alloc(1_000_000, 'y'));
    expect(tail.text).toBe('y'.repeat(4096));
  });

  it('that goes on without end does not keep the command from being ended', async () => {
    const made = bench(command('timeoutMs: 500'), { poll: 'exec yes' });
    const end = await made.end('poll');
    expect(end.how).toBe('stopped');
    expect(end.outputBytes).toBeGreaterThan(0);
  });
});

it('a mapping that names a script which appears later runs it', async () => {
  const made = bench(`poll: { command: { run: [sh, ./later] } }`);
  writeFileSync(join(made.folder, 'later'), 'exit 3');
  expect(await made.end('poll')).toMatchObject({ exitCode: 3 });
});
