/** Cards that are broken or hostile, behind the socket and in the process. */
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { builtInCard, Ipad, socketCard, type CardPort } from '../../../src/simulators/ipad/index.js';
import { encodeFrame } from '../../../src/simulators/vpcd-frames.js';
import { rawServer } from '../../support/raw-server.js';
import { bytes } from '../euicc/terminal.js';
import { TIMINGS } from './bench.js';

/** A card that answers as a test wants, and counts what it was asked. */
function cardOf(answer: (command: Uint8Array, nth: number) => Uint8Array): CardPort & { asked: number } {
  return {
    place: 'test',
    asked: 0,
    coldReset: async () => bytes('3B00'),
    async transmit(command) {
      return answer(command, this.asked++);
    },
    close: async () => undefined,
  };
}

const ipadOn = (port: CardPort): Ipad => new Ipad({ version: '1.2', port, timings: TIMINGS });

it('answers of any bytes end a cycle, soon', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1 }), async (answers) => {
      const card = cardOf((_, nth) => answers[nth % answers.length] as Uint8Array);
      const ipad = ipadOn(card);
      await ipad.poll().catch((error: unknown) => expect(error).toHaveProperty('code'));
      await ipad.close();
      expect(card.asked).toBeLessThan(20_000);
    }),
    { numRuns: 200 },
  );
});

it.each([
  ['always has more data', '6101'],
  ['always wants another length', '6C10'],
  ['always has a proactive command', '910B'],
  ['refuses everything', '6F00'],
  ['has no ISD-R', '6A82'],
  ['says nothing', ''],
])('a card that %s', async (_, answer) => {
  const card = cardOf(() => bytes(answer));
  const ipad = ipadOn(card);
  await expect(ipad.poll()).rejects.toHaveProperty('code');
  expect(card.asked).toBeLessThan(20_000);
  await ipad.close();
});

it('proactive commands that it does not know are refused, and the work goes on', async () => {
  const euicc = createEuicc();
  const inside = builtInCard(euicc);
  const seen: string[] = [];
  let waiting = true;
  const card: CardPort = {
    ...inside,
    async transmit(command) {
      const hex = Buffer.from(command).toString('hex').toUpperCase();
      seen.push(hex);
      // DISPLAY TEXT, once, behind TERMINAL CAPABILITY.
      if (hex.startsWith('80AA') && waiting) return bytes('910B');
      if (hex.startsWith('8012')) {
        waiting = false;
        return bytes('D009810305210082028182' + '9000');
      }
      if (hex.startsWith('8014')) return bytes('9000');
      return inside.transmit(command);
    },
  };
  const ipad = ipadOn(card);
  await ipad.poll();
  await ipad.close();
  expect(seen.find((hex) => hex.startsWith('8014'))).toBe('801400000C810305210082028281830130');
});

it.each<[string, (socket: Socket) => void]>([
  ['goes at once', (socket) => socket.destroy()],
  ['says nothing', () => undefined],
  ['never ends a frame', (socket) => socket.on('data', () => socket.write(Uint8Array.of(0xff, 0xff, 1)))],
  [
    'talks without being asked',
    (socket) => {
      const more = (): void => {
        if (!socket.destroyed) socket.write(encodeFrame(bytes('6F00')), more);
      };
      more();
    },
  ],
])('a socket whose peer %s', async (_, talk) => {
  const port = await rawServer(talk);
  const ipad = ipadOn(socketCard({ host: '127.0.0.1', port, deadlineMs: 200 }));
  await expect(ipad.poll()).rejects.toHaveProperty('code');
  await ipad.close();
});

it('a socket where nobody listens', async () => {
  const ipad = ipadOn(socketCard({ host: '127.0.0.1', port: 1, deadlineMs: 200 }));
  await expect(ipad.poll()).rejects.toMatchObject({ code: 'ipad-card-gone' });
  await ipad.close();
});
