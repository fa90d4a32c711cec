/** EimPackageResult, any arm of both versions (SGP.32 5.14.6, 6.3.2.7). */
import { Malformed, type Tlv } from '../tlv/reader.js';
import { elements, Members } from './ber.js';
import { readDataAnswer, type DataAnswer } from './data-answer.js';
import { needed, readPackageResult, type PackageResult } from './package-result.js';
import { readPendingNotification, type PendingNotification } from './pending-notification.js';
import { notificationList, retrievedLists, type ResultLists } from './result-lists.js';
import type { EimVersion } from './types.js';

export interface EimPackageResult {
  /** The arm as it came. */
  readonly raw: Uint8Array;
  readonly eimTransactionId: string | undefined;
  readonly packages: readonly PackageResult[];
  readonly notifications: readonly PendingNotification[];
  readonly answer: DataAnswer | TriggerAnswer | ErrorAnswer | undefined;
}

export interface TriggerAnswer {
  readonly kind: 'profileDownload';
  /** Undefined: installed, or not, as the notification tells. */
  readonly errorReason: number | undefined;
  readonly error: boolean;
  readonly errorResponse: string | undefined;
}

export interface ErrorAnswer {
  readonly kind: 'error';
  readonly code: number;
}

/** @returns undefined for an arm that the version does not have. @throws {Malformed} */
export function readEimPackageResult(version: EimVersion, arm: Tlv): EimPackageResult | undefined {
  const { tag, raw, content } = arm;
  const none = { raw, eimTransactionId: undefined, packages: [], notifications: [], answer: undefined };
  if (tag === 0xbf51) return { ...none, packages: [readPackageResult(content)] };
  if (tag === 0x30) return { ...none, ...bundle(version, content) };
  if (tag === 0xbf52) return { ...none, ...readDataAnswer(version, content) };
  if (tag === 0xbf54) return { ...none, ...trigger(version, content) };
  if (tag === 0xa0 && version === '1.2') {
    const members = new Members(content, [0x80, 0x02]);
    const code = needed(members.integer(0x02));
    return { ...none, eimTransactionId: members.hex(0x80), answer: { kind: 'error', code } };
  }
  if (tag === 0x02 && version === '1.0.1') {
    const code = needed(new Members(raw, [0x02]).integer(0x02));
    return { ...none, answer: { kind: 'error', code } };
  }
  return undefined;
}

/** ePRAndNotifications. */
function bundle(version: EimVersion, content: Uint8Array): ResultLists {
  const [result, list] = elements(content);
  if (result?.tag !== 0xbf51) throw new Malformed('ePRAndNotifications without a result');
  const packages = [readPackageResult(result.content)];
  if (list?.tag === 0xa0 && version === '1.2')
    return { packages, notifications: notificationList(list.content) };
  if (list?.tag !== 0xbf2b || version !== '1.0.1') throw new Malformed('no notificationList');
  const lists = retrievedLists(list.content);
  return { packages: [...packages, ...lists.packages], notifications: lists.notifications };
}

/** ProfileDownloadTriggerResult; the same tag 30 holds another type in each version. */
function trigger(
  version: EimVersion,
  content: Uint8Array,
): Pick<EimPackageResult, 'eimTransactionId' | 'notifications' | 'answer'> {
  const members = new Members(content, [0x82, 0xbf37, 0x30]);
  const eimTransactionId = members.hex(0x82);
  const installed = members.element(0xbf37);
  if (installed !== undefined) {
    const answer = {
      kind: 'profileDownload',
      error: false,
      errorReason: undefined,
      errorResponse: undefined,
    } as const;
    return { eimTransactionId, notifications: [readPendingNotification(installed)], answer };
  }
  const failure = needed(members.content(0x30));
  const inner = new Members(failure, [0x80, 0x04]);
  const answer = {
    kind: 'profileDownload',
    error: true,
    errorReason: version === '1.2' ? needed(inner.integer(0x80)) : undefined,
    errorResponse: inner.hex(version === '1.2' ? 0x04 : 0x80),
  } as const;
  return { eimTransactionId, notifications: [], answer };
}
