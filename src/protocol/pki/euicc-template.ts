/**
 * eUICC certificates that differ in EID, key and serial number only: one is made the long way, and its bytes are the form
 * for all that follow. A test run makes a device for each sequence, and building the structure is most of the time.
 */
import { sign, type KeyObject } from 'node:crypto';
import { concat, tlv } from '../asn1/index.js';
import { spkiOf } from '../crypto/ecdsa.js';
import { encodeTbs, type CertificateToIssue } from './issue.js';

/** ecdsa-with-SHA256 (RFC 5758 3.2). */
const ECDSA_WITH_SHA256 = Uint8Array.from(Buffer.from('300A06082A8648CE3D040302', 'hex'));

/** What is put in; each has the length that it had in the first. */
export interface EuiccPart {
  readonly serial: Uint8Array;
  /** 32 digits. */
  readonly eid: string;
  readonly subjectKey: KeyObject;
  readonly keyIdentifier: Uint8Array;
}

export class EuiccTemplate {
  readonly #tbs: Buffer;
  readonly #at: Readonly<Record<'serial' | 'eid' | 'spki' | 'ski', number>>;

  /** @param request of the first certificate. @param part its own parts. */
  constructor(request: CertificateToIssue, part: EuiccPart) {
    this.#tbs = Buffer.from(encodeTbs(request));
    const find = (bytes: Uint8Array): number => {
      const at = this.#tbs.indexOf(bytes);
      // Once and only once: a form with two places for one part is none.
      if (at < 0 || this.#tbs.indexOf(bytes, at + 1) >= 0) throw new TypeError('no form for a certificate');
      return at;
    };
    this.#at = {
      serial: find(part.serial),
      eid: find(Buffer.from(part.eid, 'latin1')),
      spki: find(spkiOf(part.subjectKey)),
      ski: find(part.keyIdentifier),
    };
  }

  /** @returns DER, signed with `issuerKey`. */
  issue(part: EuiccPart, issuerKey: KeyObject): Uint8Array {
    const tbs = Buffer.from(this.#tbs);
    tbs.set(part.serial, this.#at.serial);
    tbs.write(part.eid, this.#at.eid, 'latin1');
    tbs.set(spkiOf(part.subjectKey), this.#at.spki);
    tbs.set(part.keyIdentifier, this.#at.ski);
    const signature = sign('sha256', tbs, { key: issuerKey, dsaEncoding: 'der' });
    return tlv(0x30, concat([tbs, ECDSA_WITH_SHA256, tlv(0x03, concat([Uint8Array.of(0), signature]))]));
  }
}
