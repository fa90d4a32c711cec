/** What the worst messages cost in memory and time, measured. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_LIMITS,
  decode,
  hexToBytes,
  reencode,
  renderTree,
  tlv,
  toText,
} from '../../../src/protocol/asn1/index.js';
import { typeByName } from '../../../src/protocol/types/index.js';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

const repeated = (hex: string, size: number): Uint8Array =>
  hexToBytes(hex.repeat(Math.floor((2 * size) / hex.length))) ?? expect.fail('no hex');

const SIZE = 64_000;

const nested = (tag: number, depth: number): Uint8Array => {
  let bytes: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < depth; i++) bytes = tlv(tag, bytes);
  return bytes;
};

/** [what, type, bytes] */
const WORST: readonly (readonly [string, string, Uint8Array])[] = [
  ['empty Profiles', 'ProfileInfoListResponse', tlv(0xbf2d, tlv(0xa0, repeated('E300', SIZE)))],
  ['Profiles of one unknown', 'ProfileInfoListResponse', tlv(0xbf2d, tlv(0xa0, repeated('E302DF01', SIZE)))],
  [
    'empty notifications',
    'RetrieveNotificationsListResponse',
    tlv(0xbf2b, tlv(0xa0, repeated('3000', SIZE))),
  ],
  ['empty octet strings', 'EUICCInfo1', tlv(0xbf20, tlv(0xa9, repeated('0400', SIZE)))],
  ['short octet strings', 'EUICCInfo1', tlv(0xbf20, tlv(0xa9, repeated('0401AA', SIZE)))],
  ['wrong elements', 'EUICCInfo1', tlv(0xbf20, tlv(0xa9, repeated('3000', SIZE)))],
  [
    'empty results',
    'EuiccPackageResult',
    tlv(0xbf51, tlv(0xa0, tlv(0x30, tlv(0x30, repeated('8300', SIZE))))),
  ],
  ['unknown elements', 'EUICCInfo1', tlv(0xbf20, repeated('9900', SIZE))],
  ['a million unknown elements', 'EUICCInfo1', tlv(0xbf20, repeated('9900', 2_000_000))],
  ['unknown elements between doubles', 'EUICCInfo1', tlv(0xbf20, repeated('82009900', SIZE))],
  ['long tags', 'EUICCInfo1', tlv(0xbf20, repeated('9F81810000', SIZE))],
  ['longer tags', 'EUICCInfo1', tlv(0xbf20, repeated('9F', SIZE))],
  ['a deep nest', 'EUICCInfo1', nested(0xbf20, 5000)],
  ['a deep nest of arms', 'EuiccPackageResult', tlv(0xbf51, nested(0xa0, 5000))],
  ['a huge INTEGER', 'NotificationSentRequest', tlv(0xbf30, tlv(0x80, repeated('7F', 1_000_000)))],
  ['a huge text', 'SetDefaultDpAddressRequest', tlv(0xbf65, tlv(0x80, repeated('FF', 1_000_000)))],
  ['a huge BIT STRING', 'ListNotificationRequest', tlv(0xbf28, tlv(0x81, repeated('00', 1_000_000)))],
  [
    'a huge OBJECT IDENTIFIER',
    'CancelSessionResponse',
    tlv(0xbf41, tlv(0xa0, tlv(0x30, tlv(0x81, repeated('FF', 1_000_000))))),
  ],
  ['zeros', 'EuiccPackageRequest', repeated('00', 1_000_000)],
];

const ROUNDS = 4;

/** Bytes that `make` leaves behind, on average. */
function kept(make: () => unknown): number {
  const keep: unknown[] = [];
  collect();
  const before = process.memoryUsage();
  for (let i = 0; i < ROUNDS; i++) keep.push(make());
  collect();
  const after = process.memoryUsage();
  expect(keep).toHaveLength(ROUNDS);
  return (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / ROUNDS;
}

describe('the worst messages', () => {
  it.each(WORST)('%s (%s) stay within the bounds', (_what, name, bytes) => {
    const type = typeByName('1.2', name);
    const warm = decode(type, bytes);
    expect(warm.findings.length).toBeLessThanOrEqual(DEFAULT_LIMITS.maxFindings + 1);

    const decoded = decode(type, bytes);
    const paths = decoded.findings.map((f) => f.path);
    expect(paths.every((p) => p.length < 300)).toBe(true);

    // A text of a million characters is its own size, and what is copied for a new outer tag is bounded by the input.
    const own = name === 'SetDefaultDpAddressRequest' ? 2.5 * bytes.length : 0;
    expect(kept(() => decode(type, bytes))).toBeLessThan(1.3e6 + own);
    expect(kept(() => decode(type, bytes).node)).toBeLessThan(3e6 + own);
    expect(Buffer.compare(reencode(decoded), bytes)).toBe(0);
    if (decoded.node !== undefined) expect(renderTree(decoded.node).length).toBeLessThan(3e6);
    toText(type, decoded.value);
  });

  it('paths of many elements are found and made without a walk over all of them', () => {
    const type = typeByName('1.2', 'ProfileInfoListResponse');
    const { node } = decode(type, tlv(0xbf2d, tlv(0xa0, repeated('E3039F7000', 40_000))));
    const list = node?.at('profileInfoListOk')?.children ?? expect.fail('no list');
    expect(list.length).toBeGreaterThan(4000);
    expect(list[4000]?.children?.[0]?.path).toBe(
      'profileInfoListResponse.profileInfoListOk[4000].profileState',
    );
    expect(node?.at('profileInfoListOk[4000].profileState')).toBe(list[4000]?.children?.[0]);
    expect(node?.at('profileInfoListOk.4000')).toBe(list[4000]);
    expect(node?.at('profileInfoListOk[99999]')).toBeUndefined();
    expect(node?.at('profileInfoListOk.name')).toBeUndefined();
    for (const item of list) expect(item.path.length).toBeGreaterThan(0);
  });
});
