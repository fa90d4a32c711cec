/** The IPAd: an IPA with a card, a network and a will of its own (SGP.32 3.1.1, 3.4, 3.7, 3.8). */
import { createHash } from 'node:crypto';
import { Sgp33Error } from '../../protocol/errors.js';
import { unhex } from '../tlv/writer.js';
import { Ipa, NO_EIM_PACKAGE_AVAILABLE, type PollOutcome } from '../ipa/index.js';
import { CardGone } from './card/card-port.js';
import { readConnectivity } from './connectivity.js';
import { coreOf, type IpadCore } from './core.js';
import { EimLine } from './eim-line.js';
import { injectedInto } from './injection.js';
import { callLocally } from './local-call.js';
import type { LocalFunction } from './local-functions.js';
import { readEimEntries, type EimEntry } from './network/eim-entry.js';
import { EsipaError } from './network/esipa-error.js';
import { notifyReceiver } from './network/notification-receiver.js';
import type { IpadOptions } from './options.js';
import { readEntries, startUp, type StartUp } from './start-up.js';
import { CAUSE } from './state/memory.js';
import type { Transferred } from '../ipa/transfers.js';

export class Ipad {
  readonly #core: IpadCore;
  /** eIMs that are not asked any more; only a defect puts one here. */
  readonly #givenUp = new Set<string>();

  /** @throws {Sgp33Error} `unknown-defect`, `ipad-state-file`. */
  constructor(options: IpadOptions) {
    this.#core = coreOf(options);
  }

  /** The start of the device as far as its eUICC is concerned; no eIM hears of it. @throws as {@link poll}. */
  async boot(): Promise<void> {
    await this.#core.card.powerOff();
    await this.#cycle(async () => undefined);
  }

  /** The start of the device, and what it does of itself then. @throws as {@link poll}. */
  async start(): Promise<void> {
    await this.#core.card.powerOff();
    if (this.#core.defects.has('not-polled-at-start')) await this.boot();
    else await this.poll();
  }

  /**
   * One cycle: every associated eIM is asked until it has nothing.
   * @throws {Sgp33Error} what keeps the device from it: `ipad-card-gone`, `not-an-euicc`, `ipad-esipa` of the first eIM
   *   that could not be reached, when the others are done.
   */
  async poll(): Promise<void> {
    const lost = await this.#cycle((found) => this.#pollAll(found));
    if (lost) await this.#fallBack();
  }

  /**
   * A function of the device's own, and what follows from it.
   * @throws {Sgp33Error} `ipad-local-function` when the eUICC refuses it or this device has none; as {@link poll}.
   */
  async call(name: LocalFunction): Promise<void> {
    const { options } = this.#core;
    await this.#cycle(async (found) => {
      await this.#callIn(name, found);
      const after = { ...found, entries: await readEntries(this.#core) };
      if (options.pollAfterChange !== false && this.#pollsAfter(name)) await this.#pollAll(after);
    });
  }

  /** The eUICC was in another device in between (SGP.32 5.14.5). */
  async deviceChanged(): Promise<void> {
    await this.#cycle(async (found) => {
      this.#core.changes.record(CAUSE.deviceChange, idsOf(found.entries));
      if (this.#core.options.pollAfterChange !== false) await this.#pollAll(found);
    });
  }

  /** A package that an eIM injects. @param message TransferEimPackageRequest. @throws as {@link poll}. */
  transfer(message: Uint8Array): Promise<Transferred> {
    return this.#cycle((found) => injectedInto(message, found, this.#core));
  }

  /** Something that follows from an injected package, on a channel of its own. */
  async afterwards(work: () => Promise<void>): Promise<void> {
    await this.#cycle(work);
  }

  /** Power off. May be used again. */
  close(): Promise<void> {
    return this.#core.card.powerOff();
  }

  #pollsAfter(name: LocalFunction): boolean {
    return name !== 'addInitialEim' || !this.#core.defects.has('initial-eim-not-polled');
  }

  /** @returns whether no eIM could be reached at all. */
  async #pollAll(found: StartUp): Promise<boolean> {
    const { defects, memory } = this.#core;
    const failures: EsipaError[] = [];
    const done = new Set<string>();
    let { entries } = found;
    const direct = this.#core.options.notifications === 'direct';
    if (found.pending && direct) await this.#notifyReceivers(found);
    const pending = found.pending && !direct;
    for (let next = entries[0]; next !== undefined; next = entries.find(({ eimId }) => !done.has(eimId))) {
      done.add(next.eimId);
      try {
        if (await this.#pollOne(next, { ...found, entries, pending }))
          entries = await readEntries(this.#core);
      } catch (error) {
        if (!(error instanceof EsipaError)) throw error;
        this.#core.log(`${next.eimId}: ${error.message}`);
        failures.push(error);
        if (error.fault === 'protocol' && defects.has('eim-given-up-after-bad-answer'))
          this.#givenUp.add(next.eimId);
        if (defects.has('first-failure-ends-cycle')) break;
      }
      if (defects.has('first-eim-only')) break;
    }
    const [failure] = failures;
    if (failure === undefined) return false;
    const lost = failures.length === done.size && failures.every((error) => error.lostConnectivity);
    if (lost) memory.change({ lostCycles: memory.state.lostCycles + 1 });
    if (lost && this.#fallsBack()) return true;
    throw failure;
  }

  /** Notifications that wait, each to its receiver, whatever eIMs there are. */
  async #notifyReceivers({ eid }: StartUp): Promise<void> {
    const { options, card, network, defects } = this.#core;
    const ipa = new Ipa({
      version: options.version,
      eid,
      es10: card.es10,
      reset: () => card.switched(),
      esipa: () => Promise.reject(new TypeError('no eIM takes part')),
      notify: (notification) => notifyReceiver(notification, network),
      defects,
    });
    await ipa.sendNotifications();
  }

  /** @returns whether other eIMs are associated now. */
  async #pollOne(entry: EimEntry, { eid, entries, pending }: StartUp): Promise<boolean> {
    const { options, defects, log, changes } = this.#core;
    if (this.#givenUp.has(entry.eimId)) return false;
    const line = EimLine.to(entry, entries, this.#core, eid);
    if (typeof line === 'string') {
      log(`${entry.eimId}: not polled, ${line}`);
      return false;
    }
    const late = defects.has('stored-results-after-packages');
    try {
      if (!late) await line.ipa.sendStoredResults();
      if (pending && !defects.has('pending-notifications-not-sent')) await line.ipa.sendNotifications();
      const cause = changes.pending(entry.eimId);
      const outcomes = await line.ipa.pollUntilEmpty(options.maxPackages, {
        storedResults: false,
        ...(cause === undefined ? {} : { stateChangeCause: cause }),
        ...(options.rPLMN === undefined ? {} : { rPLMN: options.rPLMN }),
      });
      for (const { kind, acknowledged } of outcomes)
        log(`${entry.eimId}: ${kind}, removed ${acknowledged.join(' ') || 'nothing'}`);
      if (outcomes.some(isRefused) && defects.has('refused-eim-given-up')) this.#givenUp.add(entry.eimId);
      if (late) await line.ipa.sendStoredResults();
      return line.eimsChanged;
    } finally {
      await line.close();
    }
  }

  #fallsBack(): boolean {
    const { options, memory, defects } = this.#core;
    const after = options.fallbackAfter ?? 0;
    if (after === 0 || memory.state.lostCycles < after) return false;
    return memory.state.fallbackRefused !== true || defects.has('refused-fallback-repeated');
  }

  async #fallBack(): Promise<void> {
    try {
      await this.call('executeFallback');
    } catch (error) {
      if (error instanceof Sgp33Error && error.code === 'ipad-local-function')
        this.#core.memory.change({ fallbackRefused: true });
      throw error;
    }
  }

  async #callIn(name: LocalFunction, found: StartUp): Promise<void> {
    const { memory, card, changes, options } = this.#core;
    if (name === 'addInitialEim' && this.#refusedBefore(found)) return;
    const { code, request } = await callLocally(name, this.#core);
    if (name === 'addInitialEim')
      memory.change({ initialEim: { digest: digestOf(options.initialEim), taken: code === 0 } });
    if (code !== 0) throw refusedBy(name, code);
    // Who is not associated any more is not told of anything, and the first eIM may be another now.
    if (name === 'resetEimConfiguration') memory.change({ changes: {}, initialEim: undefined });
    if (request.switches) {
      await card.switched();
      await readConnectivity(this.#core);
    }
    if (request.cause !== undefined) changes.record(request.cause, idsOf(found.entries));
  }

  /** What an eUICC refused once is not offered again, as long as it has eIMs (SGP.32 3.5.2). */
  #refusedBefore({ entries }: StartUp): boolean {
    const { memory, options, defects, log } = this.#core;
    const { initialEim } = memory.state;
    const same = initialEim !== undefined && initialEim.digest === digestOf(options.initialEim);
    const refused = same && entries.length > 0 && !initialEim.taken;
    if (!refused || defects.has('refused-initial-eim-repeated')) return false;
    log('AddInitialEim was refused before, and is not tried again');
    return true;
  }

  async #cycle<T>(work: (found: StartUp) => Promise<T>): Promise<T> {
    const { card, defects, memory } = this.#core;
    try {
      await card.open();
      try {
        if (defects.has('package-executed-again') && memory.state.package !== undefined)
          await card.es10(unhex(memory.state.package));
        return await work(await startUp(this.#core));
      } finally {
        await card.closeChannel().catch((error: unknown) => this.#core.log(String(error)));
      }
    } catch (error) {
      if (error instanceof EsipaError) throw error;
      // A card that was pulled, or in a state that nobody knows, is started anew.
      await card.powerOff();
      if (defects.has('polls-without-euicc') && isCardTrouble(error)) await this.#pollFromMemory();
      throw error;
    }
  }

  /** The eIMs of last time, without a look at the eUICC. */
  async #pollFromMemory(): Promise<void> {
    const { eid, eims } = this.#core.memory.state;
    const entries = eims === undefined ? [] : (readEimEntries(unhex(eims)) ?? []);
    for (const entry of entries) {
      const line = EimLine.to(entry, entries, this.#core, eid ?? '');
      if (typeof line === 'string') continue;
      try {
        await line.ipa.poll({ storedResults: false });
      } catch (error) {
        this.#core.log(String(error));
      } finally {
        await line.close();
      }
    }
  }
}

const idsOf = (entries: readonly EimEntry[]): readonly string[] => entries.map(({ eimId }) => eimId);

const digestOf = (data: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(data ?? new Uint8Array(0))
    .digest('hex');

const isCardTrouble = (error: unknown): boolean =>
  error instanceof CardGone || (error instanceof Sgp33Error && error.code === 'not-an-euicc');

const refusedBy = (name: string, code: number | undefined): Sgp33Error =>
  new Sgp33Error('ipad-local-function', `the eUICC refused ${name}`, {
    expected: 'ok(0)',
    actual: code === undefined ? 'an answer that can not be read' : String(code),
  });

/** The eIM did not say that it has no package, but that it will not give any. */
const isRefused = ({ kind, error }: PollOutcome): boolean =>
  kind === 'noPackage' && error !== undefined && error !== NO_EIM_PACKAGE_AVAILABLE;
