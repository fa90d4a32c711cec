/** An eIM for the tests: signs with node:crypto directly, and checks results the same way. */
import { sign, verify, type KeyObject } from 'node:crypto';
import { expect } from 'vitest';
import { concat, encode, topLevel, tlv } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { EuiccPackageSigned, type Eco, type Psmo } from '../../../src/protocol/types/esep.js';
import { EuiccPackageResult } from '../../../src/protocol/types/esep-result.js';
import { type EimConfigurationData } from '../../../src/protocol/types/es10-data.js';
import { AddInitialEimRequest } from '../../../src/protocol/types/es10.js';
import { bytes, clean, EID, type Terminal } from './terminal.js';

const pki = loadPkiFolder();

export interface PackageOptions {
  readonly counter?: number;
  readonly eid?: string;
  readonly eimId?: string;
  readonly transactionId?: string;
  /** For the signature input; undefined: the eIM's own. Null: no token at all. */
  readonly token?: number | null;
  readonly key?: KeyObject;
  /** Replaces the signature. */
  readonly signature?: Uint8Array;
  /** Replaces the whole list: A0 or A1. */
  readonly list?: Uint8Array;
}

export class TestEim {
  counter = 1;
  token = 0;

  /** @param euiccCi the CI whose eUICC key signs the results. */
  constructor(
    readonly eimId = 'testeim1',
    readonly identity = 'S_EIMsign_ECDSA_NIST',
    readonly euiccCi = 'NIST',
  ) {}

  get key(): KeyObject {
    return pki.privateKey(this.identity);
  }

  get certificate(): Uint8Array {
    return pki.certificate(this.identity).der;
  }

  /** What AddInitialEim and addEim want. */
  configuration(more: Partial<EimConfigurationData> = {}): EimConfigurationData {
    return {
      eimId: this.eimId,
      counterValue: this.counter,
      eimPublicKeyData: { eimPublicKey: pki.certificate(this.identity).spki },
      ...more,
    };
  }

  associate(terminal: Terminal, more: Partial<EimConfigurationData> = {}): string {
    const request = { eimConfigurationDataList: [this.configuration(more)] };
    const answer = terminal.ask(encode(AddInitialEimRequest, request));
    const token = /^BF57..A0..84(?:01|02|03)(.+)$/.exec(answer)?.[1];
    if (token !== undefined) this.token = Number.parseInt(token, 16);
    return answer;
  }

  psmos(psmoList: Psmo[], options: PackageOptions = {}): Uint8Array {
    return this.pack({ psmoList }, options);
  }

  ecos(ecoList: Eco[], options: PackageOptions = {}): Uint8Array {
    return this.pack({ ecoList }, options);
  }

  private pack(euiccPackage: { psmoList: Psmo[] } | { ecoList: Eco[] }, o: PackageOptions): Uint8Array {
    const value: EuiccPackageSigned = {
      eimId: o.eimId ?? this.eimId,
      eidValue: bytes(o.eid ?? EID),
      counterValue: o.counter ?? ++this.counter,
      euiccPackage,
      ...(o.transactionId === undefined ? {} : { eimTransactionId: bytes(o.transactionId) }),
    };
    let signed = encode(EuiccPackageSigned, value);
    if (o.list !== undefined) {
      const parts = topLevel(topLevel(signed)[0]?.content ?? new Uint8Array(0)).slice(0, -1);
      signed = tlv(0x30, concat([...parts.map((p) => p.raw), o.list]));
    }
    const signature =
      o.signature ??
      signPlain(o.key ?? this.key, signatureInput(signed, o.token === undefined ? this.token : o.token));
    return tlv(0xbf51, concat([signed, tlv(0x5f37, signature)]));
  }

  /** Sends a package and returns the result, its signature verified. */
  load(terminal: Terminal, request: Uint8Array): EuiccPackageResult {
    return this.verified(bytes(terminal.ask(request)));
  }

  verified(response: Uint8Array): EuiccPackageResult {
    const result = clean(EuiccPackageResult, response);
    const arm = topLevel(topLevel(response)[0]?.content ?? new Uint8Array(0))[0];
    if (result.euiccPackageErrorUnsigned === undefined) {
      const [data, signature] = topLevel(arm?.content ?? new Uint8Array(0));
      const input = signatureInput(data?.raw ?? new Uint8Array(0), this.token);
      const key = pki.certificate(`EUICC_ECDSA_${this.euiccCi}`).publicKey;
      expect(
        verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature?.content ?? new Uint8Array(0)),
      ).toBe(true);
    }
    return result;
  }

  /** The euiccResult of a package that was executed. */
  run(terminal: Terminal, psmoList: Psmo[], options: PackageOptions = {}): unknown[] {
    return resultsOf(this.load(terminal, this.psmos(psmoList, options)));
  }

  runEcos(terminal: Terminal, ecoList: Eco[], options: PackageOptions = {}): unknown[] {
    return resultsOf(this.load(terminal, this.ecos(ecoList, options)));
  }
}

export const resultsOf = (result: EuiccPackageResult): unknown[] =>
  result.euiccPackageResultSigned?.euiccPackageResultDataSigned.euiccResult ?? expect.fail('not executed');

export const errorOf = (result: EuiccPackageResult): unknown =>
  result.euiccPackageErrorSigned?.euiccPackageErrorDataSigned.euiccPackageErrorCode ??
  expect.fail('no signed error');

export const signPlain = (key: KeyObject, data: Uint8Array): Uint8Array =>
  new Uint8Array(sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }));

/** Data TLV and association token TLV, by hand. */
export function signatureInput(data: Uint8Array, token: number | null): Uint8Array {
  if (token === null) return data;
  expect(token).toBeLessThan(128);
  return concat([data, Uint8Array.of(0x84, 0x01, token)]);
}

export const ciPkId = (curve: 'NIST' | 'BRP'): Uint8Array =>
  bytes(pki.certificate(`CI_ECDSA_${curve}`).skiHex ?? '');

export const enable = (iccid: string, rollbackFlag = false): Psmo => ({
  enable: rollbackFlag ? { iccid: bytes(iccid), rollbackFlag: null } : { iccid: bytes(iccid) },
});
export const disable = (iccid: string): Psmo => ({ disable: { iccid: bytes(iccid) } });
export const remove = (iccid: string): Psmo => ({ delete: { iccid: bytes(iccid) } });
