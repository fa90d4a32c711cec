import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkEcdsa,
  curveOf,
  generateEcKeyPair,
  pointOf,
  privateKeyFromPem,
  publicKeyFromPoint,
  publicKeyFromSpki,
  signEcdsa,
  spkiOf,
  verifyEcdsa,
  type Curve,
} from '../../../src/protocol/crypto/ecdsa.js';
import { Sgp33Error } from '../../../src/protocol/errors.js';

const CURVES: Curve[] = ['P-256', 'brainpoolP256r1'];
const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');

// The published SGP.26 eUICC test keys (public halves).
const SGP26_SPKI = {
  'P-256':
    '3059301306072a8648ce3d020106082a8648ce3d030107034200046db3f53adc87dc2ff10c7bfcd87ad13ae97009afa065a6757ee571b3f2ebb18f46c1d68f3edeb0e74b2e5d542051e7d27f50952028605afdef79fe9fffd03959',
  brainpoolP256r1:
    '305a301406072a8648ce3d020106092b2403030208010107034200043e590c38a9c256315ecff3291416dd335409a666fd41b3b51e5e5114f343abf0a26774c6c26c48753afe283643227bb6608cd261cc972d374a479124ebf27722',
};

describe.each(CURVES)('%s', (curve) => {
  const { privateKey, publicKey } = generateEcKeyPair(curve);
  const data = Buffer.from('euiccPackageSigned and associationToken');

  it('signs r || s in 64 bytes that verify, with the private key, too, as the source of the public one', () => {
    const signature = signEcdsa(privateKey, data);
    expect(signature).toHaveLength(64);
    expect(checkEcdsa(publicKey, data, signature)).toEqual({ ok: true });
    expect(verifyEcdsa(publicKey, Buffer.concat([data, hex('840100')]), signature)).toBe(false);
  });

  it('names what is wrong with a signature', () => {
    const signature = signEcdsa(privateKey, data);
    const der = sign('sha256', data, privateKey);
    const reason = (bytes: Uint8Array): unknown => checkEcdsa(publicKey, data, bytes);
    expect(reason(der)).toEqual({ ok: false, reason: 'der-encoded' });
    expect(reason(signature.subarray(1))).toEqual({ ok: false, reason: 'wrong-length' });
    expect(reason(Buffer.alloc(0))).toEqual({ ok: false, reason: 'wrong-length' });
    expect(reason(Buffer.alloc(64))).toEqual({ ok: false, reason: 'does-not-verify' });
    expect(reason(Buffer.alloc(64, 0xff))).toEqual({ ok: false, reason: 'does-not-verify' });
    const flipped = Uint8Array.from(signature, (byte, index) => (index === 63 ? byte ^ 1 : byte));
    expect(reason(flipped)).toEqual({ ok: false, reason: 'does-not-verify' });
  });

  it('never throws on a foreign signature', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(verifyEcdsa(publicKey, data, bytes)).toBe(false);
      }),
    );
  });

  it('reads and writes SubjectPublicKeyInfo byte for byte', () => {
    const published = hex(SGP26_SPKI[curve]);
    const key = publicKeyFromSpki(published);
    expect(curveOf(key)).toBe(curve);
    expect(Buffer.from(spkiOf(key)).equals(published)).toBe(true);
    expect(Buffer.from(pointOf(key)).equals(published.slice(-65))).toBe(true);
    expect(spkiOf(publicKeyFromPoint(curve, pointOf(key)))).toEqual(spkiOf(key));
  });

  it('takes neither trailing bytes nor a point off the curve', () => {
    const spki = spkiOf(publicKey);
    const broken = Uint8Array.from(spki, (byte, index) => (index === spki.length - 1 ? byte ^ 1 : byte));
    for (const bytes of [Buffer.concat([spki, hex('00')]), spki.slice(0, -1), broken]) {
      expect(() => publicKeyFromSpki(bytes)).toThrow(expect.objectContaining({ code: 'key-malformed' }));
    }
  });

  it('gives the whole point of a key that came compressed', () => {
    const spki = Buffer.from(spkiOf(publicKey));
    const head = spki.subarray(0, spki.length - 65);
    const prefix = ((spki.at(-1) ?? 0) & 1) === 0 ? 2 : 3;
    const compressed = Buffer.concat([head, Buffer.of(prefix), spki.subarray(-64, -32)]);
    compressed[1] = (compressed[1] ?? 0) - 32;
    compressed[head.length - 2] = 34;
    expect(pointOf(publicKeyFromSpki(compressed))).toEqual(pointOf(publicKey));
  });

  it('loads SEC1 and PKCS#8, and SEC1 behind an EC PARAMETERS block', () => {
    const sec1 = privateKey.export({ format: 'pem', type: 'sec1' }).toString();
    const pkcs8 = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const withParameters = `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${sec1}`;
    for (const pem of [sec1, pkcs8, withParameters]) {
      expect(spkiOf(privateKeyFromPem(pem))).toEqual(spkiOf(publicKey));
    }
  });
});

it('verifies the RFC 6979 A.2.5 signature of "sample" (P-256, SHA-256)', () => {
  const point = hex(
    '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
  );
  const signature = hex(
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  );
  const key = publicKeyFromPoint('P-256', point);
  expect(verifyEcdsa(key, Buffer.from('sample'), signature)).toBe(true);
  expect(verifyEcdsa(key, Buffer.from('test'), signature)).toBe(false);
});

describe('what is no key', () => {
  it('refuses another curve and another algorithm with key-unsupported', () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    for (const { publicKey } of [p384, rsa]) {
      expect(() => publicKeyFromSpki(spkiOf(publicKey))).toThrow(
        expect.objectContaining({ code: 'key-unsupported', expected: 'P-256 or brainpoolP256r1' }),
      );
      const check = checkEcdsa(publicKey, Buffer.alloc(1), Buffer.alloc(64));
      expect(check).toEqual({ ok: false, reason: 'unsupported-key' });
    }
    expect(() => signEcdsa(p384.privateKey, Buffer.alloc(1))).toThrow(
      expect.objectContaining({ code: 'key-unsupported' }),
    );
    const { publicKey } = generateEcKeyPair('P-256');
    expect(() => signEcdsa(publicKey, Buffer.alloc(1))).toThrow(Sgp33Error);
  });

  it('names the file of a PEM that holds no usable key, and never its content', () => {
    const secret = 'c2VjcmV0';
    const garbled = `-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----`;
    for (const [pem, code] of [
      ['', 'key-malformed'],
      [garbled, 'key-malformed'],
      [garbled.replaceAll('EC PRIVATE', 'ENCRYPTED PRIVATE'), 'key-encrypted'],
    ] as const) {
      expect(() => privateKeyFromPem(pem, 'SK_X.pem')).toThrow(
        expect.objectContaining({ code, place: 'SK_X.pem' }),
      );
      expect(() => privateKeyFromPem(pem)).not.toThrow(new RegExp(secret));
    }
  });

  it('throws nothing but Sgp33Error on foreign SubjectPublicKeyInfo', () => {
    const good = spkiOf(generateEcKeyPair('P-256').publicKey);
    const mutated = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, xor]) => Uint8Array.from(good, (byte, index) => (index === at ? byte ^ xor : byte)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), mutated), (bytes) => {
        try {
          publicKeyFromSpki(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Sgp33Error);
        }
      }),
    );
  });
});
