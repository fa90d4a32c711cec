/** SGP.22 v2.5: the RSP session: challenge, mutual authentication, download, cancel (SGP.22 5.7.5, 5.7.7, 5.7.13, 5.7.14). */
import {
  BOOLEAN,
  OBJECT_IDENTIFIER,
  choice,
  integer,
  named,
  octets,
  opt,
  req,
  sequence,
  utf8,
  type ValueOf,
} from '../asn1/schema.js';
import { Certificate, DeviceInfo, Octet16, Octet32, SubjectKeyIdentifier, TransactionId } from './common.js';
import { RspEUICCInfo2 } from './rsp-info.js';

export const GetEuiccChallengeRequest = sequence('GetEuiccChallengeRequest', 0xbf2e, {});
export type GetEuiccChallengeRequest = ValueOf<typeof GetEuiccChallengeRequest>;

export const GetEuiccChallengeResponse = sequence('GetEuiccChallengeResponse', 0xbf2e, {
  euiccChallenge: req(0x80, Octet16),
});
export type GetEuiccChallengeResponse = ValueOf<typeof GetEuiccChallengeResponse>;

export const ServerSigned1 = sequence('ServerSigned1', 0x30, {
  transactionId: req(0x80, TransactionId),
  euiccChallenge: req(0x81, Octet16),
  serverAddress: req(0x83, utf8()),
  serverChallenge: req(0x84, Octet16),
});
export type ServerSigned1 = ValueOf<typeof ServerSigned1>;

export const CtxParamsForCommonAuthentication = sequence('CtxParamsForCommonAuthentication', 0x30, {
  matchingId: opt(0x80, utf8()),
  deviceInfo: req(0xa1, DeviceInfo),
});
export type CtxParamsForCommonAuthentication = ValueOf<typeof CtxParamsForCommonAuthentication>;

export const CtxParams1 = choice('CtxParams1', undefined, {
  ctxParamsForCommonAuthentication: req(0xa0, CtxParamsForCommonAuthentication),
});
export type CtxParams1 = ValueOf<typeof CtxParams1>;

export const AuthenticateServerRequest = sequence('AuthenticateServerRequest', 0xbf38, {
  serverSigned1: req(ServerSigned1),
  serverSignature1: req(0x5f37, octets()),
  euiccCiPKIdToBeUsed: req(SubjectKeyIdentifier),
  serverCertificate: req(Certificate),
  ctxParams1: req(CtxParams1),
});
export type AuthenticateServerRequest = ValueOf<typeof AuthenticateServerRequest>;

export const RspEuiccSigned1 = sequence('EuiccSigned1', 0x30, {
  transactionId: req(0x80, TransactionId),
  serverAddress: req(0x83, utf8()),
  serverChallenge: req(0x84, Octet16),
  euiccInfo2: req(0xbf22, RspEUICCInfo2),
  ctxParams1: req(CtxParams1),
});
export type RspEuiccSigned1 = ValueOf<typeof RspEuiccSigned1>;

export const RspAuthenticateResponseOk = sequence('AuthenticateResponseOk', 0x30, {
  euiccSigned1: req(RspEuiccSigned1),
  euiccSignature1: req(0x5f37, octets()),
  euiccCertificate: req(Certificate),
  eumCertificate: req(Certificate),
});
export type RspAuthenticateResponseOk = ValueOf<typeof RspAuthenticateResponseOk>;

export const AuthenticateErrorCode = named(
  'AuthenticateErrorCode',
  integer({
    invalidCertificate: 1,
    invalidSignature: 2,
    unsupportedCurve: 3,
    noSessionContext: 4,
    invalidOid: 5,
    euiccChallengeMismatch: 6,
    ciPKUnknown: 7,
    undefinedError: 127,
  }),
);
export type AuthenticateErrorCode = ValueOf<typeof AuthenticateErrorCode>;

export const AuthenticateResponseError = sequence('AuthenticateResponseError', 0x30, {
  transactionId: req(0x80, TransactionId),
  authenticateErrorCode: req(AuthenticateErrorCode),
});
export type AuthenticateResponseError = ValueOf<typeof AuthenticateResponseError>;

export const RspAuthenticateServerResponse = choice('AuthenticateServerResponse', 0xbf38, {
  authenticateResponseOk: req(0xa0, RspAuthenticateResponseOk),
  authenticateResponseError: req(0xa1, AuthenticateResponseError),
});
export type RspAuthenticateServerResponse = ValueOf<typeof RspAuthenticateServerResponse>;

export const SmdpSigned2 = sequence('SmdpSigned2', 0x30, {
  transactionId: req(0x80, TransactionId),
  ccRequiredFlag: req(BOOLEAN),
  bppEuiccOtpk: opt(0x5f49, octets()),
});
export type SmdpSigned2 = ValueOf<typeof SmdpSigned2>;

export const PrepareDownloadRequest = sequence('PrepareDownloadRequest', 0xbf21, {
  smdpSigned2: req(SmdpSigned2),
  smdpSignature2: req(0x5f37, octets()),
  hashCc: opt(Octet32),
  smdpCertificate: req(Certificate),
});
export type PrepareDownloadRequest = ValueOf<typeof PrepareDownloadRequest>;

export const EUICCSigned2 = sequence('EUICCSigned2', 0x30, {
  transactionId: req(0x80, TransactionId),
  euiccOtpk: req(0x5f49, octets()),
  hashCc: opt(Octet32),
});
export type EUICCSigned2 = ValueOf<typeof EUICCSigned2>;

export const PrepareDownloadResponseOk = sequence('PrepareDownloadResponseOk', 0x30, {
  euiccSigned2: req(EUICCSigned2),
  euiccSignature2: req(0x5f37, octets()),
});
export type PrepareDownloadResponseOk = ValueOf<typeof PrepareDownloadResponseOk>;

export const DownloadErrorCode = named(
  'DownloadErrorCode',
  integer({
    invalidCertificate: 1,
    invalidSignature: 2,
    unsupportedCurve: 3,
    noSessionContext: 4,
    invalidTransactionId: 5,
    undefinedError: 127,
  }),
);
export type DownloadErrorCode = ValueOf<typeof DownloadErrorCode>;

export const PrepareDownloadResponseError = sequence('PrepareDownloadResponseError', 0x30, {
  transactionId: req(0x80, TransactionId),
  downloadErrorCode: req(DownloadErrorCode),
});
export type PrepareDownloadResponseError = ValueOf<typeof PrepareDownloadResponseError>;

export const RspPrepareDownloadResponse = choice('PrepareDownloadResponse', 0xbf21, {
  downloadResponseOk: req(0xa0, PrepareDownloadResponseOk),
  downloadResponseError: req(0xa1, PrepareDownloadResponseError),
});
export type RspPrepareDownloadResponse = ValueOf<typeof RspPrepareDownloadResponse>;

export const CancelSessionReason = named(
  'CancelSessionReason',
  integer({
    endUserRejection: 0,
    postponed: 1,
    timeout: 2,
    pprNotAllowed: 3,
    metadataMismatch: 4,
    loadBppExecutionError: 5,
    undefinedReason: 127,
  }),
);
export type CancelSessionReason = ValueOf<typeof CancelSessionReason>;

export const CancelSessionRequest = sequence('CancelSessionRequest', 0xbf41, {
  transactionId: req(0x80, TransactionId),
  reason: req(0x81, CancelSessionReason),
});
export type CancelSessionRequest = ValueOf<typeof CancelSessionRequest>;

export const EuiccCancelSessionSigned = sequence('EuiccCancelSessionSigned', 0x30, {
  transactionId: req(0x80, TransactionId),
  smdpOid: req(0x81, OBJECT_IDENTIFIER),
  reason: req(0x82, CancelSessionReason),
});
export type EuiccCancelSessionSigned = ValueOf<typeof EuiccCancelSessionSigned>;

export const CancelSessionResponseOk = sequence('CancelSessionResponseOk', 0x30, {
  euiccCancelSessionSigned: req(EuiccCancelSessionSigned),
  euiccCancelSessionSignature: req(0x5f37, octets()),
});
export type CancelSessionResponseOk = ValueOf<typeof CancelSessionResponseOk>;

export const RspCancelSessionResponse = choice('CancelSessionResponse', 0xbf41, {
  cancelSessionResponseOk: req(0xa0, CancelSessionResponseOk),
  cancelSessionResponseError: req(0x81, integer({ invalidTransactionId: 5, undefinedError: 127 })),
});
export type RspCancelSessionResponse = ValueOf<typeof RspCancelSessionResponse>;
