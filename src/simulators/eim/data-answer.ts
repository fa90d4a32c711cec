/** IpaEuiccDataResponse as it comes from an IPA (SGP.32 2.11.2.2). */
import { tlv } from '../../protocol/asn1/index.js';
import { Malformed } from '../tlv/reader.js';
import { hex } from '../tlv/writer.js';
import { bitsOfContent, elements, Members, oneElement } from './ber.js';
import { notificationList, resultList, retrievedLists } from './result-lists.js';
import { needed, type PackageResult } from './package-result.js';
import type { PendingNotification } from './pending-notification.js';
import type { EimVersion } from './types.js';

export interface DataAnswer {
  readonly kind: 'ipaEuiccData';
  readonly errorCode: number | undefined;
  readonly defaultSmdpAddress: string | undefined;
  readonly rootSmdsAddress: string | undefined;
  readonly associationToken: number | undefined;
  /** DER hex. */
  readonly euiccInfo1: string | undefined;
  readonly euiccInfo2: string | undefined;
  readonly eumCertificate: string | undefined;
  readonly euiccCertificate: string | undefined;
  readonly deviceInfo: string | undefined;
  /** Bit numbers. */
  readonly ipaFeatures: readonly number[] | undefined;
  readonly ipaSupportedProtocols: readonly number[] | undefined;
}

export interface ReadDataAnswer {
  readonly eimTransactionId: string | undefined;
  readonly packages: readonly PackageResult[];
  readonly notifications: readonly PendingNotification[];
  readonly answer: DataAnswer;
}

const ORDER: Readonly<Record<EimVersion, readonly number[]>> = {
  '1.2': [0xa0, 0x81, 0xa2, 0xbf20, 0xbf22, 0x83, 0x84, 0xa5, 0xa6, 0x87, 0xa8, 0xa9],
  '1.0.1': [0x80, 0xbf20, 0xbf22, 0x83, 0x84, 0xa5, 0xa6, 0xa8, 0xa9, 0xbf2b],
};

/** @param content of BF52. @throws {Malformed} */
export function readDataAnswer(version: EimVersion, content: Uint8Array): ReadDataAnswer {
  const arm = oneElement(content);
  if (arm.tag === 0xa0) return data(version, arm.content);
  if (version === '1.0.1') {
    if (arm.tag !== 0x81) throw new Malformed('no arm of IpaEuiccDataResponse');
    return failure(undefined, needed(new Members(arm.raw, [0x81]).integer(0x81)));
  }
  if (arm.tag !== 0xa1) throw new Malformed('no arm of IpaEuiccDataResponse');
  const members = new Members(arm.content, [0x80, 0x02]);
  return failure(members.hex(0x80), needed(members.integer(0x02)));
}

const NOTHING = {
  kind: 'ipaEuiccData',
  defaultSmdpAddress: undefined,
  rootSmdsAddress: undefined,
  associationToken: undefined,
  euiccInfo1: undefined,
  euiccInfo2: undefined,
  eumCertificate: undefined,
  euiccCertificate: undefined,
  deviceInfo: undefined,
  ipaFeatures: undefined,
  ipaSupportedProtocols: undefined,
} as const;

const failure = (eimTransactionId: string | undefined, errorCode: number): ReadDataAnswer => ({
  eimTransactionId,
  packages: [],
  notifications: [],
  answer: { ...NOTHING, errorCode },
});

function data(version: EimVersion, content: Uint8Array): ReadDataAnswer {
  const members = new Members(content, ORDER[version]);
  const capabilities = members.content(0xa8);
  const ipa = capabilities === undefined ? undefined : new Members(capabilities, [0x80, 0x81]);
  const answer: DataAnswer = {
    kind: 'ipaEuiccData',
    errorCode: undefined,
    defaultSmdpAddress: members.text(version === '1.2' ? 0x81 : 0x80),
    rootSmdsAddress: members.text(0x83),
    associationToken: members.integer(0x84),
    euiccInfo1: whole(members, 0xbf20),
    euiccInfo2: whole(members, 0xbf22),
    eumCertificate: certificate(members.content(0xa5)),
    euiccCertificate: certificate(members.content(0xa6)),
    deviceInfo: whole(members, 0xa9),
    ipaFeatures: bits(ipa?.content(0x80)),
    ipaSupportedProtocols: bits(ipa?.content(0x81)),
  };
  const eimTransactionId = version === '1.2' ? members.hex(0x87) : undefined;
  if (version === '1.0.1') {
    const list = members.content(0xbf2b);
    const lists = list === undefined ? { packages: [], notifications: [] } : retrievedLists(list);
    return { eimTransactionId, ...lists, answer };
  }
  return {
    eimTransactionId,
    packages: resultList(members.content(0xa2) ?? new Uint8Array(0)),
    notifications: notificationList(members.content(0xa0) ?? new Uint8Array(0)),
    answer,
  };
}

const whole = (members: Members, tag: number): string | undefined => {
  const element = members.element(tag);
  return element === undefined ? undefined : hex(element.raw);
};

const bits = (content: Uint8Array | undefined): number[] | undefined =>
  content === undefined ? undefined : bitsOfContent(content);

/** The tag stands in place of that of the SEQUENCE; some nest a whole Certificate in it. */
function certificate(content: Uint8Array | undefined): string | undefined {
  if (content === undefined) return undefined;
  const [first, ...more] = elements(content);
  return hex(first?.tag === 0x30 && more.length === 0 ? first.raw : tlv(0x30, content));
}
