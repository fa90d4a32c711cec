/** SGP.22 v2.5: what an eUICC tells about itself, and addresses (SGP.22 5.7.1, 5.7.3, 5.7.4, 5.7.8, 5.7.12, 5.7.20, 5.7.22). */
import {
  INTEGER,
  bits,
  choice,
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
  CertificateList,
  CertificationDataObject,
  Octet1,
  Octet16,
  OperatorId,
  PprIds,
  RspCapability,
  SubjectKeyIdentifier,
  UICCCapability,
  VersionType,
} from './common.js';

export const GetEuiccInfo1Request = sequence('GetEuiccInfo1Request', 0xbf20, {});
export type GetEuiccInfo1Request = ValueOf<typeof GetEuiccInfo1Request>;

export const EUICCInfo1 = sequence('EUICCInfo1', 0xbf20, {
  svn: req(0x82, VersionType),
  euiccCiPKIdListForVerification: req(0xa9, sequenceOf('', 0x30, SubjectKeyIdentifier)),
  euiccCiPKIdListForSigning: req(0xaa, sequenceOf('', 0x30, SubjectKeyIdentifier)),
});
export type EUICCInfo1 = ValueOf<typeof EUICCInfo1>;

export const GetEuiccInfo2Request = sequence('GetEuiccInfo2Request', 0xbf22, {});
export type GetEuiccInfo2Request = ValueOf<typeof GetEuiccInfo2Request>;

export const RspEUICCInfo2 = sequence('EUICCInfo2', 0xbf22, {
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
});
export type RspEUICCInfo2 = ValueOf<typeof RspEUICCInfo2>;

export const GetEuiccDataRequest = sequence('GetEuiccDataRequest', 0xbf3e, {
  tagList: req(0x5c, Octet1),
});
export type GetEuiccDataRequest = ValueOf<typeof GetEuiccDataRequest>;

export const GetEuiccDataResponse = sequence('GetEuiccDataResponse', 0xbf3e, {
  eidValue: req(0x5a, Octet16),
});
export type GetEuiccDataResponse = ValueOf<typeof GetEuiccDataResponse>;

export const GetRatRequest = sequence('GetRatRequest', 0xbf43, {});
export type GetRatRequest = ValueOf<typeof GetRatRequest>;

export const ProfilePolicyAuthorisationRule = sequence('ProfilePolicyAuthorisationRule', 0x30, {
  pprIds: req(0x80, PprIds),
  allowedOperators: req(0xa1, sequenceOf('', 0x30, OperatorId)),
  pprFlags: req(0x82, bits({ consentRequired: 0 })),
});
export type ProfilePolicyAuthorisationRule = ValueOf<typeof ProfilePolicyAuthorisationRule>;

export const RulesAuthorisationTable = sequenceOf(
  'RulesAuthorisationTable',
  0x30,
  ProfilePolicyAuthorisationRule,
);
export type RulesAuthorisationTable = ValueOf<typeof RulesAuthorisationTable>;

export const GetRatResponse = sequence('GetRatResponse', 0xbf43, {
  rat: req(0xa0, RulesAuthorisationTable),
});
export type GetRatResponse = ValueOf<typeof GetRatResponse>;

export const EuiccConfiguredAddressesRequest = sequence('EuiccConfiguredAddressesRequest', 0xbf3c, {});
export type EuiccConfiguredAddressesRequest = ValueOf<typeof EuiccConfiguredAddressesRequest>;

export const EuiccConfiguredAddressesResponse = sequence('EuiccConfiguredAddressesResponse', 0xbf3c, {
  defaultDpAddress: opt(0x80, utf8()),
  rootDsAddress: req(0x81, utf8()),
});
export type EuiccConfiguredAddressesResponse = ValueOf<typeof EuiccConfiguredAddressesResponse>;

export const RspSetDefaultDpAddressRequest = sequence('SetDefaultDpAddressRequest', 0xbf3f, {
  defaultDpAddress: req(0x80, utf8()),
});
export type RspSetDefaultDpAddressRequest = ValueOf<typeof RspSetDefaultDpAddressRequest>;

export const RspSetDefaultDpAddressResponse = sequence('SetDefaultDpAddressResponse', 0xbf3f, {
  setDefaultDpAddressResult: req(0x80, integer({ ok: 0, undefinedError: 127 })),
});
export type RspSetDefaultDpAddressResponse = ValueOf<typeof RspSetDefaultDpAddressResponse>;

export const ISDRProprietaryApplicationTemplate = sequence('ISDRProprietaryApplicationTemplate', 0xe0, {
  svn: req(0x82, VersionType),
  lpaeSupport: opt(bits({ lpaeUsingCat: 0, lpaeUsingScws: 1 })),
});
export type ISDRProprietaryApplicationTemplate = ValueOf<typeof ISDRProprietaryApplicationTemplate>;

export const LpaeActivationRequest = sequence('LpaeActivationRequest', 0xbf42, {
  lpaeOption: req(0x80, bits({ activateCatBasedLpae: 0, activateScwsBasedLpae: 1 })),
});
export type LpaeActivationRequest = ValueOf<typeof LpaeActivationRequest>;

export const LpaeActivationResponse = sequence('LpaeActivationResponse', 0xbf42, {
  lpaeActivationResult: req(0x80, integer({ ok: 0, notSupported: 1 })),
});
export type LpaeActivationResponse = ValueOf<typeof LpaeActivationResponse>;

export const SegmentedCrlList = sequenceOf('SegmentedCrlList', 0x30, CertificateList);
export type SegmentedCrlList = ValueOf<typeof SegmentedCrlList>;

export const LoadCRLRequest = sequence('LoadCRLRequest', 0xbf35, {
  crl: req(0xa0, CertificateList),
});
export type LoadCRLRequest = ValueOf<typeof LoadCRLRequest>;

export const LoadCRLResponseOk = sequence('LoadCRLResponseOk', 0x30, {
  missingParts: opt(0xa0, sequenceOf('', 0x30, INTEGER)),
});
export type LoadCRLResponseOk = ValueOf<typeof LoadCRLResponseOk>;

export const LoadCRLResponseError = named(
  'LoadCRLResponseError',
  integer({
    invalidSignature: 1,
    invalidCRLFormat: 2,
    notEnoughMemorySpace: 3,
    verificationKeyNotFound: 4,
    fresherCrlAlreadyLoaded: 5,
    baseCrlMissing: 6,
    undefinedError: 127,
  }),
);
export type LoadCRLResponseError = ValueOf<typeof LoadCRLResponseError>;

export const LoadCRLResponse = choice('LoadCRLResponse', 0xbf35, {
  loadCRLResponseOk: req(0xa0, LoadCRLResponseOk),
  loadCRLResponseError: req(0x81, LoadCRLResponseError),
});
export type LoadCRLResponse = ValueOf<typeof LoadCRLResponse>;
