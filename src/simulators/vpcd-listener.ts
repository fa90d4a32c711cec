/**
 * A slot that a program connects to which plays the reader: the frames of vpcd, with the card as the TCP server. On
 * this machine only, for the connection has no protection.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Sgp33Error } from '../protocol/errors.js';
import type { SilentCard } from './virtual-card.js';
import { serveVpcd, type ServedConnection } from './vpcd-serve.js';

const HOST = '127.0.0.1';

export interface VpcdListener {
  readonly port: number;
  /** The connection of the reader; undefined while none is there. */
  readonly reader: ServedConnection | undefined;
  /** A card in the slot; undefined: connections are closed as soon as they come. */
  card: SilentCard | undefined;
  /** Ends the connection, and listens no more. */
  close(): Promise<void>;
}

/**
 * @param port 0: any free one.
 * @param onReader a reader has connected. The slot has one: whoever comes later replaces it.
 * @throws {Sgp33Error} `card-listener` when it can not listen there.
 */
export async function listenForReader(
  port: number,
  onReader: (connection: ServedConnection) => void = () => {},
): Promise<VpcdListener> {
  let reader: ServedConnection | undefined;
  const slot: { card: SilentCard | undefined } = { card: undefined };
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    if (slot.card === undefined) {
      socket.on('error', () => undefined).destroy();
      return;
    }
    reader?.detach();
    const mine = serveVpcd(slot.card, socket);
    reader = mine;
    void mine.closed.then(() => {
      if (reader === mine) reader = undefined;
    });
    onReader(mine);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Sgp33Error('card-listener', 'the card can not be offered there', {
          place: `${HOST}:${port}`,
          actual: cause.message,
          repair: 'Take a port that is free, or 0 for any.',
          cause,
        }),
      ),
    );
    server.listen(port, HOST, () => resolve());
  });
  const { port: given } = server.address() as AddressInfo;
  return {
    port: given,
    get reader() {
      return reader;
    },
    get card() {
      return slot.card;
    },
    set card(card: SilentCard | undefined) {
      slot.card = card;
    },
    async close() {
      slot.card = undefined;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      reader?.detach();
      await closed;
    },
  };
}
