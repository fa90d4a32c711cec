/** SGP.32 v1.0.1, where it differs from v1.2: eUICC Packages. */
import {
  INTEGER,
  NULL,
  OBJECT_IDENTIFIER,
  choice,
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
  Iccid,
  Octet16,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TransactionId,
} from './common.js';
import { EimIdType, EimSupportedProtocol } from './es10-data.js';
import { ProfileInfoListRequest } from './rsp-profile.js';

export const EimConfigurationData = sequence('EimConfigurationData', 0x30, {
  eimId: req(0x80, utf8()),
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
});
export type EimConfigurationData = ValueOf<typeof EimConfigurationData>;

export const Eco = choice('Eco', undefined, {
  addEim: req(0xa8, EimConfigurationData),
  deleteEim: req(
    0xa9,
    sequence('', 0x30, {
      eimId: req(0x80, utf8()),
    }),
  ),
  updateEim: req(0xaa, EimConfigurationData),
  listEim: req(0xab, sequence('', 0x30, {})),
});
export type Eco = ValueOf<typeof Eco>;

export const Psmo = choice('Psmo', undefined, {
  enable: req(
    0xa3,
    sequence('', 0x30, {
      iccid: req(0x5a, Iccid),
      rollbackFlag: opt(NULL),
    }),
  ),
  disable: req(
    0xa4,
    sequence('', 0x30, {
      iccid: req(0x5a, Iccid),
    }),
  ),
  delete: req(
    0xa5,
    sequence('', 0x30, {
      iccid: req(0x5a, Iccid),
    }),
  ),
  listProfileInfo: req(0xbf2d, ProfileInfoListRequest),
  getRAT: req(0xa6, sequence('', 0x30, {})),
  configureAutoEnable: req(
    0xa7,
    sequence('', 0x30, {
      autoEnableFlag: opt(0x80, NULL),
      smdpOid: opt(0x81, OBJECT_IDENTIFIER),
      smdpAddress: opt(0x82, utf8()),
    }),
  ),
});
export type Psmo = ValueOf<typeof Psmo>;

export const EuiccPackage = choice('EuiccPackage', undefined, {
  psmoList: req(0xa0, sequenceOf('', 0x30, Psmo)),
  ecoList: req(0xa1, sequenceOf('', 0x30, Eco)),
});
export type EuiccPackage = ValueOf<typeof EuiccPackage>;

export const EuiccPackageSigned = sequence('EuiccPackageSigned', 0x30, {
  eimId: req(0x80, utf8()),
  eidValue: req(0x5a, Octet16),
  counterValue: req(0x81, INTEGER),
  transactionId: opt(0x82, TransactionId),
  euiccPackage: req(EuiccPackage),
});
export type EuiccPackageSigned = ValueOf<typeof EuiccPackageSigned>;

export const EuiccPackageRequest = sequence('EuiccPackageRequest', 0xbf51, {
  euiccPackageSigned: req(EuiccPackageSigned),
  eimSignature: req(0x5f37, octets()),
});
export type EuiccPackageRequest = ValueOf<typeof EuiccPackageRequest>;
