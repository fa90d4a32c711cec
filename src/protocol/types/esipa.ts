/** SGP.32 v1.2: the messages of ESipa (SGP.32 5.14, 6.3). */
import { NULL, choice, integer, octets, opt, req, sequence, utf8, type ValueOf } from '../asn1/schema.js';
import { Certificate, Octet16, Octet32, TransactionId } from './common.js';
import {
  EimAcknowledgements,
  EimPackageResult,
  IpaEuiccDataRequest,
  IpaEuiccDataResponse,
  ProfileDownloadTriggerRequest,
} from './eim-package.js';
import { StateChangeCause, StoreMetadataRequest } from './es10-data.js';
import {
  AuthenticateServerResponse,
  CancelSessionResponse,
  PendingNotification,
  PendingNotificationList,
  PrepareDownloadResponse,
} from './es10-session.js';
import { EuiccPackageRequest } from './esep.js';
import { EuiccPackageResult } from './esep-result.js';
import { BoundProfilePackage } from './rsp-bpp.js';
import { EUICCInfo1 } from './rsp-info.js';
import { CtxParams1, ServerSigned1, SmdpSigned2 } from './rsp-session.js';

export const InitiateAuthenticationRequestEsipa = sequence('InitiateAuthenticationRequestEsipa', 0xbf39, {
  euiccChallenge: req(0x81, Octet16),
  smdpAddress: opt(0x83, utf8()),
  euiccInfo1: opt(EUICCInfo1),
  eimTransactionId: opt(0x82, TransactionId),
});
export type InitiateAuthenticationRequestEsipa = ValueOf<typeof InitiateAuthenticationRequestEsipa>;

export const AuthenticateClientRequestEsipa = sequence('AuthenticateClientRequestEsipa', 0xbf3b, {
  transactionId: req(0x80, TransactionId),
  authenticateServerResponse: req(0xbf38, AuthenticateServerResponse),
});
export type AuthenticateClientRequestEsipa = ValueOf<typeof AuthenticateClientRequestEsipa>;

export const GetBoundProfilePackageRequestEsipa = sequence('GetBoundProfilePackageRequestEsipa', 0xbf3a, {
  transactionId: req(0x80, TransactionId),
  prepareDownloadResponse: req(0xbf21, PrepareDownloadResponse),
});
export type GetBoundProfilePackageRequestEsipa = ValueOf<typeof GetBoundProfilePackageRequestEsipa>;

export const ProvideEimPackageResult = sequence('ProvideEimPackageResult', 0xbf50, {
  eidValue: opt(0x5a, Octet16),
  eimPackageResult: req(EimPackageResult),
});
export type ProvideEimPackageResult = ValueOf<typeof ProvideEimPackageResult>;

export const HandleNotificationEsipa = choice('HandleNotificationEsipa', 0xbf3d, {
  pendingNotification: req(0xa0, PendingNotification),
  provideEimPackageResult: req(0xbf50, ProvideEimPackageResult),
});
export type HandleNotificationEsipa = ValueOf<typeof HandleNotificationEsipa>;

export const CancelSessionRequestEsipa = sequence('CancelSessionRequestEsipa', 0xbf41, {
  transactionId: req(0x80, TransactionId),
  cancelSessionResponse: req(0xa1, CancelSessionResponse),
});
export type CancelSessionRequestEsipa = ValueOf<typeof CancelSessionRequestEsipa>;

export const GetEimPackageRequest = sequence('GetEimPackageRequest', 0xbf4f, {
  eidValue: req(0x5a, Octet16),
  notifyStateChange: opt(0x80, NULL),
  stateChangeCause: opt(0x81, StateChangeCause),
  rPLMN: opt(0x82, octets({ min: 3, max: 3 })),
});
export type GetEimPackageRequest = ValueOf<typeof GetEimPackageRequest>;

export const TransferEimPackageResponse = choice('TransferEimPackageResponse', 0xbf4e, {
  euiccPackageResult: req(0xbf51, EuiccPackageResult),
  ePRAndNotifications: req(
    sequence('', 0x30, {
      euiccPackageResult: req(0xbf51, EuiccPackageResult),
      notificationList: req(0xa0, PendingNotificationList),
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
  euiccCiPKIdentifierToBeUsed: req(octets()),
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
      invalidEimTransactionId: 52,
      undefinedError: 127,
    }),
  ),
});
export type InitiateAuthenticationResponseEsipa = ValueOf<typeof InitiateAuthenticationResponseEsipa>;

export const AuthenticateClientOkDPEsipa = sequence('AuthenticateClientOkDPEsipa', 0x30, {
  transactionId: opt(0x80, TransactionId),
  profileMetaData: opt(0xbf25, StoreMetadataRequest),
  smdpSigned2: req(SmdpSigned2),
  smdpSignature2: req(0x5f37, octets()),
  smdpCertificate: req(Certificate),
  hashCc: opt(Octet32),
});
export type AuthenticateClientOkDPEsipa = ValueOf<typeof AuthenticateClientOkDPEsipa>;

export const AuthenticateClientOkDSEsipa = sequence('AuthenticateClientOkDSEsipa', 0x30, {
  transactionId: req(0x80, TransactionId),
  profileDownloadTrigger: opt(0xbf54, ProfileDownloadTriggerRequest),
});
export type AuthenticateClientOkDSEsipa = ValueOf<typeof AuthenticateClientOkDSEsipa>;

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

export const GetBoundProfilePackageOkEsipa = sequence('GetBoundProfilePackageOkEsipa', 0x30, {
  transactionId: opt(0x80, TransactionId),
  boundProfilePackage: req(0xbf36, BoundProfilePackage),
});
export type GetBoundProfilePackageOkEsipa = ValueOf<typeof GetBoundProfilePackageOkEsipa>;

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
      metadataMismatch: 50,
      invalidTransactionId: 95,
      undefinedError: 127,
    }),
  ),
});
export type GetBoundProfilePackageResponseEsipa = ValueOf<typeof GetBoundProfilePackageResponseEsipa>;

export const CancelSessionOk = sequence('CancelSessionOk', 0x30, {});
export type CancelSessionOk = ValueOf<typeof CancelSessionOk>;

export const CancelSessionResponseEsipa = choice('CancelSessionResponseEsipa', 0xbf41, {
  cancelSessionOk: req(0xa0, CancelSessionOk),
  cancelSessionError: req(
    0x81,
    integer({ invalidTransactionId: 1, euiccSignatureInvalid: 2, undefinedError: 127 }),
  ),
});
export type CancelSessionResponseEsipa = ValueOf<typeof CancelSessionResponseEsipa>;

export const GetEimPackageResponse = choice('GetEimPackageResponse', 0xbf4f, {
  euiccPackageRequest: req(0xbf51, EuiccPackageRequest),
  ipaEuiccDataRequest: req(0xbf52, IpaEuiccDataRequest),
  profileDownloadTriggerRequest: req(0xbf54, ProfileDownloadTriggerRequest),
  eimPackageError: req(
    integer({ noEimPackageAvailable: 1, eidNotFound: 2, invalidEid: 3, missingEid: 4, undefinedError: 127 }),
  ),
});
export type GetEimPackageResponse = ValueOf<typeof GetEimPackageResponse>;

export const ProvideEimPackageResultResponse = choice('ProvideEimPackageResultResponse', 0xbf50, {
  eimAcknowledgements: req(0xbf53, EimAcknowledgements),
  emptyResponse: req(sequence('', 0x30, {})),
  provideEimPackageResultError: req(
    integer({ eidNotFound: 2, invalidEid: 3, missingEid: 4, undefinedError: 127 }),
  ),
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
