import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { CoapClient, CoapServer, connectUdp, serveUdp } from '../../../src/transport/coap/index.js';
import { bytesOf, pattern, text } from './channels.js';

it('peers are told apart by address and port', async () => {
  let peers = 0;
  const server = await serveUdp('127.0.0.1', 0, (channel) => {
    peers += 1;
    const name = `peer ${peers}`;
    new CoapServer(channel, async () => ({ code: '2.05', payload: bytesOf(name) }));
  });
  const clients = await Promise.all(
    [1, 2].map(async () => new CoapClient(await connectUdp('localhost', server.port))),
  );
  const answers: string[] = [];
  for (const client of [...clients, ...clients])
    answers.push(text((await client.request({ code: '0.01', path: '' })).payload));
  expect(answers).toEqual(['peer 1', 'peer 2', 'peer 1', 'peer 2']);
  for (const client of clients) await client.close();
  await server.close();
});

it('a body of 200 kB both ways', async () => {
  const server = await serveUdp('127.0.0.1', 0, (channel) => {
    new CoapServer(channel, async ({ payload }) => ({ code: '2.05', payload }));
  });
  const client = new CoapClient(await connectUdp('127.0.0.1', server.port));
  const response = await client.request({ code: '0.02', path: 'x', payload: pattern(200_000) });
  expect(Buffer.from(response.payload).equals(pattern(200_000))).toBe(true);
  expect(response).toMatchObject({ blocks: 196, block1Blocks: 196, block2Size: 1024, size2: 200_000 });
  await client.close();
  await server.close();
});

it('a port that nobody listens on: coap-closed with ECONNREFUSED', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  const client = new CoapClient(await connectUdp('127.0.0.1', port));
  await expect(client.request({ code: '0.02', path: 'x' })).rejects.toMatchObject({
    code: 'coap-closed',
    cause: { code: 'ECONNREFUSED' },
  });
  await client.close();
});

it('a server that closes ends its channels, and a closed channel sends nothing', async () => {
  const closed: string[] = [];
  const server = await serveUdp('127.0.0.1', 0, (channel) => {
    channel.onClose((error) => closed.push(String(error)));
    channel.onMessage((data) => void channel.send(data));
  });
  const channel = await connectUdp('127.0.0.1', server.port);
  const echoed = new Promise((resolve) => channel.onMessage(resolve));
  await channel.send(bytesOf('x'));
  await echoed;
  await server.close();
  expect(closed).toEqual(['undefined']);
  await channel.close();
  await channel.send(bytesOf('into nothing'));
});
