/** EuiccPackageResult as it comes from an eUICC (SGP.32 2.11.2.1). */
import { Malformed, type Tlv } from '../tlv/reader.js';
import { elements, Members, oneElement } from './ber.js';

interface Signed {
  /** euiccPackageResultDataSigned or euiccPackageErrorDataSigned, the whole element as it came. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly eimId: string;
  readonly counterValue: number;
  readonly eimTransactionId: string | undefined;
}

export interface ResultSigned extends Signed {
  readonly arm: 'euiccPackageResultSigned';
  readonly seqNumber: number;
  /** EuiccResultData, one an operation. */
  readonly results: readonly Tlv[];
}

export interface ErrorSigned extends Signed {
  readonly arm: 'euiccPackageErrorSigned';
  readonly code: number;
}

export interface ErrorUnsigned {
  readonly arm: 'euiccPackageErrorUnsigned';
  readonly eimId: string;
  readonly eimTransactionId: string | undefined;
  readonly associationToken: number | undefined;
  /** v1.3 tells one. */
  readonly code: number | undefined;
}

export type PackageResult = ResultSigned | ErrorSigned | ErrorUnsigned;

/** @param content of BF51. @throws {Malformed} */
export function readPackageResult(content: Uint8Array): PackageResult {
  const arm = oneElement(content);
  if (arm.tag === 0xa2) return readUnsigned(arm.content);
  if (arm.tag !== 0xa0 && arm.tag !== 0xa1) throw new Malformed('no arm of EuiccPackageResult');
  const [data, signature] = elements(arm.content);
  if (data?.tag !== 0x30 || signature?.tag !== 0x5f37) throw new Malformed('not data and signature');
  const members = new Members(
    data.content,
    arm.tag === 0xa0 ? [0x80, 0x81, 0x82, 0x83, 0x30] : [0x80, 0x81, 0x82, 0x02],
  );
  const signed: Signed = {
    data: data.raw,
    signature: signature.content,
    eimId: needed(members.text(0x80)),
    counterValue: needed(members.integer(0x81)),
    eimTransactionId: members.hex(0x82),
  };
  if (arm.tag === 0xa1)
    return { arm: 'euiccPackageErrorSigned', ...signed, code: needed(members.integer(0x02)) };
  return {
    arm: 'euiccPackageResultSigned',
    ...signed,
    seqNumber: needed(members.integer(0x83)),
    results: elements(needed(members.content(0x30))),
  };
}

function readUnsigned(content: Uint8Array): ErrorUnsigned {
  const members = new Members(content, [0x80, 0x82, 0x84, 0x8f]);
  return {
    arm: 'euiccPackageErrorUnsigned',
    eimId: needed(members.text(0x80)),
    eimTransactionId: members.hex(0x82),
    associationToken: members.integer(0x84),
    code: members.integer(0x8f),
  };
}

/** For a mandatory member. @throws {Malformed} */
export function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new Malformed('a mandatory element is missing');
  return value;
}
