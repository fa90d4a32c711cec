/** What an IPA brings to the eIM, and what it removes from the eUICC for it (SGP.32 3.3.1, 3.7, 5.14.6, 5.14.7). */
import { notificationNumber, notificationReceiver, resultFacts } from './euicc-package.js';
import type { IpaCard } from './ipa-card.js';
import {
  handleNotification,
  handleResult,
  packageResultError,
  provideEimPackageResult,
  resultAndNotifications,
} from './messages.js';
import type { IpaDefects, IpaMessageKind, IpaOptions } from './options.js';
import { readAcknowledgements } from './read-answer.js';
import { signatureAsDer } from './reencode.js';

/** What one delivery brought. */
export interface Delivery {
  readonly answer?: Uint8Array;
  readonly acknowledged: readonly number[];
}

const NOT_DELIVERED: Delivery = { acknowledged: [] };

export class Deliveries {
  readonly #defects: IpaDefects;

  constructor(
    private readonly options: IpaOptions,
    private readonly card: IpaCard,
    defects: IpaDefects,
  ) {
    this.#defects = defects;
  }

  /** @param psmos the package may have left notifications, which go out with its result or behind it. */
  async result(result: Uint8Array, psmos: boolean): Promise<Delivery> {
    const { version, bundle = true, notify } = this.options;
    const { seqNumber } = resultFacts(result);
    const notifications = this.#wanted(psmos) ? await this.#pending() : [];
    const together =
      bundle && notify === undefined && (notifications.length > 0 || this.#defects.has('empty-list-bundled'));
    const whole = this.#defects.has('result-signature-as-der') ? signatureAsDer(result) : result;
    const arm = together ? resultAndNotifications(version, whole, notifications) : whole;
    const numbers = [seqNumber, ...(together ? notifications.map(notificationNumber) : [])];
    const delivery = await this.arm(
      arm,
      numbers.filter((number) => number !== undefined),
    );
    const delivered = delivery !== NOT_DELIVERED;
    if (notifications.length === 0 || together || !delivered) return delivery;
    if (this.#defects.has('notifications-dropped-unless-bundled')) return delivery;
    return { ...delivery, acknowledged: [...delivery.acknowledged, ...(await this.notifications())] };
  }

  /** Without a card there is no whole answer, and nothing goes out. */
  async #pending(): Promise<readonly Uint8Array[]> {
    try {
      return await this.card.notifications();
    } catch (error) {
      if (this.#defects.has('partial-result-sent')) return [];
      throw error;
    }
  }

  #wanted(psmos: boolean): boolean {
    if (this.#defects.has('notifications-not-read-after-package')) return false;
    return psmos || this.#defects.has('notifications-read-after-eco');
  }

  /**
   * Sends one arm of EimPackageResult and removes what is acknowledged.
   * @param numbers what the arm holds: HandleNotification has no acknowledgement, there its arrival is one.
   */
  async arm(arm: Uint8Array, numbers: readonly number[] = []): Promise<Delivery> {
    const { version, eid, eidInResults = true, resultBy } = this.options;
    const shown = eidInResults && !this.#defects.has('eid-missing-in-result') ? eid : undefined;
    const quiet = resultBy === 'handleNotification';
    const early = this.#defects.has('removed-before-delivery');
    if (early) await this.#removeAll(numbers);
    const answer = quiet
      ? await this.send(handleResult(version, shown, arm), 'handleNotification')
      : await this.send(provideEimPackageResult(version, shown, arm), 'provideEimPackageResult');
    if (answer === 'dropped') return NOT_DELIVERED;
    const acknowledged = quiet ? numbers : this.#acknowledgedIn(answer, numbers);
    if (!early) await this.#removeAll(acknowledged);
    return { answer, acknowledged };
  }

  #acknowledgedIn(answer: Uint8Array, sent: readonly number[]): readonly number[] {
    const defects = this.#defects;
    if (defects.has('answered-is-acknowledged')) return sent;
    const told = readAcknowledgements(answer);
    if (told.length > 0 && defects.has('partial-acknowledgement-as-whole')) return sent;
    if (defects.has('first-acknowledgement-only')) return told.slice(0, 1);
    return told;
  }

  async #removeAll(numbers: readonly number[]): Promise<void> {
    if (this.#defects.has('acknowledgements-ignored')) return;
    for (const number of numbers) await this.card.remove(number);
  }

  /** eimPackageResultResponseError. */
  error(code: number, eimTransactionId: Uint8Array | undefined): Promise<Delivery> {
    const id = this.#defects.has('error-without-transaction-id') ? undefined : eimTransactionId;
    return this.arm(packageResultError(this.options.version, id, code));
  }

  /**
   * Brings every pending Notification to its receiver, in order, and removes it. What does not arrive stays, and what
   * follows for the same receiver with it (SGP.32 3.7).
   * @returns the numbers of those that arrived.
   */
  async notifications(): Promise<readonly number[]> {
    const defects = this.#defects;
    const sent: number[] = [];
    const away = new Set<string | undefined>();
    const pending = await this.card.notifications();
    for (const notification of defects.has('notifications-in-reverse') ? [...pending].reverse() : pending) {
      const receiver = notificationReceiver(notification);
      if (away.has(receiver)) continue;
      const arrived = await this.#notify(notification);
      if (!arrived) away.add(receiver);
      if (!arrived && defects.has('one-receiver-stops-all')) break;
      if (!arrived && !defects.has('undelivered-notification-removed')) continue;
      const seqNumber = notificationNumber(notification);
      if (seqNumber === undefined || defects.has('delivered-notification-kept')) continue;
      await this.card.remove(seqNumber);
      sent.push(seqNumber);
    }
    return sent;
  }

  async #notify(notification: Uint8Array): Promise<boolean> {
    if (this.options.notify !== undefined) return this.options.notify(notification);
    const message = handleNotification(notification, this.#defects);
    return (await this.send(message, 'handleNotification')) !== 'dropped';
  }

  async send(message: Uint8Array, kind: IpaMessageKind): Promise<Uint8Array | 'dropped'> {
    const sent = this.options.deviate?.(message, kind) ?? message;
    return sent === 'drop' ? 'dropped' : this.options.esipa(sent);
  }
}
