/** Identities for cards that are made up as they are needed: EIDs that nobody else has in this process. */
import { randomInt } from 'node:crypto';
import { eidWithCheckDigits } from '../../protocol/pki/eid.js';

export {
  issueEuiccIdentity,
  type EuiccIdentity,
  type EuiccIdentityEntry,
  type IssueEuiccOptions,
} from '../../protocol/pki/issue-euicc.js';

/** What the EUM of the test PKI may issue for. */
const PREFIX = '89049032';

/** Keeps two processes that talk to one eIM apart. */
const ofThisProcess = String(randomInt(10 ** 12)).padStart(12, '0');
let last = 0;

/**
 * An EID with the prefix of the test PKI and right check digits (SGP.29).
 * @param seed the same number gives the same EID, in every process; without it each call gives a new one.
 */
export function newEid(seed?: number): string {
  const rest =
    seed === undefined
      ? `1${ofThisProcess}${String(++last).padStart(9, '0')}`
      : `2${String(seed).padStart(21, '0')}`;
  return eidWithCheckDigits(PREFIX + rest);
}
