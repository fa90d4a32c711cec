/** `sgp33 serve ipad`: what it refuses, what it says, how it is triggered, how it ends. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { offerCard, type OfferedCard } from '../../drivers/ipad-card/index.js';
import { tlv } from '../../src/protocol/asn1/index.js';
import { packageRoot } from '../../src/protocol/package-root.js';
import { serveEim, type ServedEim } from '../../src/simulators/eim/serve/index.js';
import { call } from './call.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'serve-ipad-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it.each<[string[], string, string]>([
  [['--once', 'pol'], '--once', 'usage'],
  [['--card', 'somewhere'], '--card', 'usage'],
  [['--card', 'built-in', '--reader', 'x'], '--reader', 'usage'],
  [['--binding', 'xml'], '--binding', 'usage'],
  [['--transports', 'https,mqtt'], '--transports', 'usage'],
  [['--resolve', 'eim.example.com'], '--resolve', 'usage'],
  [['--trust', 'no-such-file.pem'], '--trust', 'usage'],
  [['--rplmn', '26'], '--rplmn', 'usage'],
  [['--memory-reset', 'everything'], '--memory-reset', 'usage'],
  [['--initial-eim', 'hex:BF57'], '--initial-eim', 'usage'],
  [['--deadline-ms', 'soon'], '--deadline-ms', 'usage'],
  [['--inject', '127.0.0.1:0', '--inject-tls', 'one.pem'], '--inject-tls', 'usage'],
  [['--defect', 'expiry-uncheked'], 'expiry-unchecked', 'unknown-defect'],
])('refuses %j', async (args, place, code) => {
  const { code: exit, err } = await call('serve', 'ipad', '--once', 'poll', ...args);
  expect(exit).toBe(2);
  expect(err).toContain(place);
  expect(err.trimEnd()).toMatch(new RegExp(`\\[${code}\\]$`));
});

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** The next line that begins so; others before it are passed over. */
  readonly line: (beginning: string) => Promise<string>;
  readonly gone: Promise<[number | null, NodeJS.Signals | null]>;
}

function start(...args: string[]): Running {
  const main = join(packageRoot(), 'src', 'cli', 'main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'serve', 'ipad', ...args], {
    cwd: packageRoot(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const gone = once(child, 'exit') as Running['gone'];
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    gone,
    async line(beginning) {
      for (;;) {
        const next = await lines.next();
        if (next.done === true) throw new Error(`no line ${beginning}`);
        if (next.value.startsWith(beginning)) return next.value;
      }
    },
  };
}

interface Lab {
  readonly served: ServedEim;
  readonly card: OfferedCard;
  readonly args: readonly string[];
}

/** An eIM and a card that is associated with it. */
async function lab(): Promise<Lab> {
  const served = await serveEim({ https: { port: 0 } });
  onTestFinished(() => served.close());
  const card = await offerCard({ offer: { kind: 'socket' } });
  onTestFinished(() => card.close());
  await card.inspect(tlv(0xbf57, tlv(0xa0, bytes(served.eim.operator.eimConfiguration().der))));
  await served.eim.operator.addDevice({ eid: card.eid, associationToken: 1 });
  const host = (served.https ?? '').replace('https://', '');
  const args = ['--card', `tcp:127.0.0.1:${String(card.port)}`, '--resolve', `eim.example.com=${host}`];
  return { served, card, args };
}

describe('--once', () => {
  it(
    'does one thing, and ends with 0; with 1 and the reason where it can not',
    { timeout: 60_000 },
    async () => {
      const { served, card, args } = await lab();
      const order = await served.eim.operator.order(card.eid, {
        kind: 'package',
        operations: [{ operation: 'enable', iccid: '989209012143658709F5' }],
      });
      const poll = await call('serve', 'ipad', ...args, '--once', 'poll');
      expect(poll).toMatchObject({ code: 0, err: '' });
      expect((await served.eim.operator.orderView(order.id)).status).toBe('done');

      const refused = await call(
        'serve',
        'ipad',
        ...args,
        '--once',
        'executeFallback',
        '--no-poll-after-change',
      );
      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(/executeFallback; expected ok\(0\); got 6 \[ipad-local-function\]/);

      await card.pull();
      const gone = await call('serve', 'ipad', ...args, '--once', 'poll');
      expect(gone.code).toBe(1);
      expect(gone.err).toMatch(/\[ipad-card-gone\]/);
    },
  );

  it('has a card of its own, which it keeps in a file', { timeout: 60_000 }, async () => {
    const here = folder();
    const state = join(here, 'card.json');
    const served = await serveEim({ https: { port: 0 } });
    onTestFinished(() => served.close());
    const host = (served.https ?? '').replace('https://', '');
    const der = served.eim.operator.eimConfiguration().der;
    const args = ['--card', 'built-in', '--card-state', state, '--resolve', `eim.example.com=${host}`];
    const added = await call(
      'serve',
      'ipad',
      ...args,
      '--once',
      'addInitialEim',
      '--initial-eim',
      `hex:${der}`,
    );
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(state, 'utf8')).toContain('testeim1');
  });
});

it('goes on, and takes lines, SIGUSR1 and the end of its input', { timeout: 60_000 }, async () => {
  const { args } = await lab();
  const file = join(folder(), 'ipad.json');
  const { child, line, gone } = start(...args, '--boot', 'start-up', '--state', file, '--verbose');
  await line('ready');
  await line('done start');
  child.stdin.write('poll\n');
  await line('testeim1: noPackage');
  await line('done poll');
  child.kill('SIGUSR1');
  await line('done poll');
  child.stdin.write('pol\nexecuteFallback\nrestart\n');
  expect(await line('unknown')).toContain('poll');
  expect(await line('failed')).toBe(
    'failed executeFallback: the eUICC refused executeFallback; expected ok(0); got 6 [ipad-local-function]',
  );
  await line('done restart');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ format: 1, changes: {} });
  child.stdin.end();
  expect(await gone).toEqual([0, null]);
});

it('begins with nothing, and again after a reset, when it is told to wait', { timeout: 60_000 }, async () => {
  const { args } = await lab();
  const { child, line, gone } = start(...args, '--boot', 'start-up', '--wait', '--verbose');
  expect(await line('')).toBe('ready');
  child.stdin.write('start\n');
  await line('done start');
  child.stdin.write('poll\nreset\npoll\n');
  await line('done poll');
  await line('done reset');
  await line('testeim1: noPackage');
  await line('done poll');
  child.stdin.write('stop\n');
  expect(await gone).toEqual([0, null]);
});

it('polls by itself, and ends on SIGTERM', { timeout: 60_000 }, async () => {
  const { args } = await lab();
  const { child, line, gone } = start(...args, '--every', '20');
  await line('done start');
  await line('done poll');
  await line('done poll');
  child.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
});

it('ends on the line stop', { timeout: 60_000 }, async () => {
  const { args } = await lab();
  const { child, line, gone } = start(...args);
  await line('done start');
  child.stdin.write('stop\n');
  await line('done stop');
  expect(await gone).toEqual([0, null]);
});

it('takes packages from its eIM', { timeout: 60_000 }, async () => {
  const { args } = await lab();
  const { child, line, gone } = start(...args, '--inject', '127.0.0.1:0');
  const url = (await line('injection ')).replace('injection ', '');
  await line('done start');
  const answer = await fetch(`${url}/gsma/rsp2/asn1`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-gsma-rsp-asn1' },
    body: bytes('BF4E03BF5500'),
  });
  expect(Buffer.from(await answer.arrayBuffer()).toString('hex')).toBe('bf4e03020102');
  expect(answer.headers.get('x-admin-protocol')).toBe('gsma/rsp/v2.1.0');
  child.stdin.end();
  expect(await gone).toEqual([0, null]);
});
