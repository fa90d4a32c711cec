/** Names of result codes (SGP.32 2.11.2.1). */
import type { PackageOperation } from './types.js';

type Codes = Readonly<Record<number, string>>;

const COMMON = { 0: 'ok', 127: 'undefinedError' };
const FOUND = { ...COMMON, 1: 'iccidOrAidNotFound' };

export interface ResultKind {
  /** Tag of its EuiccResultData. */
  readonly tag: number;
  readonly codes: Codes;
}

const ENABLE: Codes = {
  ...FOUND,
  2: 'profileNotInDisabledState',
  3: 'disallowedByPolicy',
  5: 'catBusy',
  20: 'rollbackNotAvailable',
};
const ADD_EIM: Codes = {
  ...COMMON,
  1: 'insufficientMemory',
  2: 'associatedEimAlreadyExists',
  3: 'ciPKUnknown',
  5: 'invalidAssociationToken',
  6: 'counterValueOutOfRange',
  7: 'commandError',
};

export const RESULT_KINDS: Readonly<Record<PackageOperation['operation'], ResultKind>> = {
  enable: { tag: 0x83, codes: ENABLE },
  disable: {
    tag: 0x84,
    codes: { ...FOUND, 2: 'profileNotInEnabledState', 3: 'disallowedByPolicy', 5: 'catBusy' },
  },
  delete: {
    tag: 0x85,
    codes: {
      ...FOUND,
      2: 'profileNotInDisabledState',
      3: 'disallowedByPolicy',
      20: 'rollbackNotAvailable',
      21: 'returnFallbackProfile',
    },
  },
  listProfileInfo: {
    tag: 0xbf2d,
    codes: { ...COMMON, 1: 'incorrectInputValues', 11: 'profileChangeOngoing' },
  },
  getRAT: { tag: 0xa6, codes: COMMON },
  configureImmediateEnable: { tag: 0x87, codes: { ...COMMON, 1: 'insufficientMemory', 7: 'commandError' } },
  setFallbackAttribute: {
    tag: 0x8d,
    codes: { ...FOUND, 2: 'fallbackNotAllowed', 3: 'fallbackProfileEnabled' },
  },
  unsetFallbackAttribute: {
    tag: 0x8e,
    codes: { ...COMMON, 2: 'noFallbackAttribute', 3: 'fallbackProfileEnabled', 7: 'commandError' },
  },
  setDefaultDpAddress: { tag: 0xbf65, codes: COMMON },
  addEim: { tag: 0xa8, codes: ADD_EIM },
  deleteEim: { tag: 0x89, codes: { ...COMMON, 1: 'eimNotFound', 2: 'lastEimDeleted', 7: 'commandError' } },
  updateEim: {
    tag: 0x8a,
    codes: { ...COMMON, 1: 'eimNotFound', 3: 'ciPKUnknown', 6: 'counterValueOutOfRange', 7: 'commandError' },
  },
  listEim: { tag: 0xab, codes: { ...COMMON, 7: 'commandError' } },
};

export const PACKAGE_ERRORS: Codes = {
  3: 'invalidEid',
  4: 'replayError',
  6: 'counterValueOutOfRange',
  15: 'sizeOverflow',
  104: 'ecallActive',
  127: 'undefinedError',
};

export const PROCESSING_TERMINATED: Codes = {
  1: 'resultSizeOverflow',
  2: 'unknownOrDamagedCommand',
  3: 'interruption',
  127: 'undefinedError',
};

export const EIM_PACKAGE_RESULT_ERRORS: Codes = {
  1: 'invalidPackageFormat',
  2: 'unknownPackage',
  127: 'undefinedError',
};

export const DATA_ERRORS: Codes = {
  1: 'incorrectTagList',
  5: 'euiccCiPKIdNotFound',
  104: 'ecallActive',
  127: 'undefinedError',
};

export const DOWNLOAD_ERRORS: Codes = { 104: 'ecallActive', 127: 'undefinedError' };

/** errorReason of a ProfileInstallationResult (SGP.22 2.5.6). */
export const INSTALLATION_ERRORS: Codes = {
  1: 'incorrectInputValues',
  2: 'invalidSignature',
  3: 'invalidTransactionId',
  4: 'unsupportedCrtValues',
  5: 'unsupportedRemoteOperationType',
  6: 'unsupportedProfileClass',
  7: 'scp03tStructureError',
  8: 'scp03tSecurityError',
  9: 'installFailedDueToIccidAlreadyExistsOnEuicc',
  10: 'installFailedDueToInsufficientMemoryForProfile',
  11: 'installFailedDueToInterruption',
  12: 'installFailedDueToPEProcessingError',
  13: 'installFailedDueToDataMismatch',
  14: 'testProfileInstallFailedDueToInvalidNaaKey',
  15: 'pprNotAllowed',
  127: 'installFailedDueToUnknownError',
};

/** A number that the specification does not name stays a number. */
export const nameOf = (codes: Codes, code: number): string => codes[code] ?? String(code);
