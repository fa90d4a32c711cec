/** EuiccPackageRequest as the card reads it: its parts as they came, the list of operations unopened (SGP.32 2.11.1.1). */
import { Malformed, must, readFields, type Tlv } from '../../tlv/reader.js';
import { hex } from '../../tlv/writer.js';

export interface PackageRequest {
  /** `30 ...`: the bytes that were signed. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** The element `5F37` as it came. */
  readonly signatureElement: Uint8Array;
  readonly eimId: string;
  /** Elements `80`, `81`, `82` as they came, for the answer. */
  readonly eimIdElement: Uint8Array;
  readonly counterElement: Uint8Array;
  readonly transactionElement: Uint8Array | undefined;
  readonly transactionId: string | undefined;
  readonly eid: string;
  readonly counterValue: number;
  readonly kind: 'psmoList' | 'ecoList';
  /** Contents of the list; damage in it is found when it is executed. */
  readonly operations: Uint8Array;
  /** Bytes of the whole request. */
  readonly size: number;
}

/** @param mixed takes the psmoList when both lists are there. @throws {Malformed} */
export function readPackageRequest(request: Tlv, mixed: boolean): PackageRequest {
  const outer = readFields(request.content, [0x30, 0x5f37]);
  const signed = must(outer.element(0x30));
  const f = readFields(signed.content, [0x80, 0x5a, 0x81, 0x82, 0xa0, 0xa1]);
  const psmos = f.octets(0xa0);
  const ecos = f.octets(0xa1);
  if (psmos !== undefined && ecos !== undefined && !mixed) throw new Malformed('psmoList and ecoList');
  const transactionId = f.octets(0x82, 1, 16);
  return {
    signed: signed.raw,
    signature: must(outer.octets(0x5f37)),
    signatureElement: must(outer.element(0x5f37)).raw,
    eimId: must(f.text(0x80, 1, 128)),
    eimIdElement: must(f.element(0x80)).raw,
    counterElement: must(f.element(0x81)).raw,
    transactionElement: f.element(0x82)?.raw,
    transactionId: transactionId === undefined ? undefined : hex(transactionId),
    eid: hex(must(f.octets(0x5a, 16, 16))),
    counterValue: must(f.integer(0x81)),
    kind: psmos === undefined ? 'ecoList' : 'psmoList',
    operations: must(psmos ?? ecos),
    size: request.raw.length,
  };
}
