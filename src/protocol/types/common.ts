/** Types that both SGP.22 v2.5 and SGP.32 build on: sizes, identifiers, named numbers and bits. */
import {
  ANY,
  INTEGER,
  OBJECT_IDENTIFIER,
  bits,
  integer,
  named,
  octets,
  opaque,
  opt,
  req,
  retag,
  sequence,
  sequenceOf,
  utf8,
  type ValueOf,
} from '../asn1/schema.js';

export const Octet1 = named('Octet1', octets({ min: 1, max: 1 }));
export type Octet1 = ValueOf<typeof Octet1>;

export const Octet2 = named('Octet2', octets({ min: 2, max: 2 }));
export type Octet2 = ValueOf<typeof Octet2>;

export const Octet4 = named('Octet4', octets({ min: 4, max: 4 }));
export type Octet4 = ValueOf<typeof Octet4>;

export const Octet8 = named('Octet8', octets({ min: 8, max: 8 }));
export type Octet8 = ValueOf<typeof Octet8>;

export const Octet16 = named('Octet16', octets({ min: 16, max: 16 }));
export type Octet16 = ValueOf<typeof Octet16>;

export const OctetTo16 = named('OctetTo16', octets({ min: 1, max: 16 }));
export type OctetTo16 = ValueOf<typeof OctetTo16>;

export const Octet32 = named('Octet32', octets({ min: 32, max: 32 }));
export type Octet32 = ValueOf<typeof Octet32>;

export const VersionType = named('VersionType', octets({ min: 3, max: 3 }));
export type VersionType = ValueOf<typeof VersionType>;

export const Iccid = retag(octets({ min: 10, max: 10 }), 'Iccid', 0x5a);
export type Iccid = ValueOf<typeof Iccid>;

export const TransactionId = named('TransactionId', octets({ min: 1, max: 16 }));
export type TransactionId = ValueOf<typeof TransactionId>;

export const RemoteOpId = retag(integer({ installBoundProfilePackage: 1 }), 'RemoteOpId', 0x82);
export type RemoteOpId = ValueOf<typeof RemoteOpId>;

export const Certificate = opaque('Certificate');
export type Certificate = ValueOf<typeof Certificate>;

export const SubjectPublicKeyInfo = opaque('SubjectPublicKeyInfo');
export type SubjectPublicKeyInfo = ValueOf<typeof SubjectPublicKeyInfo>;

export const CertificateList = opaque('CertificateList');
export type CertificateList = ValueOf<typeof CertificateList>;

export const SubjectKeyIdentifier = named('SubjectKeyIdentifier', octets());
export type SubjectKeyIdentifier = ValueOf<typeof SubjectKeyIdentifier>;

export const UICCCapability = named(
  'UICCCapability',
  bits({
    contactlessSupport: 0,
    usimSupport: 1,
    isimSupport: 2,
    csimSupport: 3,
    akaMilenage: 4,
    akaCave: 5,
    akaTuak128: 6,
    akaTuak256: 7,
    usimTestAlgorithm: 8,
    rfu2: 9,
    gbaAuthenUsim: 10,
    gbaAuthenISim: 11,
    mbmsAuthenUsim: 12,
    eapClient: 13,
    javacard: 14,
    multos: 15,
    multipleUsimSupport: 16,
    multipleIsimSupport: 17,
    multipleCsimSupport: 18,
    berTlvFileSupport: 19,
    dfLinkSupport: 20,
    catTp: 21,
    getIdentity: 22,
    'profile-a-x25519': 23,
    'profile-b-p256': 24,
    suciCalculatorApi: 25,
    'dns-resolution': 26,
    scp11ac: 27,
    'scp11c-authorization-mechanism': 28,
    s16mode: 29,
    eaka: 30,
    iotminimal: 31,
  }),
);
export type UICCCapability = ValueOf<typeof UICCCapability>;

export const RspCapability = named(
  'RspCapability',
  bits({
    additionalProfile: 0,
    crlSupport: 1,
    rpmSupport: 2,
    testProfileSupport: 3,
    deviceInfoExtensibilitySupport: 4,
    serviceSpecificDataSupport: 5,
  }),
);
export type RspCapability = ValueOf<typeof RspCapability>;

export const CertificationDataObject = sequence('CertificationDataObject', 0x30, {
  platformLabel: req(0x80, utf8()),
  discoveryBaseURL: req(0x81, utf8()),
});
export type CertificationDataObject = ValueOf<typeof CertificationDataObject>;

export const CertificateInfo = named(
  'CertificateInfo',
  bits({ reserved: 0, certSigningX509: 1, rfu2: 2, rfu3: 3, reserved2: 4, certVerificationX509: 5 }),
);
export type CertificateInfo = ValueOf<typeof CertificateInfo>;

export const PprIds = named('PprIds', bits({ pprUpdateControl: 0, ppr1: 1, ppr2: 2 }));
export type PprIds = ValueOf<typeof PprIds>;

export const OperatorId = sequence('OperatorId', 0x30, {
  mccMnc: req(0x80, octets({ min: 3, max: 3 })),
  gid1: opt(0x81, octets()),
  gid2: opt(0x82, octets()),
});
export type OperatorId = ValueOf<typeof OperatorId>;

export const DpProprietaryData = sequence('DpProprietaryData', 0x30, {
  dpOid: req(0x80, OBJECT_IDENTIFIER),
});
export type DpProprietaryData = ValueOf<typeof DpProprietaryData>;

export const VendorSpecificExtension = sequenceOf(
  'VendorSpecificExtension',
  0x30,
  sequence('', 0x30, {
    vendorOid: req(0x80, OBJECT_IDENTIFIER),
    vendorSpecificData: req(0xa1, ANY),
  }),
);
export type VendorSpecificExtension = ValueOf<typeof VendorSpecificExtension>;

export const NotificationEvent = named(
  'NotificationEvent',
  bits({ notificationInstall: 0, notificationEnable: 1, notificationDisable: 2, notificationDelete: 3 }),
);
export type NotificationEvent = ValueOf<typeof NotificationEvent>;

export const NotificationConfigurationInformation = sequence('NotificationConfigurationInformation', 0x30, {
  profileManagementOperation: req(0x80, NotificationEvent),
  notificationAddress: req(0x81, utf8()),
});
export type NotificationConfigurationInformation = ValueOf<typeof NotificationConfigurationInformation>;

export const IconType = named('IconType', integer({ jpg: 0, png: 1 }));
export type IconType = ValueOf<typeof IconType>;

export const ProfileState = named('ProfileState', integer({ disabled: 0, enabled: 1 }));
export type ProfileState = ValueOf<typeof ProfileState>;

export const ProfileClass = named('ProfileClass', integer({ test: 0, provisioning: 1, operational: 2 }));
export type ProfileClass = ValueOf<typeof ProfileClass>;

export const CatSupportedClasses = named('CatSupportedClasses', bits());
export type CatSupportedClasses = ValueOf<typeof CatSupportedClasses>;

export const EuiccFormFactorType = named('EuiccFormFactorType', INTEGER);
export type EuiccFormFactorType = ValueOf<typeof EuiccFormFactorType>;

export const DeviceAdditionalFeatureSupport = sequence('DeviceAdditionalFeatureSupport', 0x30, {
  naiSupport: opt(0x80, VersionType),
});
export type DeviceAdditionalFeatureSupport = ValueOf<typeof DeviceAdditionalFeatureSupport>;

export const DeviceCapabilities = sequence('DeviceCapabilities', 0x30, {
  gsmSupportedRelease: opt(0x80, VersionType),
  utranSupportedRelease: opt(0x81, VersionType),
  cdma2000onexSupportedRelease: opt(0x82, VersionType),
  cdma2000hrpdSupportedRelease: opt(0x83, VersionType),
  cdma2000ehrpdSupportedRelease: opt(0x84, VersionType),
  eutranEpcSupportedRelease: opt(0x85, VersionType),
  contactlessSupportedRelease: opt(0x86, VersionType),
  rspCrlSupportedVersion: opt(0x87, VersionType),
  nrEpcSupportedRelease: opt(0x88, VersionType),
  nr5gcSupportedRelease: opt(0x89, VersionType),
  eutran5gcSupportedRelease: opt(0x8a, VersionType),
  lpaSvn: opt(0x8b, VersionType),
  catSupportedClasses: opt(0x8c, CatSupportedClasses),
  euiccFormFactorType: opt(0x8d, EuiccFormFactorType),
  deviceAdditionalFeatureSupport: opt(0xae, DeviceAdditionalFeatureSupport),
});
export type DeviceCapabilities = ValueOf<typeof DeviceCapabilities>;

export const DeviceInfo = sequence('DeviceInfo', 0x30, {
  tac: req(0x80, Octet4),
  deviceCapabilities: req(0xa1, DeviceCapabilities),
  imei: opt(0x82, Octet8),
});
export type DeviceInfo = ValueOf<typeof DeviceInfo>;

export const EuiccSignPIR = retag(octets(), 'EuiccSignPIR', 0x5f37);
export type EuiccSignPIR = ValueOf<typeof EuiccSignPIR>;
