import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { AskPerson } from '../../../drivers/management/index.js';
import { api, EID, ICCID, ICCID_PRINTED, mapping } from './support.js';

/** A folder with a script in it, which is a Node program. */
function script(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sgp33-management-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'operate');
  writeFileSync(file, `#!${process.execPath}\n${source}\n`);
  chmodSync(file, 0o755);
  return folder;
}

const all = `operations: { '*': { command: { run: [./operate, '{operation}'], timeoutMs: '5000' } } }`;

const run = (folder: string, text = all, env: Readonly<Record<string, string>> = {}) =>
  api({ ...mapping(text, env), folder }, { env });

test('a command gets the operation as JSON and answers in the form of the tool', async () => {
  const folder = script(`
    const { operation, parameters } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    console.log(JSON.stringify(operation === 'outcome' ? { status: 'done', counterValue: 7, results: [] }
      : parameters.iccid === '98' ? { accepted: false, reason: 'no such profile' }
      : { order: process.argv[2] + '-' + parameters.eid.length }));
  `);
  const management = run(folder);
  expect(management.operations.size).toBe(22);
  const enable = await management.call('enable', { eid: EID, iccid: ICCID });
  expect(enable).toMatchObject({ accepted: true, facts: { order: 'enable-32' } });
  expect(await management.call('enable', { eid: EID, iccid: '98' })).toMatchObject({
    accepted: false,
    facts: { status: '0', reason: 'no such profile' },
  });
  const outcome = await management.call('outcome', { order: 'enable-32' });
  expect(outcome.facts).toEqual({ status: 'done', counterValue: '7', results: [] });
  expect(outcome.events.map((e) => e.kind)).toEqual(['api-request', 'api-response']);
});

test('values reach a command as they are, without a shell', async () => {
  const folder = script(`console.log(JSON.stringify({ order: process.argv[2] + process.env.WHAT }))`);
  const text = `
operations:
  enable: { command: { run: [./operate, '{eid};touch hacked $(touch hacked)'], env: { WHAT: '{iccid|digits}' } } }
`;
  const answer = await run(folder, text).call('enable', { eid: EID, iccid: ICCID });
  expect(answer.facts).toEqual({ order: `${EID};touch hacked $(touch hacked)${ICCID_PRINTED}` });
  expect(existsSync(join(folder, 'hacked'))).toBe(false);
});

test('a line for the shell, where the target asks for one', async () => {
  const folder = script('');
  const text = `
operations:
  enable: { command: { shell: 'echo "{\\"order\\": \\"$EID\\"}" | cat', env: { EID: '{eid}' } } }
`;
  expect((await run(folder, text).call('enable', { eid: EID, iccid: ICCID })).facts).toEqual({ order: EID });
});

test.each([
  ['an exit code', 'process.exit(3)', /exit code 3/],
  ['no JSON', 'console.log("done")', /no JSON/],
  ['too much', 'setInterval(() => process.stdout.write("x".repeat(65536)), 0)', /too much/],
  ['the end of the process', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)', /ended/],
])('%s is an error', async (_, source, message) => {
  const call = run(script(source)).call('removeDevice', { eid: EID });
  await expect(call).rejects.toMatchObject({ code: 'management-command' });
  await expect(call).rejects.toThrow(message);
});

test('exit codes that say no, where the mapping knows them', async () => {
  const text = `operations: { removeDevice: { command: { run: [./operate] }, refused: { exitCode: '3' } } }`;
  expect(await run(script('process.exit(3)'), text).call('removeDevice', { eid: EID })).toMatchObject({
    accepted: false,
    facts: { status: '3' },
  });
});

test('a program that is not there', async () => {
  await expect(run(tmpdir()).call('restart', {})).rejects.toMatchObject({ code: 'management-command' });
});

test('a command that hangs ends with its children', async () => {
  const folder = script(`
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    require('node:fs').writeFileSync('pid', String(child.pid));
    setInterval(() => {}, 1000);
  `);
  const stop = new AbortController();
  const call = run(folder).call('restart', {}, stop.signal);
  await vi.waitFor(() => expect(readFileSync(join(folder, 'pid'), 'utf8')).toMatch(/\d/), 4000);
  stop.abort();
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 4000);

  const text = all.replace('5000', '100');
  await expect(run(folder, text).call('restart', {})).rejects.toMatchObject({ code: 'timeout' });
});

/** A process that ended and that nobody asked for its exit code does not count. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

const prompts = `
operations:
  enable:
    prompt: { say: 'Enable {iccid|digits} on {eid}{rollbackFlag?}.', ask: { order: 'Number of the order:' } }
  outcome:
    prompt: { say: 'Order {order} ({ordered})?', ask: { status: 'Status:', error: 'Error:' } }
`;

test('a person is asked, and answers', async () => {
  const said: string[] = [];
  const ask: AskPerson = (say, questions) => {
    said.push([say, ...questions.map(([, q]) => q)].join(' | '));
    return Promise.resolve({
      answers: say.startsWith('Enable') ? { order: '12' } : { status: 'done', error: '' },
    });
  };
  const management = api(prompts, { ask });
  const { facts } = await management.call('enable', { eid: EID, iccid: ICCID });
  expect(facts).toEqual({ order: '12' });
  const outcome = await management.call('outcome', { order: '12', wanted: 'delivered' });
  expect(outcome.facts).toEqual({ status: 'done' });
  expect(said).toEqual([
    `Enable ${ICCID_PRINTED} on ${EID}. | Number of the order:`,
    'Order 12 (enable)? | Status: | Error:',
  ]);
});

test('a person says that the eIM refused', async () => {
  const ask: AskPerson = () => Promise.resolve({ refused: 'unknown EID' });
  expect(await api(prompts, { ask }).call('enable', { eid: EID, iccid: ICCID })).toMatchObject({
    accepted: false,
    facts: { reason: 'unknown EID' },
  });
});

test('one question at a time', async () => {
  let open = 0;
  const ask: AskPerson = async () => {
    expect(++open).toBe(1);
    await Promise.resolve();
    open--;
    return { answers: { order: '1' } };
  };
  const management = api(prompts, { ask });
  await Promise.all([1, 2, 3].map(() => management.call('enable', { eid: EID, iccid: ICCID })));
});

test('without a terminal nobody is asked', async () => {
  vi.stubEnv('CI', 'true');
  try {
    await expect(api(prompts).call('enable', { eid: EID, iccid: ICCID })).rejects.toMatchObject({
      code: 'management-prompt',
    });
  } finally {
    vi.unstubAllEnvs();
  }
});
