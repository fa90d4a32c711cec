/** Errors of ESipa functions as status codes of the JSON binding: subject and reason (SGP.32 5.14, SGP.22 5.2.6). */

export interface StatusCode {
  readonly subjectCode: string;
  readonly reasonCode: string;
}

type Table = Readonly<Record<number, readonly [subject: string, reason: string]>>;

const EID_ERRORS: Table = { 2: ['8.1.1', '3.9'], 3: ['8.1.1', '2.1'], 4: ['8.1.1', '2.2'] };

const TABLES: Readonly<Record<string, Table>> = {
  getEimPackage: { 1: ['8.1.1', '3.7'], ...EID_ERRORS },
  provideEimPackageResult: EID_ERRORS,
  initiateAuthentication: {
    1: ['8.8.1', '3.8'],
    2: ['8.8.3', '3.1'],
    3: ['8.8.2', '3.1'],
    50: ['8.8.1', '3.10'],
    51: ['8.8', '3.10'],
    52: ['8.31.2', '3.10'],
  },
  authenticateClient: {
    1: ['8.1.2', '6.1'],
    2: ['8.1.2', '6.3'],
    3: ['8.1.3', '6.1'],
    4: ['8.1.3', '6.3'],
    5: ['8.1', '6.1'],
    6: ['8.2.6', '3.8'],
    7: ['8.1.1', '3.8'],
    8: ['8.2.5', '4.3'],
    9: ['8.11.1', '3.9'],
    10: ['8.10.1', '3.9'],
    11: ['8.1', '4.8'],
    50: ['8.2.8', '1.2'],
  },
  getBoundProfilePackage: {
    1: ['8.1', '6.1'],
    2: ['8.2.7', '2.2'],
    3: ['8.2.7', '3.8'],
    4: ['8.2.7', '6.4'],
    5: ['8.2', '3.7'],
    6: ['8.8.5', '4.10'],
    50: ['8.2.9', '3.11'],
    95: ['8.10.1', '3.9'],
  },
  cancelSession: { 1: ['8.10.1', '3.9'], 2: ['8.1', '6.1'] },
};

/** What the tables do not name is undefinedError: an execution error of the eIM. */
const UNDEFINED: StatusCode = { subjectCode: '8.1', reasonCode: '4.2' };

export function statusCodeOf(functionName: string, error: number): StatusCode {
  const entry = TABLES[functionName]?.[error];
  return entry === undefined ? UNDEFINED : { subjectCode: entry[0], reasonCode: entry[1] };
}
