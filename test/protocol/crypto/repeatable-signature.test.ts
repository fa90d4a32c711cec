import { createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateEcKeyPair, verifyEcdsaDer } from '../../../src/protocol/crypto/ecdsa.js';
import { signRepeatably } from '../../../src/protocol/crypto/repeatable-signature.js';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** RFC 6979 A.2.5, P-256. */
const KEY = createPrivateKey({
  key: Buffer.concat([
    bytes('30310201010420c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'),
    bytes('a00a06082a8648ce3d030107'),
  ]),
  format: 'der',
  type: 'sec1',
});
const hexOf = (number: string): string => `0221 00${number}`.replace(' ', '');

describe('signRepeatably', () => {
  it('makes the signatures of RFC 6979 A.2.5', () => {
    const sample = Buffer.from(signRepeatably(KEY, Buffer.from('sample'))).toString('hex');
    expect(sample).toBe(
      `3046${hexOf('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716')}` +
        hexOf('f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8'),
    );
    const test = Buffer.from(signRepeatably(KEY, Buffer.from('test'))).toString('hex');
    expect(test).toBe(
      `3045${hexOf('f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367')}` +
        '0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
    );
  });

  it.each(['P-256', 'brainpoolP256r1'] as const)(
    'is verified by OpenSSL, and repeats itself: %s',
    (curve) => {
      for (let nr = 0; nr < 20; nr += 1) {
        const { privateKey, publicKey } = generateEcKeyPair(curve);
        const data = bytes('00'.repeat(nr) + '5a');
        const signature = signRepeatably(privateKey, data);
        expect(verifyEcdsaDer(publicKey, data, signature)).toBe(true);
        expect(verifyEcdsaDer(publicKey, bytes('ff'), signature)).toBe(false);
        expect(signRepeatably(privateKey, data)).toEqual(signature);
      }
    },
  );
});
