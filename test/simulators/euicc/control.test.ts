import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { serveControl } from '../../../src/simulators/euicc/control.js';
import { createEuicc, serveEuicc } from '../../../src/simulators/euicc/index.js';
import { encodeFrame, FrameReader } from '../../../src/simulators/vpcd-frames.js';
import { started } from './terminal.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function client(address: string): Promise<(line: string) => Promise<unknown>> {
  const port = /^127\.0\.0\.1:(\d+)$/.exec(address)?.[1];
  const socket: Socket = port === undefined ? connect(address) : connect(Number(port), '127.0.0.1');
  cleanUp.push(() => socket.destroy());
  await once(socket, 'connect');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return async (line) => {
    socket.write(line);
    const { value } = (await lines.next()) as { value?: string };
    return JSON.parse(value ?? 'null') as unknown;
  };
}

describe('the control socket', () => {
  it('personalises over a socket file and over TCP, and answers what is no request', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sgp33-control-'));
    cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
    for (const where of [join(folder, 'control'), '127.0.0.1:0']) {
      const terminal = started();
      const server = await serveControl(terminal.card, where);
      const ask = await client(server.address);
      expect(await ask('{"id":7,"action":"remove-profile","parameters":{"iccid":"all"}}\n')).toEqual({
        id: 7,
        ok: true,
      });
      expect(terminal.ask('BF2D00')).toBe('BF2D02A000');
      expect(await ask('{"id":"a","action":"nothing"}\n')).toMatchObject({
        id: 'a',
        error: { code: 'personalisation-action' },
      });
      for (const bad of ['{', '[]', '{"id":1}', 'null', '"x"'])
        expect(await ask(`${bad}\n`)).toMatchObject({ error: { code: 'control-request' } });
      await server.close();
      expect(existsSync(where)).toBe(false);
    }
  });

  it('listens on this machine only, and tells when it can not', async () => {
    const card = createEuicc();
    await expect(serveControl(card, '0.0.0.0:0')).rejects.toMatchObject({ code: 'control-socket' });
    await expect(serveControl(card, '/no/such/folder/socket')).rejects.toMatchObject({
      code: 'control-socket',
    });
  });
});

describe('serveEuicc', () => {
  it('puts a card into the reader and ends with it', async () => {
    const reader = createServer();
    reader.listen(0, '127.0.0.1');
    await once(reader, 'listening');
    cleanUp.push(() => reader.close());
    const { port } = reader.address() as AddressInfo;
    const inserted = once(reader, 'connection') as Promise<[Socket]>;
    const served = await serveEuicc({ vpcd: `127.0.0.1:${port}`, control: '127.0.0.1:0' });
    const [socket] = await inserted;
    const frames = new FrameReader();
    const next = async (): Promise<Uint8Array> => {
      for (;;) {
        const [chunk] = (await once(socket, 'data')) as [Uint8Array];
        const [payload] = frames.push(chunk);
        if (payload !== undefined) return payload;
      }
    };
    socket.write(Buffer.concat([encodeFrame(Uint8Array.of(1)), encodeFrame(Uint8Array.of(4))]));
    expect(await next()).toEqual(createEuicc().atr());
    socket.write(encodeFrame(Uint8Array.of(0, 0x70, 0, 0, 1)));
    expect(Buffer.from(await next()).toString('hex')).toBe('019000');
    const ask = await client(served.control ?? '');
    expect(await ask('{"id":1,"action":"cat-busy"}\n')).toEqual({ id: 1, ok: true });
    socket.destroy();
    await served.closed;
    await expect(client(served.control ?? '')).rejects.toThrow();
  });

  it('refuses a reader that is none, and leaves no control socket behind', async () => {
    await expect(serveEuicc({ vpcd: 'x' })).rejects.toMatchObject({ code: 'vpcd-address' });
    const folder = mkdtempSync(join(tmpdir(), 'sgp33-control-'));
    cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
    const control = join(folder, 'control');
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    await expect(serveEuicc({ vpcd: `127.0.0.1:${port}`, control })).rejects.toMatchObject({
      code: 'vpcd-unreachable',
    });
    expect(existsSync(control)).toBe(false);
  });
});
