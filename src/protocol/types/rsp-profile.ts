/** SGP.22 v2.5: Profile metadata and local Profile management, ES10c (SGP.22 5.7.15 to 5.7.21). */
import {
  BOOLEAN,
  bits,
  choice,
  dflt,
  integer,
  named,
  octets,
  opt,
  req,
  sequence,
  sequenceOf,
  utf8,
  type ValueOf,
} from '../asn1/schema.js';
import {
  DpProprietaryData,
  Iccid,
  IconType,
  NotificationConfigurationInformation,
  OctetTo16,
  OperatorId,
  PprIds,
  ProfileClass,
  ProfileState,
  VendorSpecificExtension,
} from './common.js';

export const ProfileInfoListRequest = sequence('ProfileInfoListRequest', 0xbf2d, {
  searchCriteria: opt(
    0xa0,
    choice('', undefined, {
      isdpAid: req(0x4f, OctetTo16),
      iccid: req(Iccid),
      profileClass: req(0x95, ProfileClass),
    }),
  ),
  tagList: opt(0x5c, octets()),
});
export type ProfileInfoListRequest = ValueOf<typeof ProfileInfoListRequest>;

export const RspProfileInfo = sequence('ProfileInfo', 0xe3, {
  iccid: opt(Iccid),
  isdpAid: opt(0x4f, OctetTo16),
  profileState: opt(0x9f70, ProfileState),
  profileNickname: opt(0x90, utf8({ min: 0, max: 64 })),
  serviceProviderName: opt(0x91, utf8({ min: 0, max: 32 })),
  profileName: opt(0x92, utf8({ min: 0, max: 64 })),
  iconType: opt(0x93, IconType),
  icon: opt(0x94, octets({ min: 0, max: 1024 })),
  profileClass: opt(0x95, ProfileClass),
  notificationConfigurationInfo: opt(0xb6, sequenceOf('', 0x30, NotificationConfigurationInformation)),
  profileOwner: opt(0xb7, OperatorId),
  dpProprietaryData: opt(0xb8, DpProprietaryData),
  profilePolicyRules: opt(0x99, PprIds),
  serviceSpecificDataStoredInEuicc: opt(0xbf22, VendorSpecificExtension),
});
export type RspProfileInfo = ValueOf<typeof RspProfileInfo>;

export const RspProfileInfoListError = named(
  'ProfileInfoListError',
  integer({ incorrectInputValues: 1, undefinedError: 127 }),
);
export type RspProfileInfoListError = ValueOf<typeof RspProfileInfoListError>;

export const RspProfileInfoListResponse = choice('ProfileInfoListResponse', 0xbf2d, {
  profileInfoListOk: req(0xa0, sequenceOf('', 0x30, RspProfileInfo)),
  profileInfoListError: req(0x81, RspProfileInfoListError),
});
export type RspProfileInfoListResponse = ValueOf<typeof RspProfileInfoListResponse>;

export const RspStoreMetadataRequest = sequence('StoreMetadataRequest', 0xbf25, {
  iccid: req(Iccid),
  serviceProviderName: req(0x91, utf8({ min: 0, max: 32 })),
  profileName: req(0x92, utf8({ min: 0, max: 64 })),
  iconType: opt(0x93, IconType),
  icon: opt(0x94, octets({ min: 0, max: 1024 })),
  profileClass: dflt(0x95, ProfileClass, 2),
  notificationConfigurationInfo: opt(0xb6, sequenceOf('', 0x30, NotificationConfigurationInformation)),
  profileOwner: opt(0xb7, OperatorId),
  profilePolicyRules: opt(0x99, PprIds),
  serviceSpecificDataStoredInEuicc: opt(0xbf22, VendorSpecificExtension),
  serviceSpecificDataNotStoredInEuicc: opt(0xbf23, VendorSpecificExtension),
});
export type RspStoreMetadataRequest = ValueOf<typeof RspStoreMetadataRequest>;

export const UpdateMetadataRequest = sequence('UpdateMetadataRequest', 0xbf2a, {
  serviceProviderName: opt(0x91, utf8({ min: 0, max: 32 })),
  profileName: opt(0x92, utf8({ min: 0, max: 64 })),
  iconType: opt(0x93, IconType),
  icon: opt(0x94, octets({ min: 0, max: 1024 })),
  profilePolicyRules: opt(0x99, PprIds),
  serviceSpecificDataStoredInEuicc: opt(0xbf22, VendorSpecificExtension),
});
export type UpdateMetadataRequest = ValueOf<typeof UpdateMetadataRequest>;

export const SetNicknameRequest = sequence('SetNicknameRequest', 0xbf29, {
  iccid: req(Iccid),
  profileNickname: req(0x90, utf8({ min: 0, max: 64 })),
});
export type SetNicknameRequest = ValueOf<typeof SetNicknameRequest>;

export const SetNicknameResponse = sequence('SetNicknameResponse', 0xbf29, {
  setNicknameResult: req(0x80, integer({ ok: 0, iccidNotFound: 1, undefinedError: 127 })),
});
export type SetNicknameResponse = ValueOf<typeof SetNicknameResponse>;

export const EnableProfileRequest = sequence('EnableProfileRequest', 0xbf31, {
  profileIdentifier: req(
    0xa0,
    choice('', undefined, {
      isdpAid: req(0x4f, OctetTo16),
      iccid: req(Iccid),
    }),
  ),
  refreshFlag: req(0x81, BOOLEAN),
});
export type EnableProfileRequest = ValueOf<typeof EnableProfileRequest>;

export const EnableProfileResponse = sequence('EnableProfileResponse', 0xbf31, {
  enableResult: req(
    0x80,
    integer({
      ok: 0,
      iccidOrAidNotFound: 1,
      profileNotInDisabledState: 2,
      disallowedByPolicy: 3,
      wrongProfileReenabling: 4,
      catBusy: 5,
      undefinedError: 127,
    }),
  ),
});
export type EnableProfileResponse = ValueOf<typeof EnableProfileResponse>;

export const DisableProfileRequest = sequence('DisableProfileRequest', 0xbf32, {
  profileIdentifier: req(
    0xa0,
    choice('', undefined, {
      isdpAid: req(0x4f, OctetTo16),
      iccid: req(Iccid),
    }),
  ),
  refreshFlag: req(0x81, BOOLEAN),
});
export type DisableProfileRequest = ValueOf<typeof DisableProfileRequest>;

export const DisableProfileResponse = sequence('DisableProfileResponse', 0xbf32, {
  disableResult: req(
    0x80,
    integer({
      ok: 0,
      iccidOrAidNotFound: 1,
      profileNotInEnabledState: 2,
      disallowedByPolicy: 3,
      catBusy: 5,
      undefinedError: 127,
    }),
  ),
});
export type DisableProfileResponse = ValueOf<typeof DisableProfileResponse>;

export const DeleteProfileRequest = choice('DeleteProfileRequest', 0xbf33, {
  isdpAid: req(0x4f, OctetTo16),
  iccid: req(Iccid),
});
export type DeleteProfileRequest = ValueOf<typeof DeleteProfileRequest>;

export const DeleteProfileResponse = sequence('DeleteProfileResponse', 0xbf33, {
  deleteResult: req(
    0x80,
    integer({
      ok: 0,
      iccidOrAidNotFound: 1,
      profileNotInDisabledState: 2,
      disallowedByPolicy: 3,
      undefinedError: 127,
    }),
  ),
});
export type DeleteProfileResponse = ValueOf<typeof DeleteProfileResponse>;

export const RspEuiccMemoryResetRequest = sequence('EuiccMemoryResetRequest', 0xbf34, {
  resetOptions: req(
    0x82,
    bits({ deleteOperationalProfiles: 0, deleteFieldLoadedTestProfiles: 1, resetDefaultSmdpAddress: 2 }),
  ),
});
export type RspEuiccMemoryResetRequest = ValueOf<typeof RspEuiccMemoryResetRequest>;

export const RspEuiccMemoryResetResponse = sequence('EuiccMemoryResetResponse', 0xbf34, {
  resetResult: req(0x80, integer({ ok: 0, nothingToDelete: 1, catBusy: 5, undefinedError: 127 })),
});
export type RspEuiccMemoryResetResponse = ValueOf<typeof RspEuiccMemoryResetResponse>;
