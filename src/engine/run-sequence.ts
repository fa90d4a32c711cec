/** One sequence from its initial conditions to its verdict. A plain function: no test framework in it. */
import type { EimSession } from './eim-session.js';
import { runOnCard } from './run-on-card.js';
import type { IpadSession } from './ipad-session.js';
import { runOnEim } from './run-on-eim.js';
import { runOnIpad } from './run-on-ipad.js';
import type { SequenceRun } from './sequence-run.js';
import type { Session } from './session.js';
import type { Sequence } from './suite.js';

export type { SequenceRun } from './sequence-run.js';

/** What one run knows about its IUT. */
export type AnySession = Session | EimSession | IpadSession;

/** Never rejects: every kind of trouble becomes a verdict. */
export const runSequence = (
  sequence: Sequence,
  session: AnySession,
  signal?: AbortSignal,
): Promise<SequenceRun> => {
  switch (session.kind) {
    case 'eIM':
      return runOnEim(sequence, session, signal);
    case 'IPAd':
      return runOnIpad(sequence, session, signal);
    case 'eUICC':
      return runOnCard(sequence, session, signal);
  }
};
