/** eUICC Packages: carried out by the eUICC, their results delivered, or rolled back (SGP.32 3.3.1, 3.4.1). */
import { Sgp33Error } from '../../protocol/errors.js';
import type { Tlv } from '../tlv/reader.js';
import type { Deliveries, Delivery } from './deliveries.js';
import { packageFacts, resultFacts } from './euicc-package.js';
import type { IpaCard } from './ipa-card.js';
import { PACKAGE_RESULT_ERROR } from './messages.js';
import { StatusWordError, type IpaDefects, type IpaOptions, type PackageResult } from './options.js';
import { withoutTransactionId } from './reencode.js';
import { transactionIdOf } from './transaction-id.js';

/** What the eUICC made of a package. */
export interface Executed extends PackageResult {
  /** It may have left Notifications. */
  readonly psmos: boolean;
}

export interface PackageOutcome extends Partial<Delivery> {
  readonly kind: 'euiccPackage' | 'refused';
  readonly error?: number;
  readonly eimPackage: Uint8Array;
  readonly result?: Uint8Array;
  readonly rolledBack?: boolean;
  /** Nothing of it waits in the eUICC. */
  readonly settled: boolean;
}

const CAT_BUSY = 5;
/** A card that is busy for longer keeps what it has, until the next poll. */
const MAX_ROLLBACKS = 3;

export class EuiccPackages {
  constructor(
    private readonly options: IpaOptions,
    private readonly card: IpaCard,
    private readonly deliveries: Deliveries,
    private readonly defects: IpaDefects,
  ) {}

  /** @param element `BF51`. @throws what `es10`, `reset` and `esipa` reject with. */
  async take(element: Tlv): Promise<PackageOutcome> {
    const executed = await this.execute(element);
    if (typeof executed === 'number') {
      const eimPackage = element.raw;
      if (executed === PACKAGE_RESULT_ERROR.undefinedError && this.defects.has('euicc-fault-not-reported'))
        return { kind: 'refused', error: executed, eimPackage, acknowledged: [], settled: true };
      const delivery = await this.deliveries.error(executed, transactionIdOf(element));
      return { kind: 'refused', error: executed, eimPackage, ...delivery, settled: true };
    }
    const { result, psmos, seqNumber, switched, rollbackAllowed } = executed;
    const early = switched && this.defects.has('result-before-switch');
    if (switched && !early) await this.options.reset();
    const delivered = await this.#deliver(result, psmos, rollbackAllowed);
    if (early) await this.options.reset();
    const settled = seqNumber === undefined || delivered.acknowledged.includes(seqNumber);
    return { kind: 'euiccPackage', eimPackage: element.raw, result, ...delivered, settled };
  }

  /** LoadEuiccPackage. @returns what came of it, or the eimPackageResultErrorCode of a package that is none. */
  async execute(element: Tlv): Promise<Executed | number> {
    const facts = packageFacts(element);
    if (facts === undefined && !this.defects.has('malformed-package-to-euicc'))
      return PACKAGE_RESULT_ERROR.invalidPackageFormat;
    const foreign = facts !== undefined && facts.eidValue !== this.options.eid;
    if (foreign && this.defects.has('foreign-package-refused')) return PACKAGE_RESULT_ERROR.undefinedError;
    const reencoded = this.defects.has('package-reencoded');
    const result = await this.#load(reencoded ? withoutTransactionId(element.raw) : element.raw);
    if (result === undefined) return PACKAGE_RESULT_ERROR.undefinedError;
    const { seqNumber, unsigned, switched, enabled, profilesChanged, eimsChanged } = resultFacts(result);
    if (seqNumber === undefined && this.defects.has('package-error-not-relayed'))
      return PACKAGE_RESULT_ERROR.undefinedError;
    if (unsigned && this.defects.has('unsigned-error-not-relayed'))
      return PACKAGE_RESULT_ERROR.invalidPackageFormat;
    const flagged = facts?.rollbackFlag === true || this.defects.has('rollback-without-flag');
    const executed = {
      result,
      seqNumber,
      switched,
      profilesChanged,
      eimsChanged,
      rollbackAllowed: enabled && flagged && this.options.rollback !== false,
      psmos: facts?.psmos ?? true,
    };
    await this.options.onResult?.(executed);
    return executed;
  }

  /** Undefined: the eUICC refused, or gave an answer that is no EuiccPackageResult. */
  async #load(eimPackage: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await this.card.loadEuiccPackage(eimPackage);
    } catch (error) {
      const code = error instanceof Sgp33Error ? error.code : undefined;
      const told = error instanceof StatusWordError || (code !== undefined && EUICC_FAULTS.includes(code));
      const lost = code === 'ipad-card-gone' && this.defects.has('lost-card-as-error');
      if (!told && !lost) throw error;
      return undefined;
    }
  }

  /** A result that waited in the eUICC. */
  deliverStored(result: Uint8Array, seqNumber: number): Promise<Delivery> {
    return this.#deliver(result, true, this.options.mayRollBack?.(seqNumber) === true);
  }

  async #deliver(
    result: Uint8Array,
    psmos: boolean,
    mayRollBack: boolean,
  ): Promise<Delivery & { readonly result?: Uint8Array; readonly rolledBack?: boolean }> {
    for (let rollbacks = 0; ;) {
      try {
        return await this.deliveries.result(result, psmos);
      } catch (undelivered) {
        if (!mayRollBack || this.defects.has('never-rolled-back')) throw undelivered;
        const next = await (this.options.undelivered?.(undelivered) ?? 'rollback');
        if (next === 'later') throw undelivered;
        if (next === 'again') continue;
        const second = await this.#rollback();
        if (second instanceof Uint8Array) return this.#deliverSecond(second);
        if (!this.#triesAgain(second) || ++rollbacks >= MAX_ROLLBACKS) throw undelivered;
      }
    }
  }

  async #deliverSecond(
    second: Uint8Array,
  ): Promise<Delivery & { readonly result: Uint8Array; readonly rolledBack: true }> {
    const told = { result: second, rolledBack: true } as const;
    if (this.defects.has('rollback-not-reported')) return { ...told, acknowledged: [] };
    const delivery = await this.deliveries.result(
      second,
      !this.defects.has('no-notifications-after-rollback'),
    );
    return { ...told, ...delivery };
  }

  /** One attempt (SGP.32 3.4.1). @returns the new result, or why there is none. */
  async #rollback(): Promise<Uint8Array | number | undefined> {
    const result = await this.card.rollback(this.options.refreshFlag ?? true);
    if (result instanceof Uint8Array) await this.options.reset();
    return result;
  }

  /** Busy cards are asked again; one that does not allow it is not (SGP.32 5.9.16). */
  #triesAgain(code: number | undefined): boolean {
    if (code === CAT_BUSY) return !this.defects.has('busy-rollback-given-up');
    return this.defects.has('refused-rollback-repeated');
  }
}

/** An answer that can not be read, and a package that no STORE DATA chain can hold. */
const EUICC_FAULTS: readonly string[] = ['ipa-euicc-answer', 'es10-request-too-long'];
