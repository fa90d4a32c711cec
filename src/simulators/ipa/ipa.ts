/** S_IPA: retrieves eIM Packages, has them carried out and delivers what came of it (SGP.32 3.1.1, 3.3.1). */
import type { Tlv } from '../tlv/reader.js';
import { readFields } from '../tlv/reader.js';
import { ipaEuiccData } from './data-request.js';
import { profileDownload } from './download-trigger.js';
import { notificationNumber, packageFacts, resultFacts } from './euicc-package.js';
import { IpaCard } from './ipa-card.js';
import {
  getEimPackage,
  handleNotification,
  handleResult,
  PACKAGE_RESULT_ERROR,
  packageResultError,
  provideEimPackageResult,
  resultAndNotifications,
} from './messages.js';
import {
  StatusWordError,
  type IpaMessageKind,
  type IpaOptions,
  type PollOptions,
  type PollOutcome,
} from './options.js';
import { read, readAcknowledgements, readEimPackage } from './read-answer.js';

/** What one delivery brought. */
interface Delivery {
  readonly answer?: Uint8Array;
  readonly acknowledged: readonly number[];
}

const NOT_DELIVERED: Delivery = { acknowledged: [] };

type Outcome = Omit<PollOutcome, 'sentAgain' | 'acknowledged' | 'rolledBack'> & Partial<PollOutcome>;

/**
 * An autonomous IPA with good manners. It keeps nothing of its own over a restart: what was not acknowledged is in the
 * eUICC, and goes out again at the next poll.
 */
export class Ipa {
  readonly #options: IpaOptions;
  readonly #card: IpaCard;
  /** The eUICC may hold results that nobody acknowledged: at the start, and after each that was not. */
  #unacknowledged = true;

  constructor(options: IpaOptions) {
    this.#options = options;
    this.#card = new IpaCard(options.es10, options.version);
  }

  /**
   * One retrieval: stored results first, then GetEimPackage, the package, its result, and the removal of what the eIM
   * acknowledged.
   * @throws what `esipa`, `es10` and `reset` reject with; {Sgp33Error} `ipa-euicc-answer`. The next poll takes up what
   *   was left.
   */
  async poll(options: PollOptions = {}): Promise<PollOutcome> {
    const again = await this.#sendStoredResults();
    const { version, eid } = this.#options;
    const answer = await this.#send(getEimPackage(version, eid, options), 'getEimPackage');
    const outcome: Outcome = answer === 'dropped' ? { kind: 'dropped' } : await this.#process(answer);
    return {
      rolledBack: false,
      ...outcome,
      sentAgain: again.numbers,
      acknowledged: [...again.acknowledged, ...(outcome.acknowledged ?? [])],
    };
  }

  /** Polls until the eIM has no package, at most `max` times. @returns all outcomes, the last one included. */
  async pollUntilEmpty(max = 50, options: PollOptions = {}): Promise<PollOutcome[]> {
    const outcomes: PollOutcome[] = [];
    while (outcomes.length < max) {
      // A state change is reported once.
      const outcome = await this.poll(outcomes.length === 0 ? options : {});
      outcomes.push(outcome);
      if (outcome.kind === 'noPackage' || outcome.kind === 'dropped') break;
    }
    return outcomes;
  }

  /** Sends every pending notification by HandleNotification and removes it. @returns their numbers. */
  async sendNotifications(): Promise<readonly number[]> {
    const sent: number[] = [];
    for (const notification of await this.#card.notifications()) {
      if ((await this.#send(handleNotification(notification), 'handleNotification')) === 'dropped') continue;
      const seqNumber = notificationNumber(notification);
      if (seqNumber !== undefined) await this.#card.remove(seqNumber);
      if (seqNumber !== undefined) sent.push(seqNumber);
    }
    return sent;
  }

  async #process(answer: Uint8Array): Promise<Outcome> {
    const found = readEimPackage(answer);
    switch (found.kind) {
      case 'noPackage':
        return found;
      case 'undecodable':
        return this.#refuse(PACKAGE_RESULT_ERROR.invalidPackageFormat);
      case 'unknown':
        return this.#refuse(PACKAGE_RESULT_ERROR.unknownPackage);
      case 'euiccPackage':
        return this.#euiccPackage(found.element);
      default: {
        const { kind, element } = found;
        const result =
          kind === 'ipaEuiccData'
            ? await ipaEuiccData(this.#options, this.#card, element.content)
            : await profileDownload(this.#options, element);
        if (result === undefined) return this.#refuse(PACKAGE_RESULT_ERROR.invalidPackageFormat, element);
        return { kind, eimPackage: element.raw, result, ...(await this.#provide(result)) };
      }
    }
  }

  async #euiccPackage(element: Tlv): Promise<Outcome> {
    const facts = packageFacts(element);
    if (facts === undefined) return this.#refuse(PACKAGE_RESULT_ERROR.invalidPackageFormat, element);
    const before = this.#unacknowledged;
    this.#unacknowledged = true;
    let result: Uint8Array;
    try {
      result = await this.#card.loadEuiccPackage(element.raw);
    } catch (error) {
      if (!(error instanceof StatusWordError)) throw error;
      return this.#refuse(PACKAGE_RESULT_ERROR.undefinedError, element);
    }
    const { switched, enabled } = resultFacts(result);
    if (switched) await this.#options.reset();
    const done = { kind: 'euiccPackage', eimPackage: element.raw } as const;
    try {
      const delivery = await this.#deliver(result, facts.psmos);
      this.#unacknowledged = before || !isSettled(result, delivery);
      return { ...done, result, ...delivery };
    } catch (undelivered) {
      const second = enabled && facts.rollbackFlag ? await this.#rollback() : undefined;
      if (second === undefined) throw undelivered;
      return { ...done, result: second, rolledBack: true, ...(await this.#deliver(second, false)) };
    }
  }

  /** One attempt, and only where the eIM allowed it (SGP.32 3.4.1). */
  async #rollback(): Promise<Uint8Array | undefined> {
    if (this.#options.rollback === false) return undefined;
    const result = await this.#card.rollback();
    if (result !== undefined) await this.#options.reset();
    return result;
  }

  /** Results that the eIM did not acknowledge go out before anything else, so that it does not ask for them again. */
  async #sendStoredResults(): Promise<Delivery & { readonly numbers: readonly number[] }> {
    const numbers: number[] = [];
    const acknowledged: number[] = [];
    if (!this.#unacknowledged) return { numbers, acknowledged };
    for (const result of await this.#card.results()) {
      const { eimId, seqNumber } = resultFacts(result);
      const { eimId: own } = this.#options;
      if (seqNumber === undefined || (own !== undefined && eimId !== own)) continue;
      numbers.push(seqNumber);
      acknowledged.push(...(await this.#deliver(result, true)).acknowledged);
    }
    this.#unacknowledged = numbers.some((number) => !acknowledged.includes(number));
    return { numbers, acknowledged };
  }

  /** @param psmos the package may have left notifications, which go out with its result or behind it. */
  async #deliver(result: Uint8Array, psmos: boolean): Promise<Delivery> {
    const { version, bundle = true } = this.#options;
    const { seqNumber } = resultFacts(result);
    const notifications = psmos ? await this.#card.notifications() : [];
    const together = bundle && notifications.length > 0;
    const arm = together ? resultAndNotifications(version, result, notifications) : result;
    const numbers = [seqNumber, ...(together ? notifications.map(notificationNumber) : [])];
    const delivery = await this.#provide(
      arm,
      numbers.filter((number) => number !== undefined),
    );
    const delivered = delivery !== NOT_DELIVERED;
    return notifications.length === 0 || together || !delivered
      ? delivery
      : { ...delivery, acknowledged: [...delivery.acknowledged, ...(await this.sendNotifications())] };
  }

  /**
   * Sends one arm of EimPackageResult and removes what is acknowledged.
   * @param numbers what the arm holds: HandleNotification has no acknowledgement, there its arrival is one.
   */
  async #provide(arm: Uint8Array, numbers: readonly number[] = []): Promise<Delivery> {
    const { version, eid, eidInResults = true, resultBy } = this.#options;
    const shown = eidInResults ? eid : undefined;
    const quiet = resultBy === 'handleNotification';
    const answer = quiet
      ? await this.#send(handleResult(version, shown, arm), 'handleNotification')
      : await this.#send(provideEimPackageResult(version, shown, arm), 'provideEimPackageResult');
    if (answer === 'dropped') return NOT_DELIVERED;
    const acknowledged = quiet ? numbers : readAcknowledgements(answer);
    for (const number of acknowledged) await this.#card.remove(number);
    return { answer, acknowledged };
  }

  async #refuse(error: number, element?: Tlv): Promise<Outcome> {
    const { version } = this.#options;
    const transactionId = element === undefined ? undefined : transactionIdOf(element);
    const delivery = await this.#provide(packageResultError(version, transactionId, error));
    return {
      kind: 'refused',
      error,
      ...(element === undefined ? {} : { eimPackage: element.raw }),
      ...delivery,
    };
  }

  async #send(message: Uint8Array, kind: IpaMessageKind): Promise<Uint8Array | 'dropped'> {
    const sent = this.#options.deviate?.(message, kind) ?? message;
    return sent === 'drop' ? 'dropped' : this.#options.esipa(sent);
  }
}

/** Errors have no number: nothing of them waits in the eUICC. */
function isSettled(result: Uint8Array, { acknowledged }: Delivery): boolean {
  const { seqNumber } = resultFacts(result);
  return seqNumber === undefined || acknowledged.includes(seqNumber);
}

/** eimTransactionId of a package, as far as it can be found in one that is damaged. */
function transactionIdOf({ tag, content }: Tlv): Uint8Array | undefined {
  return read<Uint8Array | undefined>(undefined, () => {
    if (tag === 0xbf52) return readFields(content, [0x83]).octets(0x83);
    if (tag === 0xbf54) return readFields(content, [0x82]).octets(0x82);
    const signed = readFields(content, [0x30]).octets(0x30);
    return signed === undefined ? undefined : readFields(signed, [0x82]).octets(0x82);
  });
}
