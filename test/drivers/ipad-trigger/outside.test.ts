/** Triggers that go to a person, to the device's own HTTP interface, or nowhere. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AskPerson } from '../../../drivers/management/index.js';
import { bench, textOf } from './support.js';

async function interfaceOf(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const call = (url: string, more = ''): string => `
http: { url: ${url}, headers: { Authorization: 'Bearer {env.TOKEN}' } }
poll: { http: { method: POST, path: '/poll/{sequence}', json: { eim: '{eimFqdn}' } }${more} }
`;
const env = { TOKEN: 'very secret' };

describe('an HTTP call', () => {
  it('goes out with the parameters, and its answer is the end', async () => {
    const asked: string[] = [];
    const url = await interfaceOf((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        asked.push(
          `${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''} ${body}`,
        );
        response.writeHead(202).end('{"polled":true,"token":"very secret"}');
      });
    });
    const made = bench(call(url), {}, { env });
    const { ended, events } = await made.fire('poll');
    const end = await ended;
    expect(asked).toEqual(['POST /poll/TC_IPAd_Poll%2301 Bearer very secret {"eim":"eim.example.com"}']);
    expect(end).toMatchObject({ how: 'answered', exitCode: 202, outputBytes: 37 });
    expect(end?.output).toContain('"polled":true');
    expect(events.map(({ kind }) => kind)).toEqual(['api-request']);
    expect(end?.events.map(({ kind }) => kind)).toEqual(['api-response']);
    expect(textOf([...events, ...(end?.events ?? [])]) + String(end?.output)).not.toContain('secret');
  });

  it('does not hold the trigger back, and is given up with the sequence', async () => {
    let arrived = (): void => {};
    const there = new Promise<void>((resolve) => (arrived = resolve));
    const url = await interfaceOf(() => arrived());
    const made = bench(call(url), {}, { env });
    const { ended } = await made.fire('poll');
    await there;
    await made.triggers.settle();
    expect(await ended).toMatchObject({ how: 'stopped' });
  });

  it('that is refused is a trigger that failed', async () => {
    const url = await interfaceOf((_, response) => response.writeHead(409).end('busy'));
    const { ended } = await bench(call(url), {}, { env }).fire('poll');
    await expect(ended).rejects.toMatchObject({ code: 'trigger-failed', actual: 'HTTP 409 busy' });
    const accepting = bench(call(url, ', accepted: [200, 409]'), {}, { env });
    expect(await accepting.end('poll')).toMatchObject({ how: 'answered', exitCode: 409 });
  });

  it('that reaches nobody, or is aborted, says so; and nobody has to look', async () => {
    const made = bench(call('http://127.0.0.1:1'), {}, { env });
    await made.fire('poll');
    const { ended } = await made.fire('poll');
    await expect(ended).rejects.toMatchObject({ code: 'unreachable' });
    const url = await interfaceOf(() => undefined);
    const slow = bench(call(url), {}, { env });
    const stop = new AbortController();
    const fired = await slow.fire('poll', {}, stop.signal);
    stop.abort();
    await expect(fired.ended).rejects.toMatchObject({ code: 'aborted' });
  });

  it('with an answer without end is no answer', async () => {
    const url = await interfaceOf((_, response) => {
      const more = (): void =>
        void (response.write(Buffer.alloc(65_536, 'x')) ? setImmediate(more) : response.once('drain', more));
      more();
    });
    const { ended } = await bench(call(url), {}, { env }).fire('poll');
    await expect(ended).rejects.toMatchObject({
      code: 'trigger-failed',
      cause: { code: 'management-answer' },
    });
  });
});

describe('a person', () => {
  const text = `poll: { prompt: { say: 'Press the button of {eimId}.' } }`;

  it('is asked, and says that it is done', async () => {
    const asked: string[] = [];
    const ask: AskPerson = async (say) => {
      asked.push(say);
      return { answers: {} };
    };
    expect(await bench(text, {}, { ask }).end('poll')).toMatchObject({ how: 'done' });
    expect(asked).toEqual(['Press the button of eim1.']);
  });

  it('may say why not', async () => {
    const { ended } = await bench(text, {}, { ask: async () => ({ refused: 'it is stuck' }) }).fire('poll');
    await expect(ended).rejects.toMatchObject({ code: 'trigger-failed', actual: 'it is stuck' });
  });

  it('is not waited for after the sequence', async () => {
    const ask: AskPerson = (_, __, signal) =>
      new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
      );
    const made = bench(text, {}, { ask });
    const { ended } = await made.fire('poll');
    await new Promise((resolve) => setImmediate(resolve));
    await made.triggers.settle();
    expect(await ended).toMatchObject({ how: 'stopped' });
  });

  it('is not there in CI: the trigger fails at once', async () => {
    vi.stubEnv('CI', 'true');
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(bench(text).fire('poll')).rejects.toMatchObject({
      code: 'trigger-failed',
      expected: 'a terminal',
    });
  });
});

it('the timer of the device is waited for without doing anything', async () => {
  const made = bench('poll: { wait: {} }');
  const { ended, events } = await made.fire('poll');
  expect(ended).toBeUndefined();
  expect(textOf(events)).toContain('by itself');
  expect(made.triggers.alive).toBeUndefined();
  expect(made.triggers.takeDeath()).toBeUndefined();
});

it('what is not mapped, and what comes too late, is refused', async () => {
  const made = bench('poll: { wait: {} }');
  await expect(made.fire('restart')).rejects.toMatchObject({ code: 'trigger-not-mapped', expected: 'poll' });
  await expect(made.fire('poll', {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  await made.triggers.close();
  await made.triggers.close();
  await expect(made.fire('poll')).rejects.toMatchObject({ code: 'driver-not-open' });
});
