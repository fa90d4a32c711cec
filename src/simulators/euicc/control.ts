/** The control socket: how a test tool personalises a stand-alone S_eUICC. One JSON object a line, both ways. */
import { createServer, type Server, type Socket } from 'node:net';
import { Sgp33Error } from '../../protocol/errors.js';
import type { SEuicc } from './create-euicc.js';

/** Longer lines end the connection: no personalisation needs them. */
const MAX_LINE = 1 << 20;
const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]'];

export interface ControlServer {
  /** Where it listens: the path, or `127.0.0.1:PORT` with the port that was given out. */
  readonly address: string;
  /** Ends all connections; a socket file is removed. */
  close(): Promise<void>;
}

/**
 * Listens for `{ id, action, parameters }` and answers each with `{ id, ok: true }` or `{ id, error: { code, message } }`.
 * @param where a path, or `127.0.0.1:PORT` (0: any free port); no other host, for the socket has no protection.
 * @throws {Sgp33Error} `control-socket` when it can not listen there.
 */
export async function serveControl(card: SEuicc, where: string): Promise<ControlServer> {
  const target = parseAddress(where);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    answerLines(card, socket);
  });
  await listening(server, target, where);
  return {
    address: addressOf(server, where),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

type Target = { readonly path: string } | { readonly host: string; readonly port: number };

function parseAddress(where: string): Target {
  const match = /^(.+):(\d{1,5})$/.exec(where);
  if (match === null) return { path: where };
  const [, host = '', port = ''] = match;
  if (LOOPBACK.includes(host) && Number(port) <= 65535)
    return { host: host.replace(/[[\]]/g, ''), port: Number(port) };
  throw new Sgp33Error('control-socket', 'the control socket listens on this machine only', {
    place: where,
    expected: 'a path, or 127.0.0.1:PORT',
    actual: host,
  });
}

function listening(server: Server, target: Target, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Sgp33Error('control-socket', 'the control socket can not be opened', {
          place: where,
          actual: cause.message,
          repair: 'Name a path that does not exist, or a port that is free.',
          cause,
        }),
      ),
    );
    server.listen(target, () => resolve());
  });
}

function addressOf(server: Server, where: string): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return where;
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

function answerLines(card: SEuicc, socket: Socket): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (line.trim() !== '') socket.write(`${JSON.stringify(answerTo(card, line))}\n`);
    if (rest.length > MAX_LINE) socket.destroy();
  });
}

/** The answer to one line; a line that is no request is answered with an error too. */
export function answerTo(card: SEuicc, line: string): { id: unknown; ok?: true; error?: object } {
  let id: unknown = null;
  try {
    const request: unknown = JSON.parse(line);
    if (
      typeof request !== 'object' ||
      request === null ||
      !('action' in request) ||
      typeof request.action !== 'string'
    )
      throw new Sgp33Error('control-request', 'not a request', {
        expected: '{ "id", "action", "parameters" }',
      });
    if ('id' in request) id = request.id;
    const parameters = 'parameters' in request && isRecord(request.parameters) ? request.parameters : {};
    card.applyPersonalisation(request.action, parameters);
    return { id, ok: true };
  } catch (error) {
    const code = error instanceof Sgp33Error ? error.code : 'control-request';
    return { id, error: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
