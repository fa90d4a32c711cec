/** SGP.32 v1.0.1, where it differs from v1.2: ESipa. */
import { NULL, choice, integer, octets, opt, req, sequence, utf8, type ValueOf } from '../asn1/schema.js';
import { Certificate, Octet16, Octet32, TransactionId } from './common.js';
import { EimAcknowledgements, ProfileDownloadTriggerRequest } from './eim-package.js';
import {
  AuthenticateClientOkDSEsipa,
  CancelSessionRequestEsipa,
  CancelSessionResponseEsipa,
  GetBoundProfilePackageOkEsipa,
  GetBoundProfilePackageRequestEsipa,
} from './esipa.js';
import { EUICCInfo1 } from './rsp-info.js';
import { RspStoreMetadataRequest } from './rsp-profile.js';
import { CtxParams1, ServerSigned1, SmdpSigned2 } from './rsp-session.js';
import {
  IpaEuiccDataRequest,
  IpaEuiccDataResponse,
  ProfileDownloadTriggerResult,
} from './v1-0-1-eim-package.js';
import {
  AuthenticateServerResponse,
  PendingNotification,
  RetrieveNotificationsListResponse,
} from './v1-0-1-es10.js';
import { EuiccPackageRequest } from './v1-0-1-esep.js';
import { EuiccPackageResult } from './v1-0-1-esep-result.js';

export const InitiateAuthenticationRequestEsipa = sequence('InitiateAuthenticationRequestEsipa', 0xbf39, {
  euiccChallenge: req(0x81, Octet16),
  smdpAddress: opt(0x83, utf8()),
  euiccInfo1: opt(EUICCInfo1),
});
export type InitiateAuthenticationRequestEsipa = ValueOf<typeof InitiateAuthenticationRequestEsipa>;

export const AuthenticateClientRequestEsipa = sequence('AuthenticateClientRequestEsipa', 0xbf3b, {
  transactionId: req(0x80, TransactionId),
  authenticateServerResponse: req(0xbf38, AuthenticateServerResponse),
});
export type AuthenticateClientRequestEsipa = ValueOf<typeof AuthenticateClientRequestEsipa>;

export const ProvideEimPackageResult = choice('ProvideEimPackageResult', 0xbf50, {
  euiccPackageResult: req(0xbf51, EuiccPackageResult),
  ePRAndNotifications: req(
    sequence('', 0x30, {
      euiccPackageResult: req(0xbf51, EuiccPackageResult),
      notificationList: req(0xbf2b, RetrieveNotificationsListResponse),
    }),
  ),
  ipaEuiccDataResponse: req(0xbf52, IpaEuiccDataResponse),
  profileDownloadTriggerResult: req(0xbf54, ProfileDownloadTriggerResult),
  eimPackageError: req(integer({ invalidPackageFormat: 1, unknownPackage: 2, undefinedError: 127 })),
});
export type ProvideEimPackageResult = ValueOf<typeof ProvideEimPackageResult>;

export const HandleNotificationEsipa = choice('HandleNotificationEsipa', 0xbf3d, {
  pendingNotification: req(0xa0, PendingNotification),
  provideEimPackageResult: req(0xa1, ProvideEimPackageResult),
});
export type HandleNotificationEsipa = ValueOf<typeof HandleNotificationEsipa>;

export const GetEimPackageRequest = sequence('GetEimPackageRequest', 0xbf4f, {
  eidValue: req(0x5a, Octet16),
  notifyStateChange: opt(0x80, NULL),
  rPLMN: opt(0x81, octets({ min: 3, max: 3 })),
});
export type GetEimPackageRequest = ValueOf<typeof GetEimPackageRequest>;

export const TransferEimPackageResponse = choice('TransferEimPackageResponse', 0xbf4e, {
  euiccPackageResult: req(0xbf51, EuiccPackageResult),
  ePRAndNotifications: req(
    sequence('', 0x30, {
      euiccPackageResult: req(0xbf51, EuiccPackageResult),
      notificationList: req(0xbf2b, RetrieveNotificationsListResponse),
    }),
  ),
  ipaEuiccDataResponse: req(0xbf52, IpaEuiccDataResponse),
  eimPackageReceived: req(NULL),
  eimPackageError: req(integer({ invalidPackageFormat: 1, unknownPackage: 2, undefinedError: 127 })),
});
export type TransferEimPackageResponse = ValueOf<typeof TransferEimPackageResponse>;

export const EsipaMessageFromIpaToEim = choice('EsipaMessageFromIpaToEim', undefined, {
  initiateAuthenticationRequestEsipa: req(0xbf39, InitiateAuthenticationRequestEsipa),
  authenticateClientRequestEsipa: req(0xbf3b, AuthenticateClientRequestEsipa),
  getBoundProfilePackageRequestEsipa: req(0xbf3a, GetBoundProfilePackageRequestEsipa),
  cancelSessionRequestEsipa: req(0xbf41, CancelSessionRequestEsipa),
  handleNotificationEsipa: req(0xbf3d, HandleNotificationEsipa),
  transferEimPackageResponse: req(0xbf4e, TransferEimPackageResponse),
  getEimPackageRequest: req(0xbf4f, GetEimPackageRequest),
  provideEimPackageResult: req(0xbf50, ProvideEimPackageResult),
});
export type EsipaMessageFromIpaToEim = ValueOf<typeof EsipaMessageFromIpaToEim>;

export const InitiateAuthenticationOkEsipa = sequence('InitiateAuthenticationOkEsipa', 0x30, {
  transactionId: opt(0x80, TransactionId),
  serverSigned1: req(ServerSigned1),
  serverSignature1: req(0x5f37, octets()),
  euiccCiPKIdToBeUsed: req(octets()),
  serverCertificate: req(Certificate),
  matchingId: opt(utf8()),
  ctxParams1: opt(0xa2, CtxParams1),
});
export type InitiateAuthenticationOkEsipa = ValueOf<typeof InitiateAuthenticationOkEsipa>;

export const InitiateAuthenticationResponseEsipa = choice('InitiateAuthenticationResponseEsipa', 0xbf39, {
  initiateAuthenticationOkEsipa: req(0xa0, InitiateAuthenticationOkEsipa),
  initiateAuthenticationErrorEsipa: req(
    0x81,
    integer({
      invalidDpAddress: 1,
      euiccVersionNotSupportedByDp: 2,
      ciPKIdNotSupported: 3,
      smdpAddressMismatch: 50,
      smdpOidMismatch: 51,
    }),
  ),
});
export type InitiateAuthenticationResponseEsipa = ValueOf<typeof InitiateAuthenticationResponseEsipa>;

export const AuthenticateClientOkDPEsipa = sequence('AuthenticateClientOkDPEsipa', 0x30, {
  transactionId: opt(0x80, TransactionId),
  profileMetaData: opt(0xbf25, RspStoreMetadataRequest),
  smdpSigned2: req(SmdpSigned2),
  smdpSignature2: req(0x5f37, octets()),
  smdpCertificate: req(Certificate),
  hashCc: opt(Octet32),
});
export type AuthenticateClientOkDPEsipa = ValueOf<typeof AuthenticateClientOkDPEsipa>;

export const AuthenticateClientResponseEsipa = choice('AuthenticateClientResponseEsipa', 0xbf3b, {
  authenticateClientOkDPEsipa: req(0xa0, AuthenticateClientOkDPEsipa),
  authenticateClientOkDSEsipa: req(0xa1, AuthenticateClientOkDSEsipa),
  authenticateClientErrorEsipa: req(
    0x82,
    integer({
      eumCertificateInvalid: 1,
      eumCertificateExpired: 2,
      euiccCertificateInvalid: 3,
      euiccCertificateExpired: 4,
      euiccSignatureInvalid: 5,
      matchingIdRefused: 6,
      eidMismatch: 7,
      noEligibleProfile: 8,
      ciPKUnknown: 9,
      invalidTransactionId: 10,
      insufficientMemory: 11,
      pprNotAllowed: 50,
      eventIdUnknown: 56,
      undefinedError: 127,
    }),
  ),
});
export type AuthenticateClientResponseEsipa = ValueOf<typeof AuthenticateClientResponseEsipa>;

export const GetBoundProfilePackageResponseEsipa = choice('GetBoundProfilePackageResponseEsipa', 0xbf3a, {
  getBoundProfilePackageOkEsipa: req(0xa0, GetBoundProfilePackageOkEsipa),
  getBoundProfilePackageErrorEsipa: req(
    0x81,
    integer({
      euiccSignatureInvalid: 1,
      confirmationCodeMissing: 2,
      confirmationCodeRefused: 3,
      confirmationCodeRetriesExceeded: 4,
      bppRebindingRefused: 5,
      downloadOrderExpired: 6,
      profileMetadataMismatch: 50,
      invalidTransactionId: 95,
      undefinedError: 127,
    }),
  ),
});
export type GetBoundProfilePackageResponseEsipa = ValueOf<typeof GetBoundProfilePackageResponseEsipa>;

export const GetEimPackageResponse = choice('GetEimPackageResponse', 0xbf4f, {
  euiccPackageRequest: req(0xbf51, EuiccPackageRequest),
  ipaEuiccDataRequest: req(0xbf52, IpaEuiccDataRequest),
  profileDownloadTriggerRequest: req(0xbf54, ProfileDownloadTriggerRequest),
  eimPackageError: req(integer({ noEimPackageAvailable: 1, undefinedError: 127 })),
});
export type GetEimPackageResponse = ValueOf<typeof GetEimPackageResponse>;

export const ProvideEimPackageResultResponse = sequence('ProvideEimPackageResultResponse', 0xbf50, {
  eimAcknowledgements: opt(0xbf53, EimAcknowledgements),
});
export type ProvideEimPackageResultResponse = ValueOf<typeof ProvideEimPackageResultResponse>;

export const TransferEimPackageRequest = choice('TransferEimPackageRequest', 0xbf4e, {
  euiccPackageRequest: req(0xbf51, EuiccPackageRequest),
  ipaEuiccDataRequest: req(0xbf52, IpaEuiccDataRequest),
  eimAcknowledgements: req(0xbf53, EimAcknowledgements),
  profileDownloadTriggerRequest: req(0xbf54, ProfileDownloadTriggerRequest),
});
export type TransferEimPackageRequest = ValueOf<typeof TransferEimPackageRequest>;

export const EsipaMessageFromEimToIpa = choice('EsipaMessageFromEimToIpa', undefined, {
  initiateAuthenticationResponseEsipa: req(0xbf39, InitiateAuthenticationResponseEsipa),
  authenticateClientResponseEsipa: req(0xbf3b, AuthenticateClientResponseEsipa),
  getBoundProfilePackageResponseEsipa: req(0xbf3a, GetBoundProfilePackageResponseEsipa),
  cancelSessionResponseEsipa: req(0xbf41, CancelSessionResponseEsipa),
  transferEimPackageRequest: req(0xbf4e, TransferEimPackageRequest),
  getEimPackageResponse: req(0xbf4f, GetEimPackageResponse),
  provideEimPackageResultResponse: req(0xbf50, ProvideEimPackageResultResponse),
});
export type EsipaMessageFromEimToIpa = ValueOf<typeof EsipaMessageFromEimToIpa>;
