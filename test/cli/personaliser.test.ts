import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { personaliserOf, type Personaliser } from '../../src/cli/drivers/personaliser.js';
import { canAskPerson } from '../../src/cli/drivers/personalise-prompt.js';
import { parseYaml } from '../../src/engine/yaml/parse.js';
import { createEuicc } from '../../src/simulators/euicc/index.js';
import { serveControl } from '../../src/simulators/euicc/control.js';
import { temporary } from './call.js';

const RESET = { action: 'reset', parameters: {} };

function personaliser(yaml: string, folder = temporary()): Personaliser {
  const made = personaliserOf(parseYaml(yaml, 't.yaml'), folder);
  if (made === undefined) throw new Error('none was made');
  return made;
}

/** A server that does one thing with each connection; its address. */
async function peer(answer: string | undefined): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => (answer === undefined ? undefined : socket.end(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a control socket', () => {
  test('does what it is asked, by port and by path, and tells an error', async () => {
    const card = createEuicc();
    const folder = temporary();
    for (const where of ['127.0.0.1:0', join(folder, 'c')]) {
      const server = await serveControl(card, where);
      try {
        const address = where.endsWith('/c') ? './c' : server.address;
        const { personalise } = personaliser(`{ control: '${address}' }`, folder);
        await expect(personalise(RESET)).resolves.toBeUndefined();
        await expect(personalise({ action: 'fly', parameters: {} })).rejects.toMatchObject({
          code: 'personalisation-failed',
        });
      } finally {
        await server.close();
      }
    }
  });

  test.each([
    ['not JSON', 'hello\n'],
    ['an answer to something else', '{"id":7,"ok":true}\n'],
    ['no object', '[]\n'],
    ['an end without an answer', ''],
    ['an answer without an end', '{"id":1'],
  ])('%s is an error', async (_what, answer) => {
    const { personalise } = personaliser(`{ control: '${await peer(answer)}' }`);
    await expect(personalise(RESET)).rejects.toMatchObject({ code: 'personalisation-failed' });
  });

  test('silence ends at the deadline, or with the signal', async () => {
    const where = await peer(undefined);
    await expect(personaliser(`{ control: '${where}', timeoutMs: 50 }`).personalise(RESET)).rejects.toThrow(
      /no answer in 50 ms/,
    );
    const abort = new AbortController();
    const waiting = personaliser(`{ control: '${where}' }`).personalise(RESET, abort.signal);
    abort.abort();
    await expect(waiting).rejects.toThrow(/aborted/);
  });
});

describe('a command', () => {
  test('gets the request as JSON, in the folder of the target', async () => {
    const folder = temporary();
    await personaliser("{ command: 'cat > request.json' }", folder).personalise(RESET);
    expect(JSON.parse(readFileSync(join(folder, 'request.json'), 'utf8'))).toEqual(RESET);
  });

  test('another exit code is an error with what it said', async () => {
    await expect(personaliser("{ command: 'echo no card >&2; exit 3' }").personalise(RESET)).rejects.toThrow(
      /expected exit code 0; got exit code 3 no card/,
    );
  });

  test('one that hangs is ended with its children', async () => {
    const folder = temporary();
    const { personalise } = personaliser(
      "{ command: 'tail -f /dev/null; touch after', timeoutMs: 100 }",
      folder,
    );
    await expect(personalise(RESET)).rejects.toThrow(/nothing in 100 ms/);
    expect(existsSync(join(folder, 'after'))).toBe(false);
  });
});

test('nobody is asked in CI', () => {
  expect(canAskPerson({ CI: 'true' })).toBe(false);
});
