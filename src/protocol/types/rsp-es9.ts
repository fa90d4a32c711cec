/** SGP.22 v2.5: the ASN.1 binding of ES9+ and ES11 (SGP.22 6.6). */
import { choice, integer, octets, req, sequence, sequenceOf, utf8, type ValueOf } from '../asn1/schema.js';
import { Certificate, Octet16, SubjectKeyIdentifier, TransactionId } from './common.js';
import { BoundProfilePackage } from './rsp-bpp.js';
import { EUICCInfo1 } from './rsp-info.js';
import { RspPendingNotification } from './rsp-notification.js';
import { RspStoreMetadataRequest } from './rsp-profile.js';
import {
  RspAuthenticateServerResponse,
  RspCancelSessionResponse,
  RspPrepareDownloadResponse,
  ServerSigned1,
  SmdpSigned2,
} from './rsp-session.js';

export const InitiateAuthenticationRequest = sequence('InitiateAuthenticationRequest', 0xbf39, {
  euiccChallenge: req(0x81, Octet16),
  smdpAddress: req(0x83, utf8()),
  euiccInfo1: req(EUICCInfo1),
});
export type InitiateAuthenticationRequest = ValueOf<typeof InitiateAuthenticationRequest>;

export const RspAuthenticateClientRequest = sequence('AuthenticateClientRequest', 0xbf3b, {
  transactionId: req(0x80, TransactionId),
  authenticateServerResponse: req(0xbf38, RspAuthenticateServerResponse),
});
export type RspAuthenticateClientRequest = ValueOf<typeof RspAuthenticateClientRequest>;

export const GetBoundProfilePackageRequest = sequence('GetBoundProfilePackageRequest', 0xbf3a, {
  transactionId: req(0x80, TransactionId),
  prepareDownloadResponse: req(0xbf21, RspPrepareDownloadResponse),
});
export type GetBoundProfilePackageRequest = ValueOf<typeof GetBoundProfilePackageRequest>;

export const HandleNotification = sequence('HandleNotification', 0xbf3d, {
  pendingNotification: req(0xa0, RspPendingNotification),
});
export type HandleNotification = ValueOf<typeof HandleNotification>;

export const CancelSessionRequestEs9 = sequence('CancelSessionRequestEs9', 0xbf41, {
  transactionId: req(0x80, TransactionId),
  cancelSessionResponse: req(0xa1, RspCancelSessionResponse),
});
export type CancelSessionRequestEs9 = ValueOf<typeof CancelSessionRequestEs9>;

export const RemoteProfileProvisioningRequest = choice('RemoteProfileProvisioningRequest', 0xa2, {
  initiateAuthenticationRequest: req(0xbf39, InitiateAuthenticationRequest),
  authenticateClientRequest: req(0xbf3b, RspAuthenticateClientRequest),
  getBoundProfilePackageRequest: req(0xbf3a, GetBoundProfilePackageRequest),
  cancelSessionRequestEs9: req(0xbf41, CancelSessionRequestEs9),
  handleNotification: req(0xbf3d, HandleNotification),
});
export type RemoteProfileProvisioningRequest = ValueOf<typeof RemoteProfileProvisioningRequest>;

export const InitiateAuthenticationOkEs9 = sequence('InitiateAuthenticationOkEs9', 0x30, {
  transactionId: req(0x80, TransactionId),
  serverSigned1: req(ServerSigned1),
  serverSignature1: req(0x5f37, octets()),
  euiccCiPKIdToBeUsed: req(SubjectKeyIdentifier),
  serverCertificate: req(Certificate),
});
export type InitiateAuthenticationOkEs9 = ValueOf<typeof InitiateAuthenticationOkEs9>;

export const InitiateAuthenticationResponse = choice('InitiateAuthenticationResponse', 0xbf39, {
  initiateAuthenticationOk: req(0xa0, InitiateAuthenticationOkEs9),
  initiateAuthenticationError: req(
    0x81,
    integer({ invalidDpAddress: 1, euiccVersionNotSupportedByDp: 2, ciPKNotSupported: 3 }),
  ),
});
export type InitiateAuthenticationResponse = ValueOf<typeof InitiateAuthenticationResponse>;

export const AuthenticateClientOk = sequence('AuthenticateClientOk', 0x30, {
  transactionId: req(0x80, TransactionId),
  profileMetaData: req(0xbf25, RspStoreMetadataRequest),
  smdpSigned2: req(SmdpSigned2),
  smdpSignature2: req(0x5f37, octets()),
  smdpCertificate: req(Certificate),
});
export type AuthenticateClientOk = ValueOf<typeof AuthenticateClientOk>;

export const AuthenticateClientResponseEs9 = choice('AuthenticateClientResponseEs9', 0xbf3b, {
  authenticateClientOk: req(0xa0, AuthenticateClientOk),
  authenticateClientError: req(
    0x81,
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
      undefinedError: 127,
    }),
  ),
});
export type AuthenticateClientResponseEs9 = ValueOf<typeof AuthenticateClientResponseEs9>;

export const GetBoundProfilePackageOk = sequence('GetBoundProfilePackageOk', 0x30, {
  transactionId: req(0x80, TransactionId),
  boundProfilePackage: req(0xbf36, BoundProfilePackage),
});
export type GetBoundProfilePackageOk = ValueOf<typeof GetBoundProfilePackageOk>;

export const GetBoundProfilePackageResponse = choice('GetBoundProfilePackageResponse', 0xbf3a, {
  getBoundProfilePackageOk: req(0xa0, GetBoundProfilePackageOk),
  getBoundProfilePackageError: req(
    0x81,
    integer({
      euiccSignatureInvalid: 1,
      confirmationCodeMissing: 2,
      confirmationCodeRefused: 3,
      confirmationCodeRetriesExceeded: 4,
      bppRebindingRefused: 5,
      downloadOrderExpired: 6,
      invalidTransactionId: 95,
      undefinedError: 127,
    }),
  ),
});
export type GetBoundProfilePackageResponse = ValueOf<typeof GetBoundProfilePackageResponse>;

export const RspCancelSessionOk = sequence('CancelSessionOk', 0x30, {});
export type RspCancelSessionOk = ValueOf<typeof RspCancelSessionOk>;

export const CancelSessionResponseEs9 = choice('CancelSessionResponseEs9', 0xbf41, {
  cancelSessionOk: req(0xa0, RspCancelSessionOk),
  cancelSessionError: req(
    0x81,
    integer({ invalidTransactionId: 1, euiccSignatureInvalid: 2, undefinedError: 127 }),
  ),
});
export type CancelSessionResponseEs9 = ValueOf<typeof CancelSessionResponseEs9>;

export const EventEntries = sequence('EventEntries', 0x30, {
  eventId: req(0x80, utf8()),
  rspServerAddress: req(0x81, utf8()),
});
export type EventEntries = ValueOf<typeof EventEntries>;

export const AuthenticateClientOkEs11 = sequence('AuthenticateClientOkEs11', 0x30, {
  transactionId: req(0x80, TransactionId),
  eventEntries: req(0xa1, sequenceOf('', 0x30, EventEntries)),
});
export type AuthenticateClientOkEs11 = ValueOf<typeof AuthenticateClientOkEs11>;

export const AuthenticateClientResponseEs11 = choice('AuthenticateClientResponseEs11', 0xbf40, {
  authenticateClientOk: req(0xa0, AuthenticateClientOkEs11),
  authenticateClientError: req(
    0x81,
    integer({
      eumCertificateInvalid: 1,
      eumCertificateExpired: 2,
      euiccCertificateInvalid: 3,
      euiccCertificateExpired: 4,
      euiccSignatureInvalid: 5,
      eventIdUnknown: 6,
      invalidTransactionId: 7,
      undefinedError: 127,
    }),
  ),
});
export type AuthenticateClientResponseEs11 = ValueOf<typeof AuthenticateClientResponseEs11>;

export const RemoteProfileProvisioningResponse = choice('RemoteProfileProvisioningResponse', 0xa2, {
  initiateAuthenticationResponse: req(0xbf39, InitiateAuthenticationResponse),
  authenticateClientResponseEs9: req(0xbf3b, AuthenticateClientResponseEs9),
  getBoundProfilePackageResponse: req(0xbf3a, GetBoundProfilePackageResponse),
  cancelSessionResponseEs9: req(0xbf41, CancelSessionResponseEs9),
  authenticateClientResponseEs11: req(0xbf40, AuthenticateClientResponseEs11),
});
export type RemoteProfileProvisioningResponse = ValueOf<typeof RemoteProfileProvisioningResponse>;
