/** The public key of an eIM, out of its eimPublicKeyData. */
import type { KeyObject } from 'node:crypto';
import { tlv } from '../../protocol/asn1/index.js';
import { publicKeyFromSpki } from '../../protocol/crypto/ecdsa.js';
import { parseCertificate } from '../../protocol/pki/certificate.js';
import type { Defects } from './defects.js';
import type { AssociatedEim } from './state.js';
import { readOne } from '../tlv/reader.js';
import { unhex } from '../tlv/writer.js';

/**
 * @param data contents of A5: `A0` with the inside of a SubjectPublicKeyInfo, `A1` with that of a Certificate.
 * @returns undefined when it is no key on a curve of eSIM.
 */
export function publicKeyOf(data: string): KeyObject | undefined {
  try {
    const { tag, content } = readOne(unhex(data));
    const whole = tlv(0x30, content);
    return tag === 0xa1 ? parseCertificate(whole).publicKey : publicKeyFromSpki(whole);
  } catch {
    return undefined;
  }
}

/** Keys that were parsed once; parsing a certificate is the slow part of a package. */
export class EimKeys {
  readonly #known = new Map<string, KeyObject>();

  constructor(private readonly defects: Defects) {}

  keyFor(eim: AssociatedEim): KeyObject | undefined {
    const data = eim.eimPublicKeyData;
    if (data === undefined) return undefined;
    if (data.startsWith('A1') && this.defects.has('eim-certificate-unusable')) return undefined;
    const name = this.defects.has('old-key-kept-in-cache') ? eim.eimId : `${eim.eimId} ${data}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const key = publicKeyOf(data);
    if (this.#known.size > 256) this.#known.clear();
    if (key !== undefined) this.#known.set(name, key);
    return key;
  }
}
