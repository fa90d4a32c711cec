/** SGP.32 v1.2: eIM Packages other than eUICC Packages, and their results (SGP.32 2.11.3, 2.11.4, 5.14). */
import {
  INTEGER,
  NULL,
  choice,
  integer,
  named,
  octets,
  opt,
  req,
  retag,
  sequence,
  sequenceOf,
  utf8,
  type ValueOf,
} from '../asn1/schema.js';
import { Certificate, DeviceInfo, NotificationEvent, TransactionId } from './common.js';
import { EUICCInfo2, IpaCapabilities } from './es10-data.js';
import { PendingNotificationList, ProfileInstallationResult } from './es10-session.js';
import { EuiccPackageResult, EuiccPackageResultList } from './esep-result.js';
import { EUICCInfo1 } from './rsp-info.js';

export const IpaEuiccDataRequest = sequence('IpaEuiccDataRequest', 0xbf52, {
  tagList: req(0x5c, octets()),
  euiccCiPKIdentifierToBeUsed: opt(octets()),
  searchCriteriaNotification: opt(
    0xa1,
    choice('', undefined, {
      seqNumber: req(0x80, INTEGER),
      profileManagementOperation: req(0x81, NotificationEvent),
    }),
  ),
  searchCriteriaEuiccPackageResult: opt(
    0xa2,
    choice('', undefined, {
      seqNumber: req(0x80, INTEGER),
    }),
  ),
  eimTransactionId: opt(0x83, TransactionId),
});
export type IpaEuiccDataRequest = ValueOf<typeof IpaEuiccDataRequest>;

export const IpaEuiccData = sequence('IpaEuiccData', 0x30, {
  notificationsList: opt(0xa0, PendingNotificationList),
  defaultSmdpAddress: opt(0x81, utf8()),
  euiccPackageResultList: opt(0xa2, EuiccPackageResultList),
  euiccInfo1: opt(0xbf20, EUICCInfo1),
  euiccInfo2: opt(0xbf22, EUICCInfo2),
  rootSmdsAddress: opt(0x83, utf8()),
  associationToken: opt(0x84, INTEGER),
  eumCertificate: opt(0xa5, Certificate),
  euiccCertificate: opt(0xa6, Certificate),
  eimTransactionId: opt(0x87, TransactionId),
  ipaCapabilities: opt(0xa8, IpaCapabilities),
  deviceInfo: opt(0xa9, DeviceInfo),
});
export type IpaEuiccData = ValueOf<typeof IpaEuiccData>;

export const IpaEuiccDataErrorCode = named(
  'IpaEuiccDataErrorCode',
  integer({ incorrectTagList: 1, euiccCiPKIdNotFound: 5, ecallActive: 104, undefinedError: 127 }),
);
export type IpaEuiccDataErrorCode = ValueOf<typeof IpaEuiccDataErrorCode>;

export const IpaEuiccDataResponseError = sequence('IpaEuiccDataResponseError', 0x30, {
  eimTransactionId: opt(0x80, TransactionId),
  ipaEuiccDataErrorCode: req(IpaEuiccDataErrorCode),
});
export type IpaEuiccDataResponseError = ValueOf<typeof IpaEuiccDataResponseError>;

export const IpaEuiccDataResponse = choice('IpaEuiccDataResponse', 0xbf52, {
  ipaEuiccData: req(0xa0, IpaEuiccData),
  ipaEuiccDataResponseError: req(0xa1, IpaEuiccDataResponseError),
});
export type IpaEuiccDataResponse = ValueOf<typeof IpaEuiccDataResponse>;

export const ProfileDownloadData = choice('ProfileDownloadData', undefined, {
  activationCode: req(0x80, utf8({ min: 0, max: 255 })),
  contactDefaultSmdp: req(0x81, NULL),
  contactSmds: req(
    0xa2,
    sequence('', 0x30, {
      smdsAddress: opt(0x80, utf8()),
    }),
  ),
});
export type ProfileDownloadData = ValueOf<typeof ProfileDownloadData>;

export const ProfileDownloadTriggerRequest = sequence('ProfileDownloadTriggerRequest', 0xbf54, {
  profileDownloadData: opt(0xa0, ProfileDownloadData),
  eimTransactionId: opt(0x82, TransactionId),
});
export type ProfileDownloadTriggerRequest = ValueOf<typeof ProfileDownloadTriggerRequest>;

export const ProfileDownloadTriggerResult = sequence('ProfileDownloadTriggerResult', 0xbf54, {
  eimTransactionId: opt(0x82, TransactionId),
  profileDownloadTriggerResultData: req(
    choice('', undefined, {
      profileInstallationResult: req(0xbf37, ProfileInstallationResult),
      profileDownloadError: req(
        sequence('', 0x30, {
          profileDownloadErrorReason: req(0x80, integer({ ecallActive: 104, undefinedError: 127 })),
          errorResponse: opt(octets()),
        }),
      ),
    }),
  ),
});
export type ProfileDownloadTriggerResult = ValueOf<typeof ProfileDownloadTriggerResult>;

export const SequenceNumber = retag(INTEGER, 'SequenceNumber', 0x80);
export type SequenceNumber = ValueOf<typeof SequenceNumber>;

export const EimAcknowledgements = sequenceOf('EimAcknowledgements', 0xbf53, SequenceNumber);
export type EimAcknowledgements = ValueOf<typeof EimAcknowledgements>;

export const EimPackageResultErrorCode = named(
  'EimPackageResultErrorCode',
  integer({ invalidPackageFormat: 1, unknownPackage: 2, undefinedError: 127 }),
);
export type EimPackageResultErrorCode = ValueOf<typeof EimPackageResultErrorCode>;

export const EimPackageResultResponseError = sequence('EimPackageResultResponseError', 0x30, {
  eimTransactionId: opt(0x80, TransactionId),
  eimPackageResultErrorCode: req(EimPackageResultErrorCode),
});
export type EimPackageResultResponseError = ValueOf<typeof EimPackageResultResponseError>;

export const EimPackageResult = choice('EimPackageResult', undefined, {
  euiccPackageResult: req(0xbf51, EuiccPackageResult),
  ePRAndNotifications: req(
    sequence('', 0x30, {
      euiccPackageResult: req(0xbf51, EuiccPackageResult),
      notificationList: req(0xa0, PendingNotificationList),
    }),
  ),
  ipaEuiccDataResponse: req(0xbf52, IpaEuiccDataResponse),
  profileDownloadTriggerResult: req(0xbf54, ProfileDownloadTriggerResult),
  eimPackageResultResponseError: req(0xa0, EimPackageResultResponseError),
});
export type EimPackageResult = ValueOf<typeof EimPackageResult>;
