/** S_IPA: retrieves eIM Packages, has them carried out and delivers what came of it (SGP.32 3.1.1, 3.3.1). */
import type { Tlv } from '../tlv/reader.js';
import { ipaEuiccData } from './data-request.js';
import { Deliveries, type Delivery } from './deliveries.js';
import { profileDownload } from './download-trigger.js';
import { resultFacts } from './euicc-package.js';
import { EuiccPackages } from './euicc-packages.js';
import { IpaCard } from './ipa-card.js';
import { getEimPackage, PACKAGE_RESULT_ERROR } from './messages.js';
import {
  NO_EIM_PACKAGE_AVAILABLE,
  NO_DEFECTS,
  type IpaDefects,
  type IpaOptions,
  type PollOptions,
  type PollOutcome,
} from './options.js';
import { readEimPackage } from './read-answer.js';
import { transactionIdOf } from './transaction-id.js';
import { Transfers, type Transferred } from './transfers.js';

type Outcome = Omit<PollOutcome, 'sentAgain' | 'acknowledged' | 'rolledBack'> & Partial<PollOutcome>;

/** After that many packages in a row that were none, the eIM is left alone. */
const MAX_REFUSALS = 2;
/** A defect must not keep the eIM busy for ever. */
const MAX_NEEDLESS_POLLS = 3;

/**
 * An autonomous IPA with good manners. It keeps nothing of its own over a restart: what was not acknowledged is in the
 * eUICC, and goes out again at the next poll.
 */
export class Ipa {
  readonly #options: IpaOptions;
  readonly #defects: IpaDefects;
  readonly #card: IpaCard;
  readonly #deliveries: Deliveries;
  readonly #packages: EuiccPackages;
  readonly #transfers: Transfers;
  /** The eUICC may hold results that nobody acknowledged: at the start, and after each that was not. */
  #unacknowledged = true;

  constructor(options: IpaOptions) {
    this.#options = options;
    this.#defects = options.defects ?? NO_DEFECTS;
    this.#card = new IpaCard(options.es10, options.version, this.#defects);
    this.#deliveries = new Deliveries(options, this.#card, this.#defects);
    this.#packages = new EuiccPackages(options, this.#card, this.#deliveries, this.#defects);
    this.#transfers = new Transfers(options, this.#card, this.#packages, this.#deliveries, this.#defects);
  }

  /**
   * One retrieval: stored results first, then GetEimPackage, the package, its result, and the removal of what the eIM
   * acknowledged.
   * @throws what `esipa`, `es10` and `reset` reject with; {Sgp33Error} `ipa-euicc-answer`. The next poll takes up what
   *   was left.
   */
  async poll(options: PollOptions = {}): Promise<PollOutcome> {
    const first = options.storedResults !== false || this.#defects.has('unacknowledged-result-repeated');
    const again = first ? await this.sendStoredResults() : { numbers: [], acknowledged: [] };
    const { version, eid } = this.#options;
    const request = getEimPackage(version, eid, options, this.#defects);
    const answer = await this.#deliveries.send(request, 'getEimPackage');
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
    const { rPLMN, storedResults } = options;
    const always: PollOptions = {
      ...(rPLMN === undefined ? {} : { rPLMN }),
      ...(storedResults === undefined ? {} : { storedResults }),
    };
    let refusals = 0;
    let needless = 0;
    while (outcomes.length < max) {
      // A state change is reported once.
      const again = outcomes.length > 0 && !this.#defects.has('state-change-in-every-poll');
      const outcome = await this.poll(again ? always : options);
      outcomes.push(outcome);
      refusals = outcome.kind === 'refused' ? refusals + 1 : 0;
      const over = isEnd(outcome) || refusals >= MAX_REFUSALS;
      if (over && !(this.#asksAgain(outcome) && ++needless <= MAX_NEEDLESS_POLLS)) break;
      if (!over && this.#defects.has('one-package-a-cycle')) break;
    }
    return outcomes;
  }

  #asksAgain({ kind, error }: PollOutcome): boolean {
    if (kind !== 'noPackage') return false;
    if (error === NO_EIM_PACKAGE_AVAILABLE) return this.#defects.has('no-package-asked-again');
    return error !== undefined && this.#defects.has('refused-poll-asked-again');
  }

  /** Sends every pending notification and removes it. @returns their numbers. */
  sendNotifications(): Promise<readonly number[]> {
    return this.#deliveries.notifications();
  }

  /** Results that the eIM did not acknowledge go out before anything else, so that it does not ask for them again. */
  async sendStoredResults(): Promise<Delivery & { readonly numbers: readonly number[] }> {
    const numbers: number[] = [];
    const acknowledged: number[] = [];
    if (!this.#unacknowledged || this.#defects.has('stored-results-not-sent'))
      return { numbers, acknowledged };
    for (const result of await this.#card.results()) {
      const { eimId, seqNumber } = resultFacts(result);
      const { eimId: own } = this.#options;
      if (seqNumber === undefined) continue;
      if (own !== undefined && eimId !== own && !this.#defects.has('results-to-any-eim')) continue;
      numbers.push(seqNumber);
      acknowledged.push(...(await this.#packages.deliverStored(result, seqNumber)).acknowledged);
    }
    this.#unacknowledged = numbers.some((number) => !acknowledged.includes(number));
    return { numbers, acknowledged };
  }

  /** A package that the eIM injects (SGP.32 3.1.1.2, 5.14.4). @param message the TransferEimPackageRequest. */
  transfer(message: Uint8Array): Promise<Transferred> {
    return this.#transfers.take(message);
  }

  async #process(answer: Uint8Array): Promise<Outcome> {
    const found = readEimPackage(answer, this.#defects);
    switch (found.kind) {
      case 'noPackage':
        return found;
      case 'unexpected':
        return { kind: 'unexpected' };
      case 'undecodable':
        if (this.#defects.has('undecodable-package-to-euicc')) await this.#options.es10(answer);
        return this.#refuse(PACKAGE_RESULT_ERROR.invalidPackageFormat);
      case 'unknown':
        if (this.#defects.has('unknown-package-ignored')) return { kind: 'unexpected' };
        return this.#refuse(
          this.#defects.has('unknown-package-as-invalid')
            ? PACKAGE_RESULT_ERROR.invalidPackageFormat
            : PACKAGE_RESULT_ERROR.unknownPackage,
        );
      case 'euiccPackage':
        return this.#euiccPackage(found.element);
      default: {
        const { kind, element } = found;
        const result = await this.#answerTo(kind, element);
        if (result === undefined) return this.#refuse(PACKAGE_RESULT_ERROR.invalidPackageFormat, element);
        return { kind, eimPackage: element.raw, result, ...(await this.#deliveries.arm(result)) };
      }
    }
  }

  #answerTo(kind: 'ipaEuiccData' | 'profileDownload', element: Tlv): Promise<Uint8Array | undefined> {
    return kind === 'ipaEuiccData'
      ? ipaEuiccData(this.#options, this.#card, element.content, this.#defects)
      : profileDownload(this.#options, element, this.#defects);
  }

  async #euiccPackage(element: Tlv): Promise<Outcome> {
    const before = this.#unacknowledged;
    this.#unacknowledged = true;
    const { settled, ...outcome } = await this.#packages.take(element);
    this.#unacknowledged = before || !settled;
    return outcome;
  }

  async #refuse(error: number, element?: Tlv): Promise<Outcome> {
    const id = element === undefined ? undefined : transactionIdOf(element);
    const delivery = await this.#deliveries.error(error, id);
    return {
      kind: 'refused',
      error,
      ...(element === undefined ? {} : { eimPackage: element.raw }),
      ...delivery,
    };
  }
}

/** Nothing more is to be expected of the eIM: it has no package, or said what nobody can read. */
const isEnd = ({ kind, error, eimPackage }: PollOutcome): boolean =>
  ['noPackage', 'unexpected', 'dropped'].includes(kind) ||
  (kind === 'refused' && error === PACKAGE_RESULT_ERROR.invalidPackageFormat && eimPackage === undefined);
