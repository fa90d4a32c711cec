/** The ES10 functions that S_IPA uses, over one exchange of bytes. Requests are made, and answers read, by hand. */
import { Sgp33Error } from '../../protocol/errors.js';
import { Malformed, must, readElements, readFields, readOne, type Tlv } from '../tlv/reader.js';
import { bool, hex, int, nothing, octets, utf8, wrap } from '../tlv/writer.js';
import { read } from './read-answer.js';
import type { IpaDefects, IpaOptions, IpaVersion } from './options.js';

const EMPTY = new Uint8Array(0);
const NOTHING_TO_DELETE = 1;

/** Content of `A5`, `A6`: the parts of a Certificate. */
export interface CertificateContents {
  readonly eum: Uint8Array;
  readonly euicc: Uint8Array;
}

export class IpaCard {
  constructor(
    private readonly es10: IpaOptions['es10'],
    private readonly version: IpaVersion,
    private readonly defects: IpaDefects,
  ) {}

  /** LoadEuiccPackage (SGP.32 5.9.1): the bytes of the eIM go in, the bytes of the eUICC come out. */
  async loadEuiccPackage(eimPackage: Uint8Array): Promise<Uint8Array> {
    if (this.defects.has('unreadable-result-forwarded')) return this.es10(eimPackage);
    const { raw } = await this.#ask(eimPackage, 0xbf51);
    return raw;
  }

  /**
   * PendingNotifications, each as it came.
   * @param criterion the element inside searchCriteria: `80 ..`, `81 ..`; undefined: all.
   */
  async notifications(criterion?: Uint8Array): Promise<readonly Uint8Array[]> {
    const { content } = await this.retrieve(criterion);
    return listIn(content, 0xa0);
  }

  /** Stored eUICC Package Results (`BF51`). @param criterion `80 ..`; undefined: all. */
  async results(criterion: Uint8Array = nothing(0x82)): Promise<readonly Uint8Array[]> {
    const { content } = await this.retrieve(criterion);
    return listIn(content, 0xa2);
  }

  /** RetrieveNotificationsList (SGP.32 5.9.11). */
  retrieve(criterion?: Uint8Array): Promise<Tlv> {
    return this.#ask(wrap(0xbf2b, criterion === undefined ? undefined : wrap(0xa0, criterion)), 0xbf2b);
  }

  /** RemoveNotificationFromList, for notifications and results alike; nothingToDelete is as good as ok. */
  async remove(seqNumber: number): Promise<void> {
    const { content } = await this.#ask(wrap(0xbf30, int(0x80, seqNumber)), 0xbf30);
    const code = this.#read(() => readFields(content, [0x80]).integer(0x80));
    if (code === NOTHING_TO_DELETE && this.defects.has('nothing-to-delete-ends-cycle'))
      throw new Sgp33Error('ipa-euicc-answer', 'the eUICC has nothing to delete');
  }

  /** EUICCInfo1 or EUICCInfo2 as it came. */
  async information(tag: 0xbf20 | 0xbf22): Promise<Uint8Array> {
    return (await this.#ask(nothing(tag), tag)).raw;
  }

  /** GetEuiccConfiguredAddresses: the contents of `80` and `81`. */
  async addresses(): Promise<{ smdp: Uint8Array | undefined; smds: Uint8Array | undefined }> {
    const { content } = await this.#ask(nothing(0xbf3c), 0xbf3c);
    const fields = this.#read(() => readFields(content, [0x80, 0x81]));
    return { smdp: fields.octets(0x80), smds: fields.octets(0x81) };
  }

  /** The full euiccCiPKId that begins so, out of the list for signing; undefined when there is none. */
  async ciPkId(beginning: Uint8Array): Promise<Uint8Array | undefined> {
    const { content } = await this.#ask(nothing(0xbf20), 0xbf20);
    const start = hex(beginning);
    const whole = this.defects.has('ci-pk-id-compared-whole');
    return this.#read(() =>
      readElements(readFields(content, [0xaa]).octets(0xaa) ?? EMPTY)
        .map((id) => id.content)
        .find((id) => (whole ? hex(id) === start : hex(id).startsWith(start))),
    );
  }

  /** GetCerts (SGP.32 5.9.10); undefined when the eUICC has none for that CI. */
  async certificates(ciPkId?: Uint8Array): Promise<CertificateContents | undefined> {
    const request = wrap(0xbf56, ciPkId === undefined ? undefined : octets(0x80, ciPkId));
    const { content } = await this.#ask(request, 0xbf56);
    return this.#read(() => {
      const certs = readFields(content, [0xa0]).octets(0xa0);
      if (certs === undefined) return undefined;
      const fields = readFields(certs, [0xa5, 0xa6]);
      return { eum: must(fields.octets(0xa5)), euicc: must(fields.octets(0xa6)) };
    });
  }

  /** The associationToken that the eUICC holds for an eIM. @param eimId undefined: the first. */
  async associationToken(eimId: string | undefined): Promise<number | undefined> {
    const anyOne = this.defects.has('token-of-first-eim');
    const searches = eimId !== undefined && this.version === '1.2' && !anyOne;
    const request = wrap(0xbf55, searches ? wrap(0xa0, utf8(0x80, eimId)) : undefined);
    const { content } = await this.#ask(request, 0xbf55);
    return this.#read(() => {
      const entries = readElements(readFields(content, [0xa0]).octets(0xa0) ?? EMPTY).map((entry) =>
        readFields(entry.content, [0x80, 0x84]),
      );
      return entries
        .find((entry) => eimId === undefined || anyOne || entry.text(0x80) === eimId)
        ?.integer(0x84);
    });
  }

  /** ProfileRollback (SGP.32 5.9.16). @returns the new result; the cmdResult when it was refused. */
  async rollback(refreshFlag: boolean): Promise<Uint8Array | number | undefined> {
    const flag = this.defects.has('rollback-flag-inverted') ? !refreshFlag : refreshFlag;
    const { content } = await this.#ask(wrap(0xbf58, bool(0x80, flag)), 0xbf58);
    return this.#read(() => {
      const fields = readFields(content, [0x02, 0xbf51]);
      const code = fields.integer(0x02);
      return code === 0 ? fields.element(0xbf51)?.raw : code;
    });
  }

  /** Whether the enabled Profile is the Emergency Profile (SGP.32 5.9.14, 5.9.22). */
  async emergencyProfileEnabled(): Promise<boolean> {
    const { content } = await this.#ask(wrap(0xbf2d, octets(0x5c, '9F709F7B')), 0xbf2d);
    return this.#read(() =>
      readElements(readFields(content, [0xa0]).octets(0xa0) ?? EMPTY).some((profile) => {
        const fields = readFields(profile.content, [0x9f70, 0x9f7b]);
        return fields.integer(0x9f70) === 1 && fields.boolean(0x9f7b) === true;
      }),
    );
  }

  async #ask(request: Uint8Array, tag: number): Promise<Tlv> {
    const answer = await this.es10(request);
    return this.#read(() => {
      const element = readOne(answer);
      if (element.tag !== tag) throw new Malformed(`the tag ${element.tag.toString(16)}`);
      return element;
    });
  }

  /** @throws {Sgp33Error} `ipa-euicc-answer` for what S_IPA can not go on with. */
  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause;
      throw new Sgp33Error('ipa-euicc-answer', 'the eUICC gave an answer that can not be read', {
        actual: cause.message,
        cause,
      });
    }
  }
}

/** Elements of the list under a tag, or of that list inside notificationAndEprList (`A3`, v1.0.1). */
function listIn(content: Uint8Array, tag: 0xa0 | 0xa2): readonly Uint8Array[] {
  return read<readonly Uint8Array[]>([], () => {
    const fields = readFields(content, [0xa0, 0xa2, 0xa3]);
    const both = fields.octets(0xa3);
    const list =
      both === undefined
        ? fields.octets(tag)
        : readFields(both, [0xa0, 0xa1]).octets(tag === 0xa0 ? 0xa0 : 0xa1);
    return readElements(list ?? EMPTY).map(({ raw }) => raw);
  });
}
