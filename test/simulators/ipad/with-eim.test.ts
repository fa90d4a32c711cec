/** The whole way: S_eUICC behind a socket, the IPAd, S_eIM behind its real listeners. */
import { afterEach, describe, expect, it } from 'vitest';
import { offerCard, type OfferedCard } from '../../../drivers/ipad-card/index.js';
import { tlv } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { serveEim, type ServedEim } from '../../../src/simulators/eim/serve/index.js';
import type { OrderRequest } from '../../../src/simulators/eim/index.js';
import { issueEuiccIdentity, newEid } from '../../../src/simulators/euicc/index.js';
import { Ipad, socketCard, type IpadOptions } from '../../../src/simulators/ipad/index.js';
import { dtlsAvailable } from '../../../src/transport/dtls/index.js';
import { bytes, hex, ICCID1, ICCID2 } from '../euicc/terminal.js';
import { commandsOf } from './card-log.js';

const pki = loadPkiFolder();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Setting {
  readonly served: ServedEim;
  readonly card: OfferedCard;
  readonly ipad: Ipad;
  readonly lines: string[];
  readonly order: (request: OrderRequest) => Promise<string>;
}

async function setting(
  version: '1.2' | '1.0.1',
  more: Partial<IpadOptions> = {},
  euicc: { protocol?: 'T=1' } = {},
): Promise<Setting> {
  const served = await serveEim({ sgp32Version: version, https: { port: 0 }, coaps: { port: 0 } });
  closing.push(() => served.close());
  const identity = issueEuiccIdentity(pki, newEid(), ['NIST']);
  const card = await offerCard({
    offer: { kind: 'socket' },
    euicc: { identity, sgp32Version: version, ...euicc },
  });
  closing.push(() => card.close());
  const configuration = bytes(served.eim.operator.eimConfiguration().der);
  expect(hex((await card.inspect(tlv(0xbf57, tlv(0xa0, configuration)))).data)).toBe('BF5705A003840101');
  await served.eim.operator.addDevice({ eid: identity.eid, associationToken: 1 });
  const lines: string[] = [];
  const url = more.transports?.[0] === 'coaps' ? served.coaps : served.https;
  const ipad = new Ipad({
    version,
    port: socketCard({ host: '127.0.0.1', port: card.port }),
    resolve: { 'eim.example.com': (url ?? '').replace(/^\w+:\/\//, '') },
    log: (line) => lines.push(line),
    ...more,
  });
  closing.push(() => ipad.close());
  const order = async (request: OrderRequest): Promise<string> =>
    (await served.eim.operator.order(identity.eid, request)).id;
  return { served, card, ipad, lines, order };
}

const enable = (iccid: string): OrderRequest => ({
  kind: 'package',
  operations: [{ operation: 'enable', iccid }],
});

const WAYS: readonly Partial<IpadOptions>[] = [
  {},
  { binding: 'json' },
  { bundle: false },
  { resultBy: 'handleNotification' },
  ...(dtlsAvailable() ? [{ transports: ['coaps'] } as const] : []),
];

describe.each(['1.2', '1.0.1'] as const)('v%s', (version) => {
  it.each(WAYS)('enables one Profile and another, %j', async (way) => {
    const { served, card, ipad, order } = await setting(version, way);
    const ids = [await order(enable(ICCID1)), await order(enable(ICCID2))];
    await ipad.poll();
    for (const id of ids)
      expect(await served.eim.operator.orderView(id)).toMatchObject({
        status: 'done',
        results: [{ code: 'ok' }],
      });
    // Nothing is left behind.
    expect(hex((await card.inspect(bytes('BF2B04A0028200'))).data)).toBe('BF2B02A200');
    expect(hex((await card.inspect(bytes('BF2B00'))).data)).toBe('BF2B02A000');
    expect(card.openChannels).toEqual([]);
  });
});

it('starts as SGP.32 3.8 has it, and follows a REFRESH', async () => {
  const { card, ipad, lines, order } = await setting('1.2');
  await order(enable(ICCID1));
  await ipad.poll();
  const commands = await commandsOf(card);
  const start = ['reset', 'TERMINAL PROFILE', 'TERMINAL CAPABILITY', 'MANAGE CHANNEL', 'SELECT'];
  expect(commands.slice(0, 8)).toEqual([...start, 'BF3E035C015A', 'BF5500', 'BF2B00']);
  const at = commands.indexOf('FETCH');
  expect(commands.slice(at - 1, at + 9)).toEqual([
    expect.stringMatching(/^BF51/),
    'FETCH',
    'TERMINAL RESPONSE',
    'removed',
    ...start,
    'BF5F00',
  ]);
  expect(commands.slice(-3)).toEqual(['BF3003800102', 'BF3003800101', 'MANAGE CHANNEL']);
  expect(lines).toContain('httpParams 0105646174613106');
  expect(lines.slice(-2)).toEqual([
    'testeim1: euiccPackage, removed 2 1',
    'testeim1: noPackage, removed nothing',
  ]);
  // The card keeps its power: the next cycle has no reset.
  await ipad.poll();
  expect((await commandsOf(card)).slice(0, 3)).toEqual(['MANAGE CHANNEL', 'SELECT', 'BF3E035C015A']);
});

it('resets the card itself when it announces no REFRESH', async () => {
  const { card, ipad, order } = await setting('1.2', { terminalProfile: bytes('000000') });
  await order(enable(ICCID1));
  await ipad.poll();
  const commands = await commandsOf(card);
  expect(commands).not.toContain('FETCH');
  expect(commands.filter((name) => name === 'reset')).toHaveLength(2);
});

it('uses a card of T=1', async () => {
  const { served, card, ipad, order } = await setting('1.2', {}, { protocol: 'T=1' });
  const id = await order(enable(ICCID1));
  await ipad.poll();
  expect(await served.eim.operator.orderView(id)).toMatchObject({ status: 'done' });
  expect(await commandsOf(card)).toContain('FETCH');
});

it('goes on with a card that was pulled and put in again between two cycles', async () => {
  const { card, ipad, lines } = await setting('1.2');
  await ipad.poll();
  await card.pull();
  await card.insert();
  await ipad.poll();
  expect(lines.filter((line) => line.endsWith('noPackage, removed nothing'))).toHaveLength(2);
  await card.pull();
  await expect(ipad.poll()).rejects.toMatchObject({ code: 'ipad-card-gone' });
});
