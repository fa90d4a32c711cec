/** One eIM as the IPAd deals with it: the line to it, and the IPA that uses it (SGP.32 3.1.1, 3.3.1, 3.4.1). */
import { setTimeout as delay } from 'node:timers/promises';
import { Ipa, IpaCard, NO_EIM_PACKAGE_AVAILABLE, type PackageResult } from '../ipa/index.js';
import { read } from '../ipa/read-answer.js';
import { readFields, readOne } from '../tlv/reader.js';
import { hex } from '../tlv/writer.js';
import { readConnectivity } from './connectivity.js';
import type { IpadCore } from './core.js';
import { connectEim } from './network/connect-eim.js';
import type { EimEntry } from './network/eim-entry.js';
import { EsipaError } from './network/esipa-error.js';
import type { EsipaSession } from './network/esipa-session.js';
import { notifyReceiver } from './network/notification-receiver.js';
import { CAUSE } from './state/memory.js';

const LOAD_EUICC_PACKAGE = 'BF51';

export class EimLine {
  readonly ipa: Ipa;
  /** The eIM changed who is associated. */
  eimsChanged = false;
  #rollbacks = 0;

  private constructor(
    private readonly core: IpadCore,
    private readonly entry: EimEntry,
    private readonly all: readonly EimEntry[],
    private readonly session: EsipaSession,
    eid: string,
  ) {
    this.ipa = this.#makeIpa(eid);
  }

  /** @returns the line, or why there can be none. Nothing is connected yet. */
  static to(entry: EimEntry, all: readonly EimEntry[], core: IpadCore, eid: string): EimLine | string {
    const session = connectEim(entry, all, core.network);
    return typeof session === 'string' ? session : new EimLine(core, entry, all, session, eid);
  }

  close(): Promise<void> {
    return this.session.close();
  }

  #makeIpa(eid: string): Ipa {
    const { options, defects, network, card } = this.core;
    const { version, resultBy, bundle, eidInResults, ipaCapabilities, deviceInfo, download } = options;
    const es10 = this.#es10;
    return new Ipa({
      version,
      eid,
      eimId: this.entry.eimId,
      es10,
      esipa: this.#esipa,
      reset: async () => {
        // The way to the eIM leads over the new Profile now.
        if (!defects.has('connection-kept-over-switch')) await this.session.close();
        await card.switched();
        await readConnectivity(this.core);
      },
      rollback: options.rollback ?? true,
      refreshFlag: options.refreshFlag ?? true,
      undelivered: this.#undelivered,
      mayRollBack: (seqNumber) => this.core.memory.state.rollback?.seqNumber === seqNumber,
      onResult: this.#onResult,
      ecallActive: () => new IpaCard(es10, version, defects).emergencyProfileEnabled(),
      defects,
      ...(options.notifications === 'direct'
        ? { notify: (notification) => notifyReceiver(notification, network) }
        : {}),
      ...(resultBy === undefined ? {} : { resultBy }),
      ...(bundle === undefined ? {} : { bundle }),
      ...(eidInResults === undefined ? {} : { eidInResults }),
      ...(ipaCapabilities === undefined ? {} : { ipaCapabilities }),
      ...(deviceInfo === undefined ? {} : { deviceInfo }),
      ...(download === undefined ? {} : { download }),
    });
  }

  readonly #es10 = async (command: Uint8Array): Promise<Uint8Array> => {
    const { card, memory } = this.core;
    if (hex(command.subarray(0, 2)) === LOAD_EUICC_PACKAGE) memory.change({ package: hex(command) });
    return card.es10(command);
  };

  readonly #esipa = async (message: Uint8Array): Promise<Uint8Array> => {
    const { changes, memory } = this.core;
    const answer = await this.session.exchange(message);
    memory.change({ lostCycles: 0, fallbackRefused: undefined });
    const unheard = this.core.defects.has('refused-report-repeated') && isRefusal(answer);
    if (reportsChange(message) && !unheard) changes.told(this.entry.eimId);
    if (isResult(message)) memory.change({ package: undefined, rollback: undefined });
    return answer;
  };

  readonly #onResult = async (executed: PackageResult): Promise<void> => {
    const { changes, memory } = this.core;
    const { eimId } = this.entry;
    const { seqNumber, rollbackAllowed, profilesChanged, eimsChanged } = executed;
    if (eimsChanged) this.eimsChanged = true;
    if (profilesChanged)
      changes.record(
        CAUSE.otherEim,
        this.all.map((entry) => entry.eimId),
        eimId,
      );
    if (rollbackAllowed && seqNumber !== undefined)
      memory.change({ rollback: { eimId, seqNumber, since: Date.now() } });
  };

  /** Only lost connectivity is a reason to go back, and only after the declared time (SGP.32 3.4.1). */
  readonly #undelivered = async (error: unknown): Promise<'again' | 'rollback' | 'later'> => {
    const { defects, memory, network, stop } = this.core;
    if (stop.aborted || !(error instanceof EsipaError)) return 'later';
    if (!error.lostConnectivity && !defects.has('rollback-after-any-error')) return 'later';
    const { rollbackAfterMs, retryDelayMs } = network.timings;
    const left = (memory.state.rollback?.since ?? 0) + rollbackAfterMs - Date.now();
    const due = left <= 0 || defects.has('rollback-before-its-time');
    // A card that was busy with the last one gets some time.
    const wait = due ? this.#rollbacks * retryDelayMs : Math.min(Math.max(retryDelayMs, 1), left);
    if (due) this.#rollbacks++;
    if (wait > 0) await delay(wait, undefined, { signal: stop }).catch(() => undefined);
    return due ? 'rollback' : 'again';
  };
}

/** ProvideEimPackageResult, by itself or in HandleNotification, where a Notification has the arm A0. */
const isResult = (message: Uint8Array): boolean =>
  read(false, () => {
    const { tag, content } = readOne(message);
    return tag === 0xbf50 || (tag === 0xbf3d && content[0] !== 0xa0);
  });

/** GetEimPackageResponse with an eimPackageError other than noEimPackageAvailable(1). */
const isRefusal = (answer: Uint8Array): boolean =>
  read(false, () => {
    const error = readFields(readOne(answer).content, [0x02]).integer(0x02);
    return error !== undefined && error !== NO_EIM_PACKAGE_AVAILABLE;
  });

/** GetEimPackageRequest with notifyStateChange. */
const reportsChange = (message: Uint8Array): boolean =>
  read(false, () => {
    const { tag, content } = readOne(message);
    return tag === 0xbf4f && readFields(content, [0x80]).has(0x80);
  });
