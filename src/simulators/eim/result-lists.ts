/** Lists of results and notifications, as an IPA retrieved them from the eUICC (SGP.32 5.9.11). */
import { Malformed } from '../tlv/reader.js';
import { elements, Members, oneElement } from './ber.js';
import { needed, readPackageResult, type PackageResult } from './package-result.js';
import { readPendingNotification, type PendingNotification } from './pending-notification.js';

export interface ResultLists {
  readonly packages: readonly PackageResult[];
  readonly notifications: readonly PendingNotification[];
}

export const notificationList = (content: Uint8Array): PendingNotification[] =>
  elements(content).map(readPendingNotification);

export const resultList = (content: Uint8Array): PackageResult[] =>
  elements(content).map((element) => {
    if (element.tag !== 0xbf51) throw new Malformed('no EuiccPackageResult');
    return readPackageResult(element.content);
  });

/** RetrieveNotificationsListResponse of v1.0.1: one list, the other, both, or an error. */
export function retrievedLists(content: Uint8Array): ResultLists {
  const arm = oneElement(content);
  switch (arm.tag) {
    case 0xa0:
      return { packages: [], notifications: notificationList(arm.content) };
    case 0x81:
      return { packages: [], notifications: [] };
    case 0xa2:
      return { packages: resultList(arm.content), notifications: [] };
    case 0xa3: {
      const members = new Members(arm.content, [0xa0, 0xa1]);
      return {
        packages: resultList(needed(members.content(0xa1))),
        notifications: notificationList(needed(members.content(0xa0))),
      };
    }
    default:
      throw new Malformed('no arm of RetrieveNotificationsListResponse');
  }
}
