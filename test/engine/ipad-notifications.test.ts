import { expect, it, onTestFinished } from 'vitest';
import { listenEs9 } from '../../drivers/es9-listener/index.js';
import type { NotificationListener } from '../../drivers/eim-contract.js';
import { play, POLL, told } from './support/ipad-sequence.js';

/** `SEQUENCE { BF2F { 80 01 01 } }`: enough of an OtherSignedNotification for a listener. */
const NOTIFICATION = Buffer.from('3006BF2F03800101', 'hex');
const TAKES = '- name: it comes\n  IPAd -> S_SM-DP+: { http: { answered: "ANSWERED" } }\n  rq: [RQ-ONE]\n';
const took = (answered: string): string => TAKES.replace('ANSWERED', answered);

async function listener(): Promise<NotificationListener> {
  const made = await listenEs9({ host: '127.0.0.1', port: 0, plain: true });
  onTestFinished(() => made.close());
  return made;
}

/** @returns the status with which the S_SM-DP+ met it. */
async function deliver({ address }: NotificationListener): Promise<number> {
  const { status } = await fetch(`http://${address}/gsma/rsp2/es9plus/handleNotification`, {
    method: 'POST',
    body: JSON.stringify({ pendingNotification: NOTIFICATION.toString('base64') }),
  });
  return status;
}

it('listens again after it has refused', async () => {
  const at = await listener();
  const met: number[] = [];
  const { run } = await play(
    `- S_SM-DP+: refusing\n${POLL}${took('503')}- S_SM-DP+: listening\n${POLL}${took('204')}`,
    async () => {
      met.push(await deliver(at));
    },
    (driver) => {
      driver.notifications = at;
    },
  );
  expect(told(run)).toEqual(['PASS']);
  expect(met).toEqual([503, 204]);
});

it('forgets what an earlier sequence left, and listens', async () => {
  const at = await listener();
  expect(await deliver(at)).toBe(204);
  const { run } = await play(
    took('204'),
    () => Promise.resolve(),
    (driver) => {
      driver.notifications = at;
    },
  );
  expect(told(run)).toEqual(['FAIL', 'timeout']);
});
