/** Turns at something of which the machine has one: the test files of all processes take them one after the other. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Waits for its turn. Who has it listens on a socket of that name, without a file, so that it ends with the process.
 * @returns what gives the turn to the next.
 */
export async function takeTurn(name: string): Promise<() => Promise<void>> {
  const place = `\0sgp33-${name}`;
  for (;;) {
    const server = createServer((waiting) => waiting.on('error', () => undefined)).unref();
    const waiting = new Set<{ destroy(): void }>();
    server.on('connection', (socket) => waiting.add(socket));
    if (await listens(server, place))
      return async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        for (const socket of waiting) socket.destroy();
        await closed;
      };
    await end(place);
  }
}

const listens = (server: ReturnType<typeof createServer>, place: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    server.once('listening', () => resolve(true));
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(place);
  });

/** Resolves when whoever has the turn is gone, or was gone already. */
async function end(place: string): Promise<void> {
  const socket = connect(place);
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'close');
}
