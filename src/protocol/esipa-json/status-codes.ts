/** statusCodeData of a failed function, and the error code that the ASN.1 binding has for it (SGP.32 5.2.6, 5.14). */
import type { Sgp32Version } from '../types/versions.js';
import type { EsipaFunction } from './members.js';

export const UNDEFINED_ERROR = 127;

/** `subjectCode/reasonCode` by error code; the first is what we write, the others are read as well. */
type Table = Readonly<Record<number, readonly string[]>>;

const TABLES: Readonly<Partial<Record<EsipaFunction, Table>>> = {
  initiateAuthentication: {
    1: ['8.8.1/3.8'],
    2: ['8.8.3/3.1'],
    3: ['8.8.2/3.1', '8.8.4/3.7'],
    50: ['8.8.1/3.10'],
    51: ['8.8/3.10'],
    52: ['8.31.2/3.10'],
  },
  authenticateClient: {
    1: ['8.1.2/6.1'],
    2: ['8.1.2/6.3'],
    3: ['8.1.3/6.1'],
    4: ['8.1.3/6.3'],
    5: ['8.1/6.1'],
    6: ['8.2.6/3.8'],
    7: ['8.1.1/3.8'],
    8: ['8.2.5/4.3'],
    9: ['8.11.1/3.9'],
    10: ['8.10.1/3.9'],
    11: ['8.1/4.8'],
    50: ['8.2.8/1.2'],
    56: ['8.9.5/3.9'],
  },
  getBoundProfilePackage: {
    1: ['8.1/6.1'],
    2: ['8.2.7/2.2'],
    3: ['8.2.7/3.8'],
    4: ['8.2.7/6.4'],
    5: ['8.2/3.7'],
    // A trailing zero is lost by some.
    6: ['8.8.5/4.10', '8.8.5/4.1'],
    50: ['8.2.9/3.11'],
    95: ['8.10.1/3.9'],
  },
  cancelSession: { 1: ['8.10.1/3.9'], 2: ['8.1/6.1'] },
  getEimPackage: { 1: ['8.1.1/3.7'], 2: ['8.1.1/3.9'], 3: ['8.1.1/2.1'], 4: ['8.1.1/2.2'] },
  provideEimPackageResult: { 2: ['8.1.1/3.9'], 3: ['8.1.1/2.1'], 4: ['8.1.1/2.2'] },
};

/** Codes that v1.0.1 does not have. */
const NEW_IN_1_2: Readonly<Partial<Record<EsipaFunction, readonly number[]>>> = {
  initiateAuthentication: [52],
  getEimPackage: [2, 3, 4],
};

/** The ASN.1 error code; undefinedError(127) for every pair that is not mapped. */
export function errorCodeOf(
  version: Sgp32Version,
  functionName: EsipaFunction,
  subjectCode: string,
  reasonCode: string,
): number {
  const pair = `${subjectCode}/${reasonCode}`;
  const found = Object.entries(TABLES[functionName] ?? {}).find(([, pairs]) => pairs.includes(pair));
  const code = found === undefined ? UNDEFINED_ERROR : Number(found[0]);
  const isNew = version === '1.0.1' && NEW_IN_1_2[functionName]?.includes(code) === true;
  return isNew ? UNDEFINED_ERROR : code;
}

/** What a server writes for an error code: `1.6/4.2` (function, execution error) where nothing is mapped. */
export function statusCodesOf(
  functionName: EsipaFunction,
  code: number,
): { readonly subjectCode: string; readonly reasonCode: string } {
  const [subjectCode = '1.6', reasonCode = '4.2'] = TABLES[functionName]?.[code]?.[0]?.split('/') ?? [];
  return { subjectCode, reasonCode };
}
