/** SGP.32 v1.0.1, where it differs from v1.2: ES10b functions and session data. */
import {
  INTEGER,
  NULL,
  OBJECT_IDENTIFIER,
  bits,
  choice,
  integer,
  octets,
  opt,
  req,
  sequence,
  sequenceOf,
  utf8,
  type ValueOf,
} from '../asn1/schema.js';
import {
  Certificate,
  CertificationDataObject,
  PprIds,
  RspCapability,
  SubjectKeyIdentifier,
  UICCCapability,
  VersionType,
} from './common.js';
import { IpaMode } from './es10-data.js';
import {
  CompactEuiccSigned1,
  CompactProfileInstallationResult,
  ProfileInstallationResult,
} from './es10-session.js';
import { NotificationMetadata } from './rsp-bpp.js';
import { OtherSignedNotification } from './rsp-notification.js';
import { AuthenticateResponseError, RspAuthenticateResponseOk, RspEuiccSigned1 } from './rsp-session.js';
import { EimConfigurationData } from './v1-0-1-esep.js';
import { EuiccPackageResult } from './v1-0-1-esep-result.js';

export const IoTSpecificInfo = sequence('IoTSpecificInfo', 0x30, {
  iotVersion: req(0xa0, sequenceOf('', 0x30, VersionType)),
});
export type IoTSpecificInfo = ValueOf<typeof IoTSpecificInfo>;

export const EUICCInfo2 = sequence('EUICCInfo2', 0xbf22, {
  profileVersion: req(0x81, VersionType),
  svn: req(0x82, VersionType),
  euiccFirmwareVer: req(0x83, VersionType),
  extCardResource: req(0x84, octets()),
  uiccCapability: req(0x85, UICCCapability),
  ts102241Version: opt(0x86, VersionType),
  globalplatformVersion: opt(0x87, VersionType),
  rspCapability: req(0x88, RspCapability),
  euiccCiPKIdListForVerification: req(0xa9, sequenceOf('', 0x30, SubjectKeyIdentifier)),
  euiccCiPKIdListForSigning: req(0xaa, sequenceOf('', 0x30, SubjectKeyIdentifier)),
  euiccCategory: opt(0x8b, integer({ other: 0, basicEuicc: 1, mediumEuicc: 2, contactlessEuicc: 3 })),
  forbiddenProfilePolicyRules: opt(0x99, PprIds),
  ppVersion: req(VersionType),
  sasAcreditationNumber: req(utf8({ min: 0, max: 64 })),
  certificationDataObject: opt(0xac, CertificationDataObject),
  treProperties: opt(0x8d, bits({ isDiscrete: 0, isIntegrated: 1, usesRemoteMemory: 2 })),
  treProductReference: opt(0x8e, utf8()),
  additionalEuiccProfilePackageVersions: opt(0xaf, sequenceOf('', 0x30, VersionType)),
  ipaMode: opt(0x90, IpaMode),
  rfu2: opt(0xb1, sequenceOf('', 0x30, SubjectKeyIdentifier)),
  rfu3: opt(0x92, octets({ min: 0, max: 32 })),
  rfu4: opt(0x93, VersionType),
  iotSpecificInfo: opt(0xb4, IoTSpecificInfo),
});
export type EUICCInfo2 = ValueOf<typeof EUICCInfo2>;

export const AddInitialEimRequest = sequence('AddInitialEimRequest', 0xbf57, {
  eimConfigurationDataList: req(0xa0, sequenceOf('', 0x30, EimConfigurationData)),
});
export type AddInitialEimRequest = ValueOf<typeof AddInitialEimRequest>;

export const AddInitialEimResponse = choice('AddInitialEimResponse', 0xbf57, {
  addInitialEimOk: req(
    0xa0,
    sequenceOf(
      '',
      0x30,
      choice('', undefined, {
        associationToken: req(0x84, INTEGER),
        addOk: req(NULL),
      }),
    ),
  ),
  addInitialEimError: req(
    0x81,
    integer({
      insufficientMemory: 1,
      unsignedEimConfigDisallowed: 2,
      ciPKUnknown: 3,
      invalidAssociationToken: 5,
      counterValueOutOfRange: 6,
      undefinedError: 127,
    }),
  ),
});
export type AddInitialEimResponse = ValueOf<typeof AddInitialEimResponse>;

export const EuiccMemoryResetRequest = sequence('EuiccMemoryResetRequest', 0xbf34, {
  resetOptions: req(
    0x82,
    bits({
      deleteOperationalProfiles: 0,
      deleteFieldLoadedTestProfiles: 1,
      resetDefaultSmdpAddress: 2,
      resetEimConfigData: 3,
      resetAutoEnableConfig: 4,
    }),
  ),
});
export type EuiccMemoryResetRequest = ValueOf<typeof EuiccMemoryResetRequest>;

export const EuiccMemoryResetResponse = sequence('EuiccMemoryResetResponse', 0xbf34, {
  resetResult: req(integer({ ok: 0, nothingToDelete: 1, catBusy: 5, undefinedError: 127 })),
  resetEimResult: opt(
    0x81,
    integer({ ok: 0, nothingToDelete: 1, eimResetNotSupported: 2, undefinedError: 127 }),
  ),
  resetAutoEnableConfigResult: opt(0x82, integer({ ok: 0, resetAECNotSupported: 1, undefinedError: 127 })),
});
export type EuiccMemoryResetResponse = ValueOf<typeof EuiccMemoryResetResponse>;

export const CompactOtherSignedNotification = sequence('CompactOtherSignedNotification', 0x30, {
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

export const RetrieveNotificationsListResponse = choice('RetrieveNotificationsListResponse', 0xbf2b, {
  notificationList: req(0xa0, sequenceOf('', 0x30, PendingNotification)),
  notificationsListResultError: req(0x81, integer({ undefinedError: 127 })),
  euiccPackageResultList: req(0xa2, sequenceOf('', 0x30, EuiccPackageResult)),
  notificationAndEprList: req(
    0xa3,
    sequence('', 0x30, {
      notificationList: req(0xa0, sequenceOf('', 0x30, PendingNotification)),
      euiccPackageResultList: req(0xa1, sequenceOf('', 0x30, EuiccPackageResult)),
    }),
  ),
});
export type RetrieveNotificationsListResponse = ValueOf<typeof RetrieveNotificationsListResponse>;

export const EnableUsingDDRequest = sequence('EnableUsingDDRequest', 0xbf5a, {});
export type EnableUsingDDRequest = ValueOf<typeof EnableUsingDDRequest>;

export const EnableUsingDDResponse = sequence('EnableUsingDDResponse', 0xbf5a, {
  enableUsingDDResult: req(
    0x80,
    integer({ ok: 0, autoEnableNotAvailable: 1, noSessionContext: 4, undefinedError: 127 }),
  ),
});
export type EnableUsingDDResponse = ValueOf<typeof EnableUsingDDResponse>;

export const ProfileRollbackResponse = sequence('ProfileRollbackResponse', 0xbf58, {
  cmdResult: req(integer({ ok: 0, rollbackNotAllowed: 1, catBusy: 5, commandError: 7, undefinedError: 127 })),
  eUICCPackageResult: opt(0xbf51, EuiccPackageResult),
});
export type ProfileRollbackResponse = ValueOf<typeof ProfileRollbackResponse>;

export const ConfigureAutoProfileEnablingRequest = sequence('ConfigureAutoProfileEnablingRequest', 0xbf59, {
  autoEnableFlag: opt(0x80, NULL),
  smdpOid: opt(0x81, OBJECT_IDENTIFIER),
  smdpAddress: opt(0x82, utf8()),
});
export type ConfigureAutoProfileEnablingRequest = ValueOf<typeof ConfigureAutoProfileEnablingRequest>;

export const ConfigureAutoProfileEnablingResponse = sequence('ConfigureAutoProfileEnablingResponse', 0xbf59, {
  configAutoEnableResult: req(
    0x80,
    integer({ ok: 0, insufficientMemory: 1, unsignedAutoEnableConfigDisallowed: 2, undefinedError: 127 }),
  ),
});
export type ConfigureAutoProfileEnablingResponse = ValueOf<typeof ConfigureAutoProfileEnablingResponse>;

export const GetEimConfigurationDataRequest = sequence('GetEimConfigurationDataRequest', 0xbf55, {});
export type GetEimConfigurationDataRequest = ValueOf<typeof GetEimConfigurationDataRequest>;

export const GetEimConfigurationDataResponse = sequence('GetEimConfigurationDataResponse', 0xbf55, {
  eimConfigurationDataList: req(0xa0, sequenceOf('', 0x30, EimConfigurationData)),
});
export type GetEimConfigurationDataResponse = ValueOf<typeof GetEimConfigurationDataResponse>;

export const CompactAuthenticateResponseOk = sequence('CompactAuthenticateResponseOk', 0x30, {
  signedData: req(
    choice('', undefined, {
      euiccSigned1: req(RspEuiccSigned1),
      compactEuiccSigned1: req(0xa0, CompactEuiccSigned1),
    }),
  ),
  euiccSignature1: req(0x5f37, octets()),
  euiccCertificate: opt(0xa1, Certificate),
  eumCertificate: opt(0xa2, Certificate),
});
export type CompactAuthenticateResponseOk = ValueOf<typeof CompactAuthenticateResponseOk>;

export const AuthenticateServerResponse = choice('AuthenticateServerResponse', 0xbf38, {
  authenticateResponseOk: req(0xa0, RspAuthenticateResponseOk),
  authenticateResponseError: req(0xa1, AuthenticateResponseError),
  compactAuthenticateResponseOk: req(0xa2, CompactAuthenticateResponseOk),
});
export type AuthenticateServerResponse = ValueOf<typeof AuthenticateServerResponse>;
