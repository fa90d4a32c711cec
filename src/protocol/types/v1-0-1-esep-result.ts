/** SGP.32 v1.0.1, where it differs from v1.2: eUICC Package Results. */
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
import { EimIdType } from './es10-data.js';
import {
  DeleteEimResult,
  ProfileInfoListError,
  RollbackProfileResult,
  UpdateEimResult,
} from './esep-result.js';
import { RulesAuthorisationTable } from './rsp-info.js';
import { RspProfileInfo } from './rsp-profile.js';

export const ConfigureAutoEnableResult = named(
  'ConfigureAutoEnableResult',
  integer({ ok: 0, insufficientMemory: 1, commandError: 7, undefinedError: 127 }),
);
export type ConfigureAutoEnableResult = ValueOf<typeof ConfigureAutoEnableResult>;

export const EnableProfileResult = named(
  'EnableProfileResult',
  integer({ ok: 0, iccidOrAidNotFound: 1, profileNotInDisabledState: 2, undefinedError: 127 }),
);
export type EnableProfileResult = ValueOf<typeof EnableProfileResult>;

export const DisableProfileResult = named(
  'DisableProfileResult',
  integer({ ok: 0, iccidOrAidNotFound: 1, profileNotInEnabledState: 2, undefinedError: 127 }),
);
export type DisableProfileResult = ValueOf<typeof DisableProfileResult>;

export const DeleteProfileResult = named(
  'DeleteProfileResult',
  integer({ ok: 0, iccidOrAidNotFound: 1, profileNotInDisabledState: 2, undefinedError: 127 }),
);
export type DeleteProfileResult = ValueOf<typeof DeleteProfileResult>;

export const ProfileInfoListResponse = choice('ProfileInfoListResponse', 0xbf2d, {
  profileInfoListOk: req(0xa0, sequenceOf('', 0x30, RspProfileInfo)),
  profileInfoListError: req(0x81, ProfileInfoListError),
});
export type ProfileInfoListResponse = ValueOf<typeof ProfileInfoListResponse>;

export const AddEimResult = choice('AddEimResult', undefined, {
  associationToken: req(0x84, INTEGER),
  addEimResultCode: req(
    integer({
      ok: 0,
      insufficientMemory: 1,
      ciPKUnknown: 3,
      invalidAssociationToken: 5,
      counterValueOutOfRange: 6,
      commandError: 7,
      undefinedError: 127,
    }),
  ),
});
export type AddEimResult = ValueOf<typeof AddEimResult>;

export const EimIdInfo = sequence('EimIdInfo', 0x30, {
  eimId: req(0x80, utf8()),
  eimIdType: opt(0x84, EimIdType),
});
export type EimIdInfo = ValueOf<typeof EimIdInfo>;

export const ListEimResult = choice('ListEimResult', undefined, {
  eimIdList: req(0xa0, sequenceOf('', 0x30, EimIdInfo)),
  listEimError: req(0x81, integer({ commandError: 7, undefinedError: 127 })),
});
export type ListEimResult = ValueOf<typeof ListEimResult>;

export const EuiccResultData = choice('EuiccResultData', undefined, {
  enableResult: req(0x83, EnableProfileResult),
  disableResult: req(0x84, DisableProfileResult),
  deleteResult: req(0x85, DeleteProfileResult),
  listProfileInfoResult: req(0xbf2d, ProfileInfoListResponse),
  getRATResult: req(0xa6, RulesAuthorisationTable),
  configureAutoEnableResult: req(0x87, ConfigureAutoEnableResult),
  addEimResult: req(0xa8, AddEimResult),
  deleteEimResult: req(0x89, DeleteEimResult),
  updateEimResult: req(0x8a, UpdateEimResult),
  listEimResult: req(0xab, ListEimResult),
  rollbackResult: req(0x8c, RollbackProfileResult),
  processingTerminated: req(
    integer({ resultSizeOverflow: 1, unknownOrDamagedCommand: 2, interruption: 3, undefinedError: 127 }),
  ),
});
export type EuiccResultData = ValueOf<typeof EuiccResultData>;

export const EuiccPackageResultDataSigned = sequence('EuiccPackageResultDataSigned', 0x30, {
  eimId: req(0x80, utf8()),
  counterValue: req(0x81, INTEGER),
  transactionId: opt(0x82, TransactionId),
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
    undefinedError: 127,
  }),
);
export type EuiccPackageErrorCode = ValueOf<typeof EuiccPackageErrorCode>;

export const EuiccPackageErrorDataSigned = sequence('EuiccPackageErrorDataSigned', 0x30, {
  eimId: req(0x80, utf8()),
  counterValue: req(0x81, INTEGER),
  transactionId: opt(0x82, TransactionId),
  euiccPackageErrorCode: req(EuiccPackageErrorCode),
});
export type EuiccPackageErrorDataSigned = ValueOf<typeof EuiccPackageErrorDataSigned>;

export const EuiccPackageErrorSigned = sequence('EuiccPackageErrorSigned', 0x30, {
  euiccPackageErrorDataSigned: req(EuiccPackageErrorDataSigned),
  euiccSignEPE: req(0x5f37, octets()),
});
export type EuiccPackageErrorSigned = ValueOf<typeof EuiccPackageErrorSigned>;

export const EuiccPackageErrorUnsigned = sequence('EuiccPackageErrorUnsigned', 0x30, {
  eimId: req(0x80, utf8()),
  associationToken: opt(0x84, INTEGER),
});
export type EuiccPackageErrorUnsigned = ValueOf<typeof EuiccPackageErrorUnsigned>;

export const EuiccPackageResult = choice('EuiccPackageResult', 0xbf51, {
  euiccPackageResultSigned: req(0xa0, EuiccPackageResultSigned),
  euiccPackageErrorSigned: req(0xa1, EuiccPackageErrorSigned),
  euiccPackageErrorUnsigned: req(0xa2, EuiccPackageErrorUnsigned),
});
export type EuiccPackageResult = ValueOf<typeof EuiccPackageResult>;
