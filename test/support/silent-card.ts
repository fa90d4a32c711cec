/** A card behind vpcd that answers its reset and never a command: what a hung card looks like. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { encodeFrame, FrameReader, VpcdControl } from '../../src/simulators/vpcd-frames.js';
import { ATR_T0 } from './tiny-card.js';

export interface SilentCard {
  /** Resolves with the first command that gets no answer. */
  readonly asked: Promise<Uint8Array>;
  readonly detach: () => Promise<void>;
}

export async function attachSilentCard(port: number): Promise<SilentCard> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  const frames = new FrameReader();
  const asked = new Promise<Uint8Array>((resolve) => {
    socket.on('data', (chunk) => {
      for (const payload of frames.push(chunk)) {
        if (payload.length > 1) resolve(payload);
        else if (payload[0] === VpcdControl.atr) socket.write(encodeFrame(ATR_T0));
      }
    });
  });
  const detach = async (): Promise<void> => {
    socket.destroy();
    await closed;
  };
  return { asked, detach };
}
