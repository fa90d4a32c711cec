/** The IPAd: an IPA with a card, a network and a will of its own (SGP.32 3.1.1, 3.8). */
import { ISD_R_AID, TERMINAL_CAPABILITY_IPAD } from '../../protocol/apdu/commands.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { Ipa } from '../ipa/index.js';
import { read } from '../ipa/read-answer.js';
import { must, readFields } from '../tlv/reader.js';
import { hex, octets, unhex, wrap } from '../tlv/writer.js';
import { CardGone } from './card/card-port.js';
import { DeviceCard } from './card/device-card.js';
import { ipadDefectsOf, type IpadDefects } from './defects.js';
import { connectEim, type NetworkOptions } from './network/connect-eim.js';
import { readEimEntries, type EimEntry } from './network/eim-entry.js';
import { EsipaError } from './network/esipa-error.js';
import { DEFAULT_TIMINGS, type IpadOptions } from './options.js';

/** Announces REFRESH (third octet, bit 8), and no more. */
export const TERMINAL_PROFILE_REFRESH = unhex('000080');
const GET_EID = unhex('BF3E035C015A');
const GET_EIM_CONFIGURATION_DATA = wrap(0xbf55);
const RETRIEVE_NOTIFICATIONS_LIST = wrap(0xbf2b);

/** What the start of a cycle read from the eUICC. */
interface StartUp {
  readonly eid: string;
  readonly entries: readonly EimEntry[];
}

export class Ipad {
  readonly #options: IpadOptions;
  readonly #defects: IpadDefects;
  readonly #card: DeviceCard;
  readonly #network: NetworkOptions;
  readonly #log: (line: string) => void;

  /** @throws {Sgp33Error} `unknown-defect`. */
  constructor(options: IpadOptions) {
    this.#options = options;
    this.#defects = ipadDefectsOf(options.defects ?? []);
    this.#log = options.log ?? (() => undefined);
    this.#card = new DeviceCard({
      port: options.port,
      isdrAid: options.isdrAid ?? ISD_R_AID,
      terminalProfile:
        options.terminalProfile === undefined ? TERMINAL_PROFILE_REFRESH : options.terminalProfile,
      terminalCapability:
        options.terminalCapability === undefined ? TERMINAL_CAPABILITY_IPAD : options.terminalCapability,
      blockSize: options.blockSize ?? 255,
      defects: this.#defects,
      log: this.#log,
    });
    this.#network = {
      version: options.version,
      binding: options.binding ?? 'asn1',
      transports: options.transports ?? ['https', 'coaps'],
      resolve: options.resolve ?? {},
      authorities: options.authorities ?? '',
      userAgent: options.userAgent ?? 'gsma-rsp-ipad',
      maxBodyBytes: options.maxBodyBytes ?? 1 << 20,
      timings: { ...DEFAULT_TIMINGS, ...options.timings },
      defects: this.#defects,
      log: this.#log,
      stop: options.signal ?? new AbortController().signal,
    };
  }

  /**
   * One cycle: every associated eIM is asked until it has nothing.
   * @throws {Sgp33Error} what keeps the device from it: `ipad-card-gone`, `not-an-euicc`, `ipad-esipa` of the first eIM
   *   that could not be reached, when the others are done.
   */
  async poll(): Promise<void> {
    await this.#cycle(async (startUp) => {
      let failure: EsipaError | undefined;
      for (const entry of startUp.entries)
        try {
          await this.#pollEim(entry, startUp);
        } catch (error) {
          if (!(error instanceof EsipaError)) throw error;
          this.#log(`${entry.eimId}: ${error.message}`);
          failure ??= error;
        }
      if (failure !== undefined) throw failure;
    });
  }

  /** Power off. May be used again. */
  close(): Promise<void> {
    return this.#card.powerOff();
  }

  async #pollEim(entry: EimEntry, { eid }: StartUp): Promise<void> {
    const session = connectEim(entry, this.#network);
    if (typeof session === 'string') return this.#log(`${entry.eimId}: not polled, ${session}`);
    const { version, resultBy, bundle, eidInResults, rPLMN, maxPackages } = this.#options;
    const ipa = new Ipa({
      version,
      eid,
      eimId: entry.eimId,
      es10: this.#card.es10,
      esipa: (message) => session.exchange(message),
      reset: async () => {
        // The way to the eIM leads over the new Profile now.
        await session.close();
        await this.#card.switched();
      },
      ...(resultBy === undefined ? {} : { resultBy }),
      ...(bundle === undefined ? {} : { bundle }),
      ...(eidInResults === undefined ? {} : { eidInResults }),
    });
    try {
      const outcomes = await ipa.pollUntilEmpty(maxPackages, rPLMN === undefined ? {} : { rPLMN });
      for (const { kind, acknowledged } of outcomes)
        this.#log(`${entry.eimId}: ${kind}, removed ${acknowledged.join(' ') || 'nothing'}`);
    } finally {
      await session.close();
    }
  }

  async #cycle(work: (startUp: StartUp) => Promise<void>): Promise<void> {
    try {
      await this.#card.open();
      try {
        await work(await this.#startUp());
      } finally {
        await this.#card.closeChannel();
      }
    } catch (error) {
      // A card that was pulled, or in a state that nobody knows, is started anew.
      if (error instanceof CardGone || !(error instanceof EsipaError)) await this.#card.powerOff();
      throw error;
    }
  }

  async #startUp(): Promise<StartUp> {
    const eid = eidIn(await this.#card.es10(GET_EID));
    const entries = readEimEntries(await this.#card.es10(GET_EIM_CONFIGURATION_DATA));
    await this.#card.es10(RETRIEVE_NOTIFICATIONS_LIST);
    if (eid === undefined || entries === undefined)
      throw new Sgp33Error('ipa-euicc-answer', 'the eUICC does not tell its EID and its eIMs', {
        place: this.#card.place,
        expected: 'BF3E with 5A, BF55 with A0',
      });
    this.#log(`EID ${eid}, eIMs ${entries.map(({ eimId }) => eimId).join(' ') || 'none'}`);
    return { eid, entries };
  }
}

function eidIn(answer: Uint8Array): string | undefined {
  return read<string | undefined>(undefined, () => {
    const outer = readFields(answer, [0xbf3e]).octets(0xbf3e);
    return hex(must(readFields(must(outer), [0x5a]).octets(0x5a, 16, 16)));
  });
}

/** For the eUICC: EimConfigurationData as they are in a list. */
export const addInitialEim = (entries: Uint8Array): Uint8Array => wrap(0xbf57, octets(0xa0, entries));
