/** SGP.32 v1.0.1, where it differs from v1.2: eIM Packages other than eUICC Packages. */
import {
  INTEGER,
  NULL,
  choice,
  integer,
  octets,
  opt,
  req,
  sequence,
  utf8,
  type ValueOf,
} from '../asn1/schema.js';
import { Certificate, DeviceInfo, NotificationEvent, SubjectKeyIdentifier, TransactionId } from './common.js';
import { IpaCapabilities } from './es10-data.js';
import { ProfileInstallationResult } from './es10-session.js';
import { EUICCInfo1 } from './rsp-info.js';
import { EUICCInfo2, RetrieveNotificationsListResponse } from './v1-0-1-es10.js';

export const IpaEuiccDataRequest = sequence('IpaEuiccDataRequest', 0xbf52, {
  tagList: req(0x5c, octets()),
  euiccCiPKId: opt(SubjectKeyIdentifier),
  searchCriteria: opt(
    0xa1,
    choice('', undefined, {
      seqNumber: req(0x80, INTEGER),
      profileManagementOperation: req(0x81, NotificationEvent),
      euiccPackageResults: req(0x82, NULL),
    }),
  ),
});
export type IpaEuiccDataRequest = ValueOf<typeof IpaEuiccDataRequest>;

export const IpaEuiccData = sequence('IpaEuiccData', 0x30, {
  defaultSmdpAddress: opt(0x80, utf8()),
  euiccInfo1: opt(0xbf20, EUICCInfo1),
  euiccInfo2: opt(0xbf22, EUICCInfo2),
  rootSmdsAddress: opt(0x83, utf8()),
  associationToken: opt(0x84, INTEGER),
  eumCertificate: opt(0xa5, Certificate),
  euiccCertificate: opt(0xa6, Certificate),
  ipaCapabilities: opt(0xa8, IpaCapabilities),
  deviceInfo: opt(0xa9, DeviceInfo),
  notificationsList: opt(0xbf2b, RetrieveNotificationsListResponse),
});
export type IpaEuiccData = ValueOf<typeof IpaEuiccData>;

export const IpaEuiccDataResponse = choice('IpaEuiccDataResponse', 0xbf52, {
  ipaEuiccData: req(0xa0, IpaEuiccData),
  ipaEuiccDataError: req(0x81, integer({ incorrectTagList: 1, euiccCiPKIdNotFound: 5, undefinedError: 127 })),
});
export type IpaEuiccDataResponse = ValueOf<typeof IpaEuiccDataResponse>;

export const ProfileDownloadTriggerResult = sequence('ProfileDownloadTriggerResult', 0xbf54, {
  eimTransactionId: opt(0x82, TransactionId),
  profileDownloadTriggerResultData: req(
    choice('', undefined, {
      profileInstallationResult: req(0xbf37, ProfileInstallationResult),
      profileDownloadError: req(
        sequence('', 0x30, {
          errorResponse: opt(0x80, octets()),
        }),
      ),
    }),
  ),
});
export type ProfileDownloadTriggerResult = ValueOf<typeof ProfileDownloadTriggerResult>;
