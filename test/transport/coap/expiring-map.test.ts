import { expect, it } from 'vitest';
import { ExpiringMap } from '../../../src/transport/coap/expiring-map.js';

it('forgets what is older than its lifetime, and a new value begins a new one', () => {
  let now = 0;
  const map = new ExpiringMap<string>(10, 100, () => now);
  map.set('a', '1');
  now = 60;
  map.set('b', '2');
  map.set('a', '3');
  now = 159;
  expect([map.get('a'), map.get('b'), map.size]).toEqual(['3', '2', 2]);
  now = 160;
  expect([map.get('a'), map.get('b'), map.size]).toEqual([undefined, undefined, 0]);
});

it('holds no more than its limit: the oldest goes', () => {
  const map = new ExpiringMap<number>(3, 100, () => 0);
  for (let key = 0; key < 1000; key += 1) map.set(key, key);
  expect([map.size, map.get(996), map.get(997), map.get(999)]).toEqual([3, undefined, 997, 999]);
  map.delete(999);
  map.clear();
  expect(map.size).toBe(0);
});
