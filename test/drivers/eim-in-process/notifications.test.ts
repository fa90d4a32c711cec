import { expect, test } from 'vitest';
import { inProcessNotifications } from '../../../drivers/eim-in-process/index.js';

const ONE = Uint8Array.of(0x30, 0x01, 0x01);
const TWO = Uint8Array.of(0x30, 0x01, 0x02);
const is = (wanted: Uint8Array) => (data: Uint8Array) => Buffer.from(data).equals(wanted);
const any = (): boolean => true;

test('a notification comes to whoever wants it, before or after it is asked for', async () => {
  const smdp = inProcessNotifications(['smdp.example.com']);
  const waiting = smdp.next(is(TWO), 60_000);
  await smdp.deliver('smdp.example.com', ONE);
  await smdp.deliver('smdp.example.com', TWO);
  expect((await waiting)?.data).toEqual(TWO);
  expect(smdp.waiting).toBe(1);
  expect((await smdp.next(any, 60_000))?.data).toEqual(ONE);
  expect(await smdp.next(any, 1)).toBeUndefined();
});

test('another SM-DP+, one that refuses and one that is away do not take it', async () => {
  const smdp = inProcessNotifications(['smdp.example.com', 'second.example.com']);
  const refusal = { code: 'unreachable' };
  await expect(smdp.deliver('elsewhere.example.com', ONE)).rejects.toMatchObject(refusal);
  expect(smdp.waiting).toBe(0);
  smdp.setState('refusing', any);
  await expect(smdp.deliver('second.example.com', ONE)).rejects.toMatchObject(refusal);
  // A sequence sees that it came.
  expect((await smdp.next(any, 60_000))?.events).toMatchObject([
    { text: 'notification for second.example.com, answered 503' },
  ]);
  smdp.setState('listening', any);
  await smdp.deliver('second.example.com', ONE);
  expect((await smdp.next(any, 60_000))?.data).toEqual(ONE);
});

test('who waits when it closes waits no longer', async () => {
  const smdp = inProcessNotifications(['smdp.example.com']);
  const waiting = smdp.next(any, 60_000);
  await smdp.close();
  expect(await waiting).toBeUndefined();
  await expect(smdp.next(any, 60_000, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
});
