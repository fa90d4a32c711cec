/** SGP.32 v1.2: requests and responses of the ES10b functions that SGP.32 adds or changes (SGP.32 5.9). */
import {
  INTEGER,
  NULL,
  OBJECT_IDENTIFIER,
  bits,
  choice,
  integer,
  opt,
  req,
  sequence,
  sequenceOf,
  utf8,
  type ValueOf,
} from '../asn1/schema.js';
import { Certificate, NotificationEvent, SubjectKeyIdentifier } from './common.js';
import { ConnectivityParameters, ConnectivityParametersError, EimConfigurationData } from './es10-data.js';
import { PendingNotificationList } from './es10-session.js';
import { EuiccPackageResultList } from './esep-result.js';

export const IpaeActivationRequest = sequence('IpaeActivationRequest', 0xbf42, {
  ipaeOption: req(0x80, bits({ activateIpae: 0 })),
});
export type IpaeActivationRequest = ValueOf<typeof IpaeActivationRequest>;

export const IpaeActivationResponse = sequence('IpaeActivationResponse', 0xbf42, {
  ipaeActivationResult: req(0x80, integer({ ok: 0, notSupported: 1 })),
});
export type IpaeActivationResponse = ValueOf<typeof IpaeActivationResponse>;

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
      associatedEimAlreadyExists: 2,
      ciPKUnknown: 3,
      invalidAssociationToken: 5,
      counterValueOutOfRange: 6,
      commandError: 7,
      undefinedError: 127,
    }),
  ),
});
export type AddInitialEimResponse = ValueOf<typeof AddInitialEimResponse>;

export const EuiccMemoryResetRequest = sequence('EuiccMemoryResetRequest', 0xbf64, {
  resetOptions: req(
    0x82,
    bits({
      deleteOperationalProfiles: 0,
      deleteFieldLoadedTestProfiles: 1,
      resetDefaultSmdpAddress: 2,
      deletePreLoadedTestProfiles: 3,
      deleteProvisioningProfiles: 4,
      resetEimConfigData: 5,
      resetImmediateEnableConfig: 6,
    }),
  ),
});
export type EuiccMemoryResetRequest = ValueOf<typeof EuiccMemoryResetRequest>;

export const EuiccMemoryResetResponse = sequence('EuiccMemoryResetResponse', 0xbf64, {
  resetResult: req(
    0x80,
    integer({ ok: 0, nothingToDelete: 1, catBusy: 5, ecallActive: 104, undefinedError: 127 }),
  ),
  resetEimResult: opt(
    0x81,
    integer({ ok: 0, nothingToDelete: 1, eimResetNotSupported: 2, undefinedError: 127 }),
  ),
  resetImmediateEnableConfigResult: opt(
    0x82,
    integer({ ok: 0, resetIECNotSupported: 1, undefinedError: 127 }),
  ),
});
export type EuiccMemoryResetResponse = ValueOf<typeof EuiccMemoryResetResponse>;

export const GetCertsRequest = sequence('GetCertsRequest', 0xbf56, {
  euiccCiPKId: opt(0x80, SubjectKeyIdentifier),
});
export type GetCertsRequest = ValueOf<typeof GetCertsRequest>;

export const GetCertsResponse = choice('GetCertsResponse', 0xbf56, {
  certs: req(
    0xa0,
    sequence('', 0x30, {
      eumCertificate: req(0xa5, Certificate),
      euiccCertificate: req(0xa6, Certificate),
    }),
  ),
  getCertsError: req(0x81, integer({ invalidCiPKId: 1, undfinedError: 127 })),
});
export type GetCertsResponse = ValueOf<typeof GetCertsResponse>;

export const RetrieveNotificationsListRequest = sequence('RetrieveNotificationsListRequest', 0xbf2b, {
  searchCriteria: opt(
    0xa0,
    choice('', undefined, {
      seqNumber: req(0x80, INTEGER),
      profileManagementOperation: req(0x81, NotificationEvent),
      euiccPackageResults: req(0x82, NULL),
    }),
  ),
});
export type RetrieveNotificationsListRequest = ValueOf<typeof RetrieveNotificationsListRequest>;

export const RetrieveNotificationsListResponse = choice('RetrieveNotificationsListResponse', 0xbf2b, {
  notificationList: req(0xa0, PendingNotificationList),
  notificationsListResultError: req(0x81, integer({ undefinedError: 127 })),
  euiccPackageResultList: req(0xa2, EuiccPackageResultList),
});
export type RetrieveNotificationsListResponse = ValueOf<typeof RetrieveNotificationsListResponse>;

export const ConfigureImmediateProfileEnablingRequest = sequence(
  'ConfigureImmediateProfileEnablingRequest',
  0xbf59,
  {
    immediateEnableFlag: opt(0x80, NULL),
    defaultSmdpOid: opt(0x81, OBJECT_IDENTIFIER),
    defaultSmdpAddress: opt(0x82, utf8()),
  },
);
export type ConfigureImmediateProfileEnablingRequest = ValueOf<
  typeof ConfigureImmediateProfileEnablingRequest
>;

export const ConfigureImmediateProfileEnablingResponse = sequence(
  'ConfigureImmediateProfileEnablingResponse',
  0xbf59,
  {
    configImmediateEnableResult: req(
      0x80,
      integer({ ok: 0, insufficientMemory: 1, associatedEimAlreadyExists: 2, undefinedError: 127 }),
    ),
  },
);
export type ConfigureImmediateProfileEnablingResponse = ValueOf<
  typeof ConfigureImmediateProfileEnablingResponse
>;

export const GetEimConfigurationDataRequest = sequence('GetEimConfigurationDataRequest', 0xbf55, {
  searchCriteria: opt(
    0xa0,
    choice('', undefined, {
      eimId: req(0x80, utf8({ min: 1, max: 128 })),
    }),
  ),
});
export type GetEimConfigurationDataRequest = ValueOf<typeof GetEimConfigurationDataRequest>;

export const GetEimConfigurationDataResponse = sequence('GetEimConfigurationDataResponse', 0xbf55, {
  eimConfigurationDataList: req(0xa0, sequenceOf('', 0x30, EimConfigurationData)),
});
export type GetEimConfigurationDataResponse = ValueOf<typeof GetEimConfigurationDataResponse>;

export const GetConnectivityParametersRequest = sequence('GetConnectivityParametersRequest', 0xbf5f, {});
export type GetConnectivityParametersRequest = ValueOf<typeof GetConnectivityParametersRequest>;

export const GetConnectivityParametersResponse = choice('GetConnectivityParametersResponse', 0xbf5f, {
  connectivityParameters: req(0xa0, ConnectivityParameters),
  connectivityParametersError: req(0x81, ConnectivityParametersError),
});
export type GetConnectivityParametersResponse = ValueOf<typeof GetConnectivityParametersResponse>;
