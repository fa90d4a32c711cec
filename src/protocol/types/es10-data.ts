/** SGP.32 v1.2: the data that ES10b, ESep and ESipa share: eUICC information, Profile metadata, eIM configuration (SGP.32 2.11.1, 4, 5.9.2). */
import {
  BOOLEAN,
  INTEGER,
  NULL,
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
  Certificate,
  CertificationDataObject,
  DpProprietaryData,
  Iccid,
  IconType,
  NotificationConfigurationInformation,
  OctetTo16,
  OperatorId,
  PprIds,
  ProfileClass,
  ProfileState,
  RspCapability,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  UICCCapability,
  VendorSpecificExtension,
  VersionType,
} from './common.js';

export const EimIdType = named(
  'EimIdType',
  integer({ eimIdTypeOid: 1, eimIdTypeFqdn: 2, eimIdTypeProprietary: 3 }),
);
export type EimIdType = ValueOf<typeof EimIdType>;

export const EimSupportedProtocol = named(
  'EimSupportedProtocol',
  bits({ eimRetrieveHttps: 0, eimRetrieveCoaps: 1, eimInjectHttps: 2, eimInjectCoaps: 3, eimProprietary: 4 }),
);
export type EimSupportedProtocol = ValueOf<typeof EimSupportedProtocol>;

export const EimConfigurationData = sequence('EimConfigurationData', 0x30, {
  eimId: req(0x80, utf8({ min: 1, max: 128 })),
  eimFqdn: opt(0x81, utf8()),
  eimIdType: opt(0x82, EimIdType),
  counterValue: opt(0x83, INTEGER),
  associationToken: opt(0x84, INTEGER),
  eimPublicKeyData: opt(
    0xa5,
    choice('', undefined, {
      eimPublicKey: req(0xa0, SubjectPublicKeyInfo),
      eimCertificate: req(0xa1, Certificate),
    }),
  ),
  trustedPublicKeyDataTls: opt(
    0xa6,
    choice('', undefined, {
      trustedEimPkTls: req(0xa0, SubjectPublicKeyInfo),
      trustedCertificateTls: req(0xa1, Certificate),
    }),
  ),
  eimSupportedProtocol: opt(0x87, EimSupportedProtocol),
  euiccCiPKId: opt(0x88, SubjectKeyIdentifier),
  indirectProfileDownload: opt(0x89, NULL),
});
export type EimConfigurationData = ValueOf<typeof EimConfigurationData>;

export const ProfileInfo = sequence('ProfileInfo', 0xe3, {
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
  ecallIndication: opt(0x9f7b, BOOLEAN),
  fallbackAttribute: dflt(0x9f26, BOOLEAN, false),
  fallbackAllowed: opt(0x9f67, BOOLEAN),
});
export type ProfileInfo = ValueOf<typeof ProfileInfo>;

export const StoreMetadataRequest = sequence('StoreMetadataRequest', 0xbf25, {
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
  ecallIndication: opt(0x9f7b, BOOLEAN),
  fallbackAllowed: opt(0x9f67, BOOLEAN),
});
export type StoreMetadataRequest = ValueOf<typeof StoreMetadataRequest>;

export const IoTSpecificInfo = sequence('IoTSpecificInfo', 0x30, {
  iotVersion: req(0xa0, sequenceOf('', 0x30, VersionType)),
  ecallSupported: opt(0x81, NULL),
  fallbackSupported: opt(0x82, NULL),
});
export type IoTSpecificInfo = ValueOf<typeof IoTSpecificInfo>;

export const IpaMode = named('IpaMode', integer({ ipad: 0, ipae: 1 }));
export type IpaMode = ValueOf<typeof IpaMode>;

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
  euiccCiPKIdListForSigningV3: opt(0xb1, sequenceOf('', 0x30, SubjectKeyIdentifier)),
  additionalEuiccInfo: opt(0x92, octets({ min: 0, max: 32 })),
  highestSvn: opt(0x93, VersionType),
  iotSpecificInfo: opt(0xb4, IoTSpecificInfo),
});
export type EUICCInfo2 = ValueOf<typeof EUICCInfo2>;

export const SetDefaultDpAddressRequest = sequence('SetDefaultDpAddressRequest', 0xbf65, {
  defaultDpAddress: req(0x80, utf8()),
});
export type SetDefaultDpAddressRequest = ValueOf<typeof SetDefaultDpAddressRequest>;

export const SetDefaultDpAddressResponse = sequence('SetDefaultDpAddressResponse', 0xbf65, {
  setDefaultDpAddressResult: req(0x80, integer({ ok: 0, undefinedError: 127 })),
});
export type SetDefaultDpAddressResponse = ValueOf<typeof SetDefaultDpAddressResponse>;

export const ISDRProprietaryApplicationTemplateIoT = sequence('ISDRProprietaryApplicationTemplateIoT', 0xe1, {
  euiccConfiguration: req(0x80, bits({ ipaeSupported: 0, enabledProfile: 1 })),
});
export type ISDRProprietaryApplicationTemplateIoT = ValueOf<typeof ISDRProprietaryApplicationTemplateIoT>;

export const IpaCapabilities = sequence('IpaCapabilities', 0x30, {
  ipaFeatures: req(
    0x80,
    bits({
      directRspServerCommunication: 0,
      indirectRspServerCommunication: 1,
      eimDownloadDataHandling: 2,
      eimCtxParams1Generation: 3,
      eimProfileMetadataVerification: 4,
      minimizeEsipaBytes: 5,
    }),
  ),
  ipaSupportedProtocols: opt(
    0x81,
    bits({
      ipaRetrieveHttps: 0,
      ipaRetrieveCoaps: 1,
      ipaInjectHttps: 2,
      ipaInjectCoaps: 3,
      ipaProprietary: 4,
    }),
  ),
});
export type IpaCapabilities = ValueOf<typeof IpaCapabilities>;

export const ConnectivityParameters = sequence('ConnectivityParameters', 0x30, {
  httpParams: opt(0x81, octets()),
});
export type ConnectivityParameters = ValueOf<typeof ConnectivityParameters>;

export const ConnectivityParametersError = named(
  'ConnectivityParametersError',
  integer({ parametersNotAvailable: 1, undefinedError: 127 }),
);
export type ConnectivityParametersError = ValueOf<typeof ConnectivityParametersError>;

export const StateChangeCause = named(
  'StateChangeCause',
  integer({
    otherEim: 0,
    fallback: 1,
    emergencyProfile: 2,
    local: 3,
    reset: 4,
    immediateEnableProfile: 5,
    deviceChange: 6,
    undefined: 127,
  }),
);
export type StateChangeCause = ValueOf<typeof StateChangeCause>;
