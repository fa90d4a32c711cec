/** SGP.32 v1.2: RSP session data and Notifications, with the compact forms that the IPA makes (SGP.32 5.14). */
import {
  BOOLEAN,
  INTEGER,
  choice,
  dflt,
  integer,
  octets,
  opt,
  req,
  sequence,
  sequenceOf,
  utf8,
  type ValueOf,
} from '../asn1/schema.js';
import { Certificate, EuiccSignPIR, Octet16, Octet32, TransactionId } from './common.js';
import { EUICCInfo2 } from './es10-data.js';
import { ErrorResult, NotificationMetadata, ProfileInstallationResultData } from './rsp-bpp.js';
import { OtherSignedNotification } from './rsp-notification.js';
import {
  AuthenticateResponseError,
  CancelSessionReason,
  CancelSessionResponseOk,
  CtxParams1,
  PrepareDownloadResponseError,
  PrepareDownloadResponseOk,
} from './rsp-session.js';

export const EuiccSigned1 = sequence('EuiccSigned1', 0x30, {
  transactionId: req(0x80, TransactionId),
  serverAddress: req(0x83, utf8()),
  serverChallenge: req(0x84, Octet16),
  euiccInfo2: req(0xbf22, EUICCInfo2),
  ctxParams1: req(CtxParams1),
});
export type EuiccSigned1 = ValueOf<typeof EuiccSigned1>;

export const AuthenticateResponseOk = sequence('AuthenticateResponseOk', 0x30, {
  euiccSigned1: req(EuiccSigned1),
  euiccSignature1: req(0x5f37, octets()),
  euiccCertificate: req(Certificate),
  eumCertificate: req(Certificate),
});
export type AuthenticateResponseOk = ValueOf<typeof AuthenticateResponseOk>;

export const CompactEuiccSigned1 = sequence('CompactEuiccSigned1', 0x30, {
  extCardResource: req(0x84, octets()),
  ctxParams1: opt(0xa2, CtxParams1),
});
export type CompactEuiccSigned1 = ValueOf<typeof CompactEuiccSigned1>;

export const CompactAuthenticateResponseOk = sequence('CompactAuthenticateResponseOk', 0x30, {
  signedData: req(
    choice('', undefined, {
      euiccSigned1: req(EuiccSigned1),
      compactEuiccSigned1: req(0xa0, CompactEuiccSigned1),
    }),
  ),
  euiccSignature1: req(0x5f37, octets()),
  euiccCertificate: opt(0xa1, Certificate),
  eumCertificate: opt(0xa2, Certificate),
});
export type CompactAuthenticateResponseOk = ValueOf<typeof CompactAuthenticateResponseOk>;

export const AuthenticateServerResponse = choice('AuthenticateServerResponse', 0xbf38, {
  authenticateResponseOk: req(0xa0, AuthenticateResponseOk),
  authenticateResponseError: req(0xa1, AuthenticateResponseError),
  compactAuthenticateResponseOk: req(0xa2, CompactAuthenticateResponseOk),
});
export type AuthenticateServerResponse = ValueOf<typeof AuthenticateServerResponse>;

export const AuthenticateClientRequest = sequence('AuthenticateClientRequest', 0xbf3b, {
  transactionId: req(0x80, TransactionId),
  authenticateServerResponse: req(0xbf38, AuthenticateServerResponse),
});
export type AuthenticateClientRequest = ValueOf<typeof AuthenticateClientRequest>;

export const CompactEuiccSigned2 = sequence('CompactEuiccSigned2', 0x30, {
  euiccOtpk: opt(0x5f49, octets()),
  hashCc: opt(Octet32),
});
export type CompactEuiccSigned2 = ValueOf<typeof CompactEuiccSigned2>;

export const CompactPrepareDownloadResponseOk = sequence('CompactPrepareDownloadResponseOk', 0x30, {
  compactEuiccSigned2: req(CompactEuiccSigned2),
  euiccSignature2: req(0x5f37, octets()),
});
export type CompactPrepareDownloadResponseOk = ValueOf<typeof CompactPrepareDownloadResponseOk>;

export const PrepareDownloadResponse = choice('PrepareDownloadResponse', 0xbf21, {
  downloadResponseOk: req(0xa0, PrepareDownloadResponseOk),
  downloadResponseError: req(0xa1, PrepareDownloadResponseError),
  compactDownloadResponseOk: req(0xa2, CompactPrepareDownloadResponseOk),
});
export type PrepareDownloadResponse = ValueOf<typeof PrepareDownloadResponse>;

export const CompactEuiccCancelSessionSigned = sequence('CompactEuiccCancelSessionSigned', 0x30, {
  reason: opt(0x80, CancelSessionReason),
});
export type CompactEuiccCancelSessionSigned = ValueOf<typeof CompactEuiccCancelSessionSigned>;

export const CompactCancelSessionResponseOk = sequence('CompactCancelSessionResponseOk', 0x30, {
  compactEuiccCancelSessionSigned: req(CompactEuiccCancelSessionSigned),
  euiccCancelSessionSignature: req(0x5f37, octets()),
});
export type CompactCancelSessionResponseOk = ValueOf<typeof CompactCancelSessionResponseOk>;

export const CancelSessionResponse = choice('CancelSessionResponse', 0xbf41, {
  cancelSessionResponseOk: req(0xa0, CancelSessionResponseOk),
  cancelSessionResponseError: req(0x81, integer({ invalidTransactionId: 5, undefinedError: 127 })),
  compactCancelSessionResponseOk: req(0xa2, CompactCancelSessionResponseOk),
});
export type CancelSessionResponse = ValueOf<typeof CancelSessionResponse>;

export const ProfileInstallationResult = sequence('ProfileInstallationResult', 0xbf37, {
  profileInstallationResultData: req(0xbf27, ProfileInstallationResultData),
  euiccSignPIR: req(EuiccSignPIR),
});
export type ProfileInstallationResult = ValueOf<typeof ProfileInstallationResult>;

export const CompactSuccessResult = sequence('CompactSuccessResult', 0x30, {
  compactAid: req(0x4f, octets({ min: 2, max: 2 })),
  simaResponse: opt(octets()),
});
export type CompactSuccessResult = ValueOf<typeof CompactSuccessResult>;

export const CompactProfileInstallationResultData = sequence('CompactProfileInstallationResultData', 0x30, {
  transactionId: req(0x80, TransactionId),
  seqNumber: req(INTEGER),
  iccidPresent: dflt(0x01, BOOLEAN, true),
  compactFinalResult: req(
    0xa2,
    choice('', undefined, {
      compactSuccessResult: req(0xa0, CompactSuccessResult),
      errorResult: req(0xa1, ErrorResult),
    }),
  ),
});
export type CompactProfileInstallationResultData = ValueOf<typeof CompactProfileInstallationResultData>;

export const CompactProfileInstallationResult = sequence('CompactProfileInstallationResult', 0x30, {
  compactProfileInstallationResultData: req(0xa0, CompactProfileInstallationResultData),
  euiccSignPIR: req(EuiccSignPIR),
});
export type CompactProfileInstallationResult = ValueOf<typeof CompactProfileInstallationResult>;

export const CompactOtherSignedNotification = sequence('CompactOtherSignedNotification', 0x30, {
  eidValue: opt(0x5a, Octet16),
  tbsOtherNotification: req(NotificationMetadata),
  euiccNotificationSignature: req(0x5f37, octets()),
});
export type CompactOtherSignedNotification = ValueOf<typeof CompactOtherSignedNotification>;

export const PendingNotification = choice('PendingNotification', undefined, {
  profileInstallationResult: req(0xbf37, ProfileInstallationResult),
  otherSignedNotification: req(OtherSignedNotification),
  compactProfileInstallationResult: req(0xa0, CompactProfileInstallationResult),
  compactOtherSignedNotification: req(0xa1, CompactOtherSignedNotification),
});
export type PendingNotification = ValueOf<typeof PendingNotification>;

export const PendingNotificationList = sequenceOf('PendingNotificationList', 0x30, PendingNotification);
export type PendingNotificationList = ValueOf<typeof PendingNotificationList>;
