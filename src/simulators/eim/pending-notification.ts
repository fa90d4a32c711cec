/** PendingNotification as it comes from an IPA (SGP.22 5.7.10, SGP.32 6.3.2.4). */
import { Malformed, readOne, type Tlv } from '../tlv/reader.js';
import { hex, wrap } from '../tlv/writer.js';
import { elements, integerOf, Members } from './ber.js';
import { needed } from './package-result.js';

export interface PendingNotification {
  readonly raw: Uint8Array;
  readonly seqNumber: number;
  /** notificationAddress; undefined for a compact PIR, which has none. */
  readonly address: string | undefined;
  /** DER hex, of an OtherSignedNotification. */
  readonly euiccCertificate: string | undefined;
  /** Hex, out of a compact form. */
  readonly eidValue: string | undefined;
  /** What the full form is made of, for a CompactOtherSignedNotification. */
  readonly compact: readonly Uint8Array[] | undefined;
  /** Of a ProfileInstallationResult: what became of it. */
  readonly installation: Installation | undefined;
}

export interface Installation {
  readonly installed: boolean;
  readonly errorReason: number | undefined;
}

/** @throws {Malformed} */
export function readPendingNotification({ tag, raw, content }: Tlv): PendingNotification {
  const plain = {
    raw,
    euiccCertificate: undefined,
    eidValue: undefined,
    compact: undefined,
    installation: undefined,
  };
  switch (tag) {
    case 0xbf37:
      return { ...plain, ...installationResult(content) };
    case 0x30: {
      const [tbs, , euicc] = elements(content);
      if (tbs?.tag !== 0xbf2f) throw new Malformed('no tbsOtherNotification');
      return {
        ...plain,
        ...metadata(tbs.content),
        euiccCertificate: euicc?.tag === 0x30 ? hex(euicc.raw) : undefined,
      };
    }
    case 0xa0: {
      const data = needed(new Members(content, [0xa0, 0x5f37]).content(0xa0));
      const members = new Members(data, [0x80, 0x02, 0x01, 0xa2]);
      return { ...plain, seqNumber: needed(members.integer(0x02)), address: undefined };
    }
    case 0xa1: {
      const members = new Members(content, [0x5a, 0xbf2f, 0x5f37]);
      const tbs = needed(members.element(0xbf2f));
      const signature = needed(members.element(0x5f37));
      const eidValue = members.hex(0x5a);
      return { ...plain, ...metadata(tbs.content), eidValue, compact: [tbs.raw, signature.raw] };
    }
    default:
      throw new Malformed('no PendingNotification');
  }
}

/** NotificationMetadata. */
function metadata(content: Uint8Array): { seqNumber: number; address: string } {
  const members = new Members(content, [0x80, 0x81, 0x0c, 0x5a]);
  return { seqNumber: needed(members.integer(0x80)), address: needed(members.text(0x0c)) };
}

function installationResult(content: Uint8Array): {
  seqNumber: number;
  address: string;
  installation: Installation;
} {
  const data = needed(new Members(content, [0xbf27, 0x5f37]).content(0xbf27));
  const members = new Members(data, [0x80, 0xbf2f, 0x06, 0xa2]);
  const final = elements(needed(members.content(0xa2)))[0];
  if (final?.tag !== 0xa0 && final?.tag !== 0xa1) throw new Malformed('no finalResult');
  const installed = final.tag === 0xa0;
  const reason = installed ? undefined : elements(final.content).find(({ tag }) => tag === 0x81);
  const errorReason = reason === undefined ? undefined : integerOf(reason.content);
  return { ...metadata(needed(members.content(0xbf2f))), installation: { installed, errorReason } };
}

/**
 * The full form of a compact notification; undefined while something for it is not known.
 * @param certificates DER hex of the eUICC and of the EUM.
 */
export function expanded(
  { raw, compact, address }: PendingNotification,
  certificates: readonly [string, string] | undefined,
): Uint8Array | undefined {
  if (compact === undefined) return address === undefined ? undefined : raw;
  if (certificates === undefined) return undefined;
  return wrap(0x30, ...compact, ...certificates.map((der) => Buffer.from(der, 'hex')));
}

/** The one notification in an `A0`. @throws {Malformed} */
export const notificationIn = (content: Uint8Array): PendingNotification =>
  readPendingNotification(readOne(content));
