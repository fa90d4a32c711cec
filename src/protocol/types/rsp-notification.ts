/** SGP.22 v2.5: Notifications (SGP.22 5.7.9, 5.7.10, 5.7.11). */
import {
  INTEGER,
  choice,
  integer,
  octets,
  opt,
  req,
  sequence,
  sequenceOf,
  type ValueOf,
} from '../asn1/schema.js';
import { Certificate, NotificationEvent } from './common.js';
import { NotificationMetadata, RspProfileInstallationResult } from './rsp-bpp.js';

export const ListNotificationRequest = sequence('ListNotificationRequest', 0xbf28, {
  profileManagementOperation: opt(0x81, NotificationEvent),
});
export type ListNotificationRequest = ValueOf<typeof ListNotificationRequest>;

export const ListNotificationResponse = choice('ListNotificationResponse', 0xbf28, {
  notificationMetadataList: req(0xa0, sequenceOf('', 0x30, NotificationMetadata)),
  listNotificationsResultError: req(0x81, integer({ undefinedError: 127 })),
});
export type ListNotificationResponse = ValueOf<typeof ListNotificationResponse>;

export const RspRetrieveNotificationsListRequest = sequence('RetrieveNotificationsListRequest', 0xbf2b, {
  searchCriteria: opt(
    0xa0,
    choice('', undefined, {
      seqNumber: req(0x80, INTEGER),
      profileManagementOperation: req(0x81, NotificationEvent),
    }),
  ),
});
export type RspRetrieveNotificationsListRequest = ValueOf<typeof RspRetrieveNotificationsListRequest>;

export const OtherSignedNotification = sequence('OtherSignedNotification', 0x30, {
  tbsOtherNotification: req(NotificationMetadata),
  euiccNotificationSignature: req(0x5f37, octets()),
  euiccCertificate: req(Certificate),
  eumCertificate: req(Certificate),
});
export type OtherSignedNotification = ValueOf<typeof OtherSignedNotification>;

export const RspPendingNotification = choice('PendingNotification', undefined, {
  profileInstallationResult: req(0xbf37, RspProfileInstallationResult),
  otherSignedNotification: req(OtherSignedNotification),
});
export type RspPendingNotification = ValueOf<typeof RspPendingNotification>;

export const RspRetrieveNotificationsListResponse = choice('RetrieveNotificationsListResponse', 0xbf2b, {
  notificationList: req(0xa0, sequenceOf('', 0x30, RspPendingNotification)),
  notificationsListResultError: req(0x81, integer({ undefinedError: 127 })),
});
export type RspRetrieveNotificationsListResponse = ValueOf<typeof RspRetrieveNotificationsListResponse>;

export const NotificationSentRequest = sequence('NotificationSentRequest', 0xbf30, {
  seqNumber: req(0x80, INTEGER),
});
export type NotificationSentRequest = ValueOf<typeof NotificationSentRequest>;

export const NotificationSentResponse = sequence('NotificationSentResponse', 0xbf30, {
  deleteNotificationStatus: req(0x80, integer({ ok: 0, nothingToDelete: 1, undefinedError: 127 })),
});
export type NotificationSentResponse = ValueOf<typeof NotificationSentResponse>;
