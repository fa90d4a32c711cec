/** Opening and closing of TCP listeners. */
import type { Server, Socket } from 'node:net';
import { Sgp33Error } from '../../../protocol/errors.js';
import type { ListenAt } from './options.js';

export interface OpenListener {
  /** `127.0.0.1:8443`; IPv6 in brackets. */
  readonly address: string;
  readonly port: number;
  /** Ends the connections that are open, too. */
  close(): Promise<void>;
}

/** @throws {Sgp33Error} `eim-listener`. */
export async function listen(server: Server, at: ListenAt): Promise<OpenListener> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  });
  const host = at.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(notListening(host, at.port, cause)));
    server.listen({ host, port: at.port }, resolve);
  });
  const { address, family, port } = server.address() as { address: string; family: string; port: number };
  return {
    address: `${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function notListening(host: string, port: number, cause: Error): Sgp33Error {
  return new Sgp33Error('eim-listener', 'the eIM can not listen there', {
    place: `${host}:${port}`,
    actual: cause.message,
    repair: 'Name an address of this machine and a port that is free; port 0 takes any.',
    cause,
  });
}
