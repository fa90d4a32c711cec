/** Walks through how results and notifications reach the eIM, and what they may change. */
import { bytes, hex, ICCID1, ICCID2, int, t, text, type Device } from './bench.js';
import { codeOf, type Walk } from './walk.js';

const enable = { operation: 'enable', iccid: ICCID1 } as const;
const list = { operation: 'listProfileInfo' } as const;
const OK = int('83', 0);
const listed = (iccid: string, state: number): string =>
  t('BF2D', t('A0', t('E3', t('5A', iccid), int('9F70', state))));

/** Results over connections of others, of nobody, and of no choice that there is. */
export async function ways(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  const [one, two] = [await walk.device(eim, 1), await walk.device(eim, 2)];
  await one.order(enable);
  await one.poll();
  const connection = {};
  const over = async (message: string): Promise<string> =>
    hex((await eim.handleEsipa(bytes(message), connection)) ?? new Uint8Array(0));
  await over(t('BF4F', t('5A', two.eid)));
  walk.say('unknown choice', await one.provide('BF5500').catch(codeOf));
  walk.say('of nobody', await over(t('BF50', t('A0', int('02', 2)))));
  walk.say('over another', await over(t('BF50', t('5A', one.eid), one.result(OK))));
  await walk.state(one);
  await two.order(enable);
  await two.poll();
  walk.say('inside', await two.send(t('BF3D', t('BF50', t('5A', two.eid), two.result(OK)))));
}

/** Results that nobody waits for, or not any more. */
export async function lateResults(walk: Walk): Promise<void> {
  const eim = await walk.eim({ refuseNeedless: true });
  const device = await walk.device(eim, 1);
  await device.order(list);
  await device.run(listed(ICCID1, 1));
  await walk.attempt('needless', () => device.order(enable));
  await walk.tell(device, device.result(listed(ICCID2, 1), { counter: 500, transaction: null }));
  await walk.state(device);
  await device.order({ ...enable, iccid: ICCID2, rollbackFlag: true });
  await device.poll();
  await walk.tell(device, device.result(OK));
  await walk.tell(device, device.result(OK + int('8C', 0)));
  await walk.state(device);
  await device.order({ operation: 'listEim' });
  await device.poll();
  await walk.tell(device, device.result(t('AB', 'A000')));
  const { id } = await device.request({ kind: 'profileDownload' });
  await device.poll();
  await walk.tell(device, t('BF54', t('30', int('80', 127), t('04', '0102'))));
  walk.say('errorResponse', (await eim.operator.orderView(id)).errorResponse ?? 'none');
}

/** Notifications for two SM-DP+, of which one is away; one of them twice. */
export async function addresses(walk: Walk): Promise<void> {
  const sent: string[] = [];
  const forward = async (address: string): Promise<void> => {
    if (address === 'away.example.com') throw new Error('nobody');
    sent.push(address);
  };
  const eim = await walk.eim({ forward, retryMs: 60_000 });
  const device = await walk.device(eim, 1);
  const notify = (seq: number, address: string): Promise<void> =>
    walk.attempt(text('0C', address), () =>
      device.send(t('BF3D', t('A0', device.notification(seq, address)))),
    );
  await notify(1, 'smdp.example.com');
  await notify(2, 'other.example.com');
  await notify(2, 'other.example.com');
  await notify(3, 'away.example.com');
  await settled(device, 1);
  await walk.state(device);
  await eim.close();
  walk.say('sent', sent);
}

/** Until no more than that many wait. */
async function settled(device: Device, left: number): Promise<void> {
  for (let turn = 0; turn < 50 && (await device.view()).notificationsToForward > left; turn++)
    await new Promise((resolve) => setImmediate(resolve));
}
