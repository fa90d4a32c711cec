/** The SM-DP+ of an eIM in this process. */
import { TransportError } from '../contract.js';
import { NotificationInbox } from '../es9-listener/inbox.js';
import type { NotificationListener } from '../eim-contract.js';

export interface InProcessNotifications extends NotificationListener {
  /**
   * Takes what the eIM sends to an SM-DP+.
   * @param address FQDN of the SM-DP+ that it is for.
   * @throws {TransportError} `unreachable` for another one, or while it is away or refuses.
   */
  deliver(address: string, pendingNotification: Uint8Array): Promise<void>;
}

/** @param names FQDNs under which it is there. */
export function inProcessNotifications(names: readonly string[]): InProcessNotifications {
  const inbox = new NotificationInbox();
  const start = performance.now();
  return {
    address: names.join(', '),
    get waiting() {
      return inbox.waiting;
    },
    setState: (state, concerned) => inbox.setState(state, concerned),
    next: (wanted, deadlineMs, signal) => inbox.next(wanted, deadlineMs, signal),
    async deliver(to, data) {
      const state = inbox.stateFor(data);
      const wanted = state === 'listening';
      const answered = wanted ? '204' : state === 'refusing' ? '503' : 'none';
      const at = performance.now() - start;
      const event = {
        at,
        kind: 'note' as const,
        text: `notification for ${to}, answered ${answered}`,
        bytes: data,
      };
      const room = names.includes(to) && inbox.receive({ data, facts: {}, events: [event] }, wanted);
      if (!wanted || !room)
        throw new TransportError('unreachable', 'the SM-DP+ does not take the notification', { place: to });
    },
    close: async () => inbox.close(),
  };
}
