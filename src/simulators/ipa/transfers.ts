/** TransferEimPackage: a package that the eIM injects is answered in the response (SGP.32 3.1.1.2, 5.14.4). */
import { Sgp33Error } from '../../protocol/errors.js';
import { must, readElements, readFields, readOne, type Tlv } from '../tlv/reader.js';
import { ipaEuiccData } from './data-request.js';
import type { Deliveries } from './deliveries.js';
import { isTrigger, profileDownload } from './download-trigger.js';
import type { EuiccPackages } from './euicc-packages.js';
import type { IpaCard } from './ipa-card.js';
import {
  EIM_PACKAGE_RECEIVED,
  PACKAGE_RESULT_ERROR,
  resultAndNotifications,
  transferError,
  transferResponse,
} from './messages.js';
import { StatusWordError, type IpaDefects, type IpaOptions } from './options.js';
import { read } from './read-answer.js';

export interface Transferred {
  /** TransferEimPackageResponse, `BF4E`. */
  readonly response: Uint8Array;
  /** What is to be done once the response is out: a download. */
  readonly afterwards?: () => Promise<void>;
}

interface Answer {
  readonly arm: Uint8Array;
  readonly afterwards?: () => Promise<void>;
}

const { invalidPackageFormat, unknownPackage, undefinedError } = PACKAGE_RESULT_ERROR;

export class Transfers {
  constructor(
    private readonly options: IpaOptions,
    private readonly card: IpaCard,
    private readonly packages: EuiccPackages,
    private readonly deliveries: Deliveries,
    private readonly defects: IpaDefects,
  ) {}

  /** @throws what `es10` rejects with when there is no card any more. */
  async take(message: Uint8Array): Promise<Transferred> {
    const { arm, afterwards } = await this.#answer(message);
    return { response: transferResponse(arm), ...(afterwards === undefined ? {} : { afterwards }) };
  }

  async #answer(message: Uint8Array): Promise<Answer> {
    const arm = read<Tlv | undefined>(undefined, () => {
      const outer = readOne(message);
      return outer.tag === 0xbf4e ? readOne(outer.content) : undefined;
    });
    if (arm === undefined)
      return {
        arm: transferError(
          this.defects.has('undecodable-transfer-as-undefined') ? undefinedError : invalidPackageFormat,
        ),
      };
    try {
      return await this.#answerTo(arm);
    } catch (error) {
      const told =
        error instanceof StatusWordError ||
        (error instanceof Sgp33Error && error.code === 'ipa-euicc-answer');
      if (!told) throw error;
      return { arm: this.#euiccFault() };
    }
  }

  #euiccFault(): Uint8Array {
    return transferError(
      this.defects.has('transfer-fault-as-invalid') ? invalidPackageFormat : undefinedError,
    );
  }

  async #answerTo(arm: Tlv): Promise<Answer> {
    switch (arm.tag) {
      case 0xbf51:
        return this.#euiccPackage(arm);
      case 0xbf52: {
        const data = await ipaEuiccData(this.options, this.card, arm.content, this.defects);
        return { arm: data ?? transferError(invalidPackageFormat) };
      }
      case 0xbf53:
        return this.#acknowledged(arm);
      case 0xbf54:
        return this.#download(arm);
      default:
        return {
          arm: transferError(
            this.defects.has('unknown-transfer-as-invalid') ? invalidPackageFormat : unknownPackage,
          ),
        };
    }
  }

  async #euiccPackage(arm: Tlv): Promise<Answer> {
    const executed = await this.packages.execute(arm);
    if (executed === undefinedError) return { arm: this.#euiccFault() };
    if (typeof executed === 'number') return { arm: transferError(executed) };
    const { result, psmos, switched } = executed;
    if (switched) await this.options.reset();
    const silent = this.options.notify !== undefined || this.defects.has('transfer-without-notifications');
    const notifications = psmos && !silent ? await this.card.notifications() : [];
    const told =
      notifications.length === 0
        ? result
        : resultAndNotifications(this.options.version, result, notifications);
    return { arm: told };
  }

  async #acknowledged({ content }: Tlv): Promise<Answer> {
    const numbers = read<readonly number[] | undefined>(undefined, () =>
      readElements(content).map(({ raw }) => must(readFields(raw, [0x80]).integer(0x80))),
    );
    if (numbers === undefined) return { arm: transferError(invalidPackageFormat) };
    if (!this.defects.has('transferred-acknowledgements-ignored'))
      for (const number of numbers) await this.card.remove(number);
    return { arm: EIM_PACKAGE_RECEIVED };
  }

  /** A download takes its time: the trigger is confirmed, and its result follows on the IPA's own way. */
  async #download(arm: Tlv): Promise<Answer> {
    if (!isTrigger(this.options, arm)) return { arm: transferError(invalidPackageFormat) };
    const work = (): Promise<Uint8Array | undefined> => profileDownload(this.options, arm, this.defects);
    if (this.defects.has('transferred-trigger-answered-at-once'))
      return { arm: (await work()) ?? transferError(invalidPackageFormat) };
    return {
      arm: EIM_PACKAGE_RECEIVED,
      afterwards: async () => {
        const result = await work();
        if (result !== undefined) await this.deliveries.arm(result);
      },
    };
  }
}
