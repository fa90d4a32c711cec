/**
 * A TCP port of this machine to which a program connects that plays the reader. A card that is pulled is a connection
 * that is closed, and refused until a card is in again.
 */
import { listenForReader } from '../../src/simulators/vpcd-listener.js';
import type { ServedConnection } from '../../src/simulators/vpcd-serve.js';
import type { OnLeft, Slot } from './slot.js';

/** @param port 0: any free one. @throws {Sgp33Error} `card-listener`. */
export async function openSocketSlot(port: number, onLeft: OnLeft): Promise<Slot> {
  let reader: ServedConnection | undefined;
  const listener = await listenForReader(port, (connection) => {
    reader = connection;
    void connection.closed.then(() => {
      // One that was replaced by another, or pulled, has been told of.
      if (reader !== connection) return;
      reader = undefined;
      onLeft('disconnected');
    });
  });
  const drop = (): ServedConnection | undefined => {
    listener.card = undefined;
    const pulled = reader;
    reader = undefined;
    pulled?.detach();
    if (pulled !== undefined) onLeft('pulled');
    return pulled;
  };
  return {
    place: `socket 127.0.0.1:${listener.port}`,
    port: listener.port,
    insert: async (card) => void (listener.card ??= card),
    pull: async () => drop()?.closed,
    drop: () => void drop(),
    // Whoever connects here has a deadline of its own.
    mute: () => undefined,
    close: async () => {
      drop();
      await listener.close();
    },
  };
}
