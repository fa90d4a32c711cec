/**
 * ECDSA with SHA-256 whose random number is made from the key and the data (RFC 6979): the same certificate comes out
 * of every run, so that a device can be told before a run whom to trust. For test keys: it takes no care of timing.
 */
import { createECDH, createHash, createHmac, type KeyObject } from 'node:crypto';
import { curveOf, type Curve } from './keys.js';

const CURVES: Readonly<Record<Curve, { readonly name: string; readonly order: bigint }>> = {
  'P-256': {
    name: 'prime256v1',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  brainpoolP256r1: {
    name: 'brainpoolP256r1',
    order: 0xa9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7n,
  },
};
const LENGTH = 32;

/** @returns the SEQUENCE of two INTEGERs that certificates carry. */
export function signRepeatably(privateKey: KeyObject, data: Uint8Array): Uint8Array {
  const { name, order } = CURVES[curveOf(privateKey)];
  const secret = secretOf(privateKey);
  const digest = createHash('sha256').update(data).digest();
  const z = numberOf(digest);
  for (const candidate of candidates(secret, bytesOf(z % order))) {
    const k = numberOf(candidate);
    if (k === 0n || k >= order) continue;
    const ecdh = createECDH(name);
    ecdh.setPrivateKey(candidate);
    // 04, X, Y.
    const r = numberOf(ecdh.getPublicKey().subarray(1, 1 + LENGTH)) % order;
    const s = (inverse(k, order) * (z + r * numberOf(secret))) % order;
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s));
  }
  throw new Error('unreachable: there is no end of candidates');
}

/** The private number: the OCTET STRING behind the version of an ECPrivateKey (RFC 5915 3). */
function secretOf(key: KeyObject): Buffer {
  const der = key.export({ format: 'der', type: 'sec1' });
  return der.subarray(7, 7 + LENGTH);
}

/** RFC 6979 3.2, steps b to h. */
function* candidates(secret: Buffer, hash: Buffer): Generator<Buffer> {
  const mac = (key: Buffer, ...parts: Uint8Array[]): Buffer =>
    createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  let value: Buffer = Buffer.alloc(LENGTH, 1);
  let key: Buffer = Buffer.alloc(LENGTH, 0);
  for (const step of [0, 1]) {
    key = mac(key, value, Buffer.of(step), secret, hash);
    value = mac(key, value);
  }
  for (;;) {
    value = mac(key, value);
    yield value;
    key = mac(key, value, Buffer.of(0));
    value = mac(key, value);
  }
}

/** Of a number to a prime order: the extended algorithm of Euclid. */
function inverse(number: bigint, order: bigint): bigint {
  let [a, b] = [number, order];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % order) + order) % order;
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(2 * LENGTH, '0'), 'hex');

/** DER of a positive number below 2^256. */
function integer(number: bigint): Buffer {
  const digits = number.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const content = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, content.length), content]);
}

function sequence(...parts: Buffer[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Uint8Array.from(Buffer.concat([Buffer.of(0x30, content.length), content]));
}
