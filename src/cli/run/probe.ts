/** Looks at the IUT before a run begins, so that a wrong reader or card costs no run. */
import { TransportError, type IutIdentity } from '../../../drivers/contract.js';
import type { AnySession } from '../../engine/run-sequence.js';

/** An IUT that is there and does not answer is judged by the run; everything else ends it before it begins. */
const JUDGED_LATER: readonly string[] = ['timeout', 'communication', 'unreachable'];

/**
 * Opens the IUT, reads who it is, and lets it go.
 * @throws {TransportError} `reader-not-found`, `pcsc-unavailable`, `card-removed`, `reader-gone`; {Sgp33Error}
 *   `not-an-euicc`, `eid-mismatch`, `no-logical-channel`.
 */
export async function probe(session: AnySession): Promise<IutIdentity> {
  try {
    await session.open();
  } catch (error) {
    if (!(error instanceof TransportError) || !JUDGED_LATER.includes(error.code)) throw error;
  } finally {
    await session.driver.close();
  }
  return session.driver.identity;
}
