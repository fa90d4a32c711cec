/** SGP.32 v1.2: eUICC Package Results, ESep (SGP.32 2.11.2). */
import {
  INTEGER,
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
import { TransactionId } from './common.js';
import { EimIdType, ProfileInfo, SetDefaultDpAddressResponse } from './es10-data.js';
import { RulesAuthorisationTable } from './rsp-info.js';

export const ConfigureImmediateEnableResult = named(
  'ConfigureImmediateEnableResult',
  integer({ ok: 0, insufficientMemory: 1, commandError: 7, undefinedError: 127 }),
);
export type ConfigureImmediateEnableResult = ValueOf<typeof ConfigureImmediateEnableResult>;

export const EnableProfileResult = named(
  'EnableProfileResult',
  integer({
    ok: 0,
    iccidOrAidNotFound: 1,
    profileNotInDisabledState: 2,
    disallowedByPolicy: 3,
    catBusy: 5,
    rollbackNotAvailable: 20,
    undefinedError: 127,
  }),
);
export type EnableProfileResult = ValueOf<typeof EnableProfileResult>;

export const DisableProfileResult = named(
  'DisableProfileResult',
  integer({
    ok: 0,
    iccidOrAidNotFound: 1,
    profileNotInEnabledState: 2,
    disallowedByPolicy: 3,
    catBusy: 5,
    undefinedError: 127,
  }),
);
export type DisableProfileResult = ValueOf<typeof DisableProfileResult>;

export const DeleteProfileResult = named(
  'DeleteProfileResult',
  integer({
    ok: 0,
    iccidOrAidNotFound: 1,
    profileNotInDisabledState: 2,
    disallowedByPolicy: 3,
    rollbackNotAvailable: 20,
    returnFallbackProfile: 21,
    undefinedError: 127,
  }),
);
export type DeleteProfileResult = ValueOf<typeof DeleteProfileResult>;

export const ProfileInfoListError = named(
  'ProfileInfoListError',
  integer({ incorrectInputValues: 1, profileChangeOngoing: 11, undefinedError: 127 }),
);
export type ProfileInfoListError = ValueOf<typeof ProfileInfoListError>;

export const ProfileInfoListResponse = choice('ProfileInfoListResponse', 0xbf2d, {
  profileInfoListOk: req(0xa0, sequenceOf('', 0x30, ProfileInfo)),
  profileInfoListError: req(0x81, ProfileInfoListError),
});
export type ProfileInfoListResponse = ValueOf<typeof ProfileInfoListResponse>;

export const RollbackProfileResult = named('RollbackProfileResult', integer({ ok: 0, undefinedError: 127 }));
export type RollbackProfileResult = ValueOf<typeof RollbackProfileResult>;

export const SetFallbackAttributeResult = named(
  'SetFallbackAttributeResult',
  integer({
    ok: 0,
    iccidOrAidNotFound: 1,
    fallbackNotAllowed: 2,
    fallbackProfileEnabled: 3,
    undefinedError: 127,
  }),
);
export type SetFallbackAttributeResult = ValueOf<typeof SetFallbackAttributeResult>;

export const UnsetFallbackAttributeResult = named(
  'UnsetFallbackAttributeResult',
  integer({ ok: 0, noFallbackAttribute: 2, fallbackProfileEnabled: 3, commandError: 7, undefinedError: 127 }),
);
export type UnsetFallbackAttributeResult = ValueOf<typeof UnsetFallbackAttributeResult>;

export const AddEimResult = choice('AddEimResult', undefined, {
  associationToken: req(0x84, INTEGER),
  addEimResultCode: req(
    integer({
      ok: 0,
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
export type AddEimResult = ValueOf<typeof AddEimResult>;

export const DeleteEimResult = named(
  'DeleteEimResult',
  integer({ ok: 0, eimNotFound: 1, lastEimDeleted: 2, commandError: 7, undefinedError: 127 }),
);
export type DeleteEimResult = ValueOf<typeof DeleteEimResult>;

export const UpdateEimResult = named(
  'UpdateEimResult',
  integer({
    ok: 0,
    eimNotFound: 1,
    ciPKUnknown: 3,
    counterValueOutOfRange: 6,
    commandError: 7,
    undefinedError: 127,
  }),
);
export type UpdateEimResult = ValueOf<typeof UpdateEimResult>;

export const EimIdInfo = sequence('EimIdInfo', 0x30, {
  eimId: req(0x80, utf8({ min: 1, max: 128 })),
  eimIdType: opt(0x82, EimIdType),
});
export type EimIdInfo = ValueOf<typeof EimIdInfo>;

export const ListEimResult = choice('ListEimResult', undefined, {
  eimIdList: req(0xa0, sequenceOf('', 0x30, EimIdInfo)),
  listEimError: req(0x81, integer({ undefinedError: 127 })),
});
export type ListEimResult = ValueOf<typeof ListEimResult>;

export const EuiccResultData = choice('EuiccResultData', undefined, {
  enableResult: req(0x83, EnableProfileResult),
  disableResult: req(0x84, DisableProfileResult),
  deleteResult: req(0x85, DeleteProfileResult),
  listProfileInfoResult: req(0xbf2d, ProfileInfoListResponse),
  getRATResult: req(0xa6, RulesAuthorisationTable),
  configureImmediateEnableResult: req(0x87, ConfigureImmediateEnableResult),
  addEimResult: req(0xa8, AddEimResult),
  deleteEimResult: req(0x89, DeleteEimResult),
  updateEimResult: req(0x8a, UpdateEimResult),
  listEimResult: req(0xab, ListEimResult),
  rollbackResult: req(0x8c, RollbackProfileResult),
  setFallbackAttributeResult: req(0x8d, SetFallbackAttributeResult),
  unsetFallbackAttributeResult: req(0x8e, UnsetFallbackAttributeResult),
  processingTerminated: req(
    integer({ resultSizeOverflow: 1, unknownOrDamagedCommand: 2, interruption: 3, undefinedError: 127 }),
  ),
  setDefaultDpAddressResult: req(0xbf65, SetDefaultDpAddressResponse),
});
export type EuiccResultData = ValueOf<typeof EuiccResultData>;

export const EuiccPackageResultDataSigned = sequence('EuiccPackageResultDataSigned', 0x30, {
  eimId: req(0x80, utf8({ min: 1, max: 128 })),
  counterValue: req(0x81, INTEGER),
  eimTransactionId: opt(0x82, TransactionId),
  seqNumber: req(0x83, INTEGER),
  euiccResult: req(sequenceOf('', 0x30, EuiccResultData)),
});
export type EuiccPackageResultDataSigned = ValueOf<typeof EuiccPackageResultDataSigned>;

export const EuiccPackageResultSigned = sequence('EuiccPackageResultSigned', 0x30, {
  euiccPackageResultDataSigned: req(EuiccPackageResultDataSigned),
  euiccSignEPR: req(0x5f37, octets()),
});
export type EuiccPackageResultSigned = ValueOf<typeof EuiccPackageResultSigned>;

export const EuiccPackageErrorCode = named(
  'EuiccPackageErrorCode',
  integer({
    invalidEid: 3,
    replayError: 4,
    counterValueOutOfRange: 6,
    sizeOverflow: 15,
    ecallActive: 104,
    undefinedError: 127,
  }),
);
export type EuiccPackageErrorCode = ValueOf<typeof EuiccPackageErrorCode>;

export const EuiccPackageErrorDataSigned = sequence('EuiccPackageErrorDataSigned', 0x30, {
  eimId: req(0x80, utf8({ min: 1, max: 128 })),
  counterValue: req(0x81, INTEGER),
  eimTransactionId: opt(0x82, TransactionId),
  euiccPackageErrorCode: req(EuiccPackageErrorCode),
});
export type EuiccPackageErrorDataSigned = ValueOf<typeof EuiccPackageErrorDataSigned>;

export const EuiccPackageErrorSigned = sequence('EuiccPackageErrorSigned', 0x30, {
  euiccPackageErrorDataSigned: req(EuiccPackageErrorDataSigned),
  euiccSignEPE: req(0x5f37, octets()),
});
export type EuiccPackageErrorSigned = ValueOf<typeof EuiccPackageErrorSigned>;

export const EuiccPackageErrorUnsigned = sequence('EuiccPackageErrorUnsigned', 0x30, {
  eimId: req(0x80, utf8({ min: 1, max: 128 })),
  eimTransactionId: opt(0x82, TransactionId),
  associationToken: opt(0x84, INTEGER),
});
export type EuiccPackageErrorUnsigned = ValueOf<typeof EuiccPackageErrorUnsigned>;

export const EuiccPackageResult = choice('EuiccPackageResult', 0xbf51, {
  euiccPackageResultSigned: req(0xa0, EuiccPackageResultSigned),
  euiccPackageErrorSigned: req(0xa1, EuiccPackageErrorSigned),
  euiccPackageErrorUnsigned: req(0xa2, EuiccPackageErrorUnsigned),
});
export type EuiccPackageResult = ValueOf<typeof EuiccPackageResult>;

export const EuiccPackageResultList = sequenceOf('EuiccPackageResultList', 0x30, EuiccPackageResult);
export type EuiccPackageResultList = ValueOf<typeof EuiccPackageResultList>;
