/** SGP.22 v2.5: the Bound Profile Package and what its installation answers (SGP.22 2.5.4, 2.5.6, 5.5, 5.7.6). */
import {
  INTEGER,
  OBJECT_IDENTIFIER,
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
  DpProprietaryData,
  EuiccSignPIR,
  Iccid,
  NotificationEvent,
  Octet1,
  OctetTo16,
  RemoteOpId,
  TransactionId,
} from './common.js';

export const ControlRefTemplate = sequence('ControlRefTemplate', 0x30, {
  keyType: req(0x80, Octet1),
  keyLen: req(0x81, Octet1),
  hostId: req(0x84, OctetTo16),
});
export type ControlRefTemplate = ValueOf<typeof ControlRefTemplate>;

export const InitialiseSecureChannelRequest = sequence('InitialiseSecureChannelRequest', 0xbf23, {
  remoteOpId: req(RemoteOpId),
  transactionId: req(0x80, TransactionId),
  controlRefTemplate: req(0xa6, ControlRefTemplate),
  smdpOtpk: req(0x5f49, octets()),
  smdpSign: req(0x5f37, octets()),
});
export type InitialiseSecureChannelRequest = ValueOf<typeof InitialiseSecureChannelRequest>;

export const BoundProfilePackage = sequence('BoundProfilePackage', 0xbf36, {
  initialiseSecureChannelRequest: req(0xbf23, InitialiseSecureChannelRequest),
  firstSequenceOf87: req(0xa0, sequenceOf('', 0x30, req(0x87, octets()))),
  sequenceOf88: req(0xa1, sequenceOf('', 0x30, req(0x88, octets()))),
  secondSequenceOf87: opt(0xa2, sequenceOf('', 0x30, req(0x87, octets()))),
  sequenceOf86: req(0xa3, sequenceOf('', 0x30, req(0x86, octets()))),
});
export type BoundProfilePackage = ValueOf<typeof BoundProfilePackage>;

export const ConfigureISDPRequest = sequence('ConfigureISDPRequest', 0xbf24, {
  dpProprietaryData: opt(0xb8, DpProprietaryData),
});
export type ConfigureISDPRequest = ValueOf<typeof ConfigureISDPRequest>;

export const ReplaceSessionKeysRequest = sequence('ReplaceSessionKeysRequest', 0xbf26, {
  initialMacChainingValue: req(0x80, octets()),
  ppkEnc: req(0x81, octets()),
  ppkCmac: req(0x82, octets()),
});
export type ReplaceSessionKeysRequest = ValueOf<typeof ReplaceSessionKeysRequest>;

export const SuccessResult = sequence('SuccessResult', 0x30, {
  aid: req(0x4f, octets({ min: 5, max: 16 })),
  simaResponse: req(octets()),
});
export type SuccessResult = ValueOf<typeof SuccessResult>;

export const BppCommandId = named(
  'BppCommandId',
  integer({
    initialiseSecureChannel: 0,
    configureISDP: 1,
    storeMetadata: 2,
    storeMetadata2: 3,
    replaceSessionKeys: 4,
    loadProfileElements: 5,
  }),
);
export type BppCommandId = ValueOf<typeof BppCommandId>;

export const ErrorReason = named(
  'ErrorReason',
  integer({
    incorrectInputValues: 1,
    invalidSignature: 2,
    invalidTransactionId: 3,
    unsupportedCrtValues: 4,
    unsupportedRemoteOperationType: 5,
    unsupportedProfileClass: 6,
    scp03tStructureError: 7,
    scp03tSecurityError: 8,
    installFailedDueToIccidAlreadyExistsOnEuicc: 9,
    installFailedDueToInsufficientMemoryForProfile: 10,
    installFailedDueToInterruption: 11,
    installFailedDueToPEProcessingError: 12,
    installFailedDueToDataMismatch: 13,
    testProfileInstallFailedDueToInvalidNaaKey: 14,
    pprNotAllowed: 15,
    installFailedDueToUnknownError: 127,
  }),
);
export type ErrorReason = ValueOf<typeof ErrorReason>;

export const ErrorResult = sequence('ErrorResult', 0x30, {
  bppCommandId: req(0x80, BppCommandId),
  errorReason: req(0x81, ErrorReason),
  simaResponse: opt(0x82, octets()),
});
export type ErrorResult = ValueOf<typeof ErrorResult>;

export const NotificationMetadata = sequence('NotificationMetadata', 0xbf2f, {
  seqNumber: req(0x80, INTEGER),
  profileManagementOperation: req(0x81, NotificationEvent),
  notificationAddress: req(utf8()),
  iccid: opt(Iccid),
});
export type NotificationMetadata = ValueOf<typeof NotificationMetadata>;

export const ProfileInstallationResultData = sequence('ProfileInstallationResultData', 0xbf27, {
  transactionId: req(0x80, TransactionId),
  notificationMetadata: req(0xbf2f, NotificationMetadata),
  smdpOid: req(OBJECT_IDENTIFIER),
  finalResult: req(
    0xa2,
    choice('', undefined, {
      successResult: req(0xa0, SuccessResult),
      errorResult: req(0xa1, ErrorResult),
    }),
  ),
});
export type ProfileInstallationResultData = ValueOf<typeof ProfileInstallationResultData>;

export const RspProfileInstallationResult = sequence('ProfileInstallationResult', 0xbf37, {
  profileInstallationResultData: req(0xbf27, ProfileInstallationResultData),
  euiccSignPIR: req(EuiccSignPIR),
});
export type RspProfileInstallationResult = ValueOf<typeof RspProfileInstallationResult>;
