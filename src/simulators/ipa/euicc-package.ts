/** What an IPA looks at in an eUICC Package and in its result; it changes neither. */
import { must, readElements, readFields, type Tlv } from '../tlv/reader.js';
import { read } from './read-answer.js';

const NOTHING = new Uint8Array(0);
const ENABLE = 0xa3;
const ENABLE_RESULT = 0x83;
const DISABLE_RESULT = 0x84;

export interface PackageFacts {
  /** The eUICC may have new notifications. */
  readonly psmos: boolean;
  /** An enable has the rollbackFlag. */
  readonly rollbackFlag: boolean;
}

/** @returns undefined for a package that is not in its format: it does not go to the eUICC (SGP.32 3.3.1). */
export function packageFacts({ content }: Tlv): PackageFacts | undefined {
  return read<PackageFacts | undefined>(undefined, () => {
    const outer = readFields(content, [0x30, 0x5f37]);
    must(outer.octets(0x5f37));
    const fields = readFields(must(outer.octets(0x30)), [0x80, 0x5a, 0x81, 0x82, 0xa0, 0xa1]);
    must(fields.text(0x80));
    must(fields.octets(0x5a, 16, 16));
    must(fields.integer(0x81));
    const psmoList = fields.octets(0xa0);
    if (fields.has(0xa1) === (psmoList !== undefined)) return undefined;
    // Damage inside the list is the eUICC's to find.
    const operations = read<readonly Tlv[]>([], () => readElements(psmoList ?? NOTHING));
    const rollbackFlag = operations.some(
      (psmo) => psmo.tag === ENABLE && read(false, () => readFields(psmo.content, [0x5a, 0x05]).has(0x05)),
    );
    return { psmos: psmoList !== undefined, rollbackFlag };
  });
}

export interface ResultFacts {
  readonly eimId?: string | undefined;
  /** Of a signed result; an error has none, and is not stored. */
  readonly seqNumber?: number | undefined;
  /** A Profile was enabled or disabled: the change takes effect with a reset. */
  readonly switched: boolean;
  readonly enabled: boolean;
}

const NO_FACTS: ResultFacts = { switched: false, enabled: false };

/** @param result `BF51`. */
export function resultFacts(result: Uint8Array): ResultFacts {
  return read(NO_FACTS, () => {
    const signed = readFields(must(readFields(result, [0xbf51]).octets(0xbf51)), [0xa0]).octets(0xa0);
    const data = readFields(signed ?? NOTHING, [0x30]).octets(0x30);
    if (data === undefined) return NO_FACTS;
    const fields = readFields(data, [0x80, 0x81, 0x82, 0x83, 0x30]);
    const done = readElements(fields.octets(0x30) ?? NOTHING).filter(({ content }) => content[0] === 0);
    const has = (tag: number): boolean => done.some((element) => element.tag === tag);
    return {
      eimId: fields.text(0x80),
      seqNumber: fields.integer(0x83),
      switched: has(ENABLE_RESULT) || has(DISABLE_RESULT),
      enabled: has(ENABLE_RESULT),
    };
  });
}

/** seqNumber of a PendingNotification: of its NotificationMetadata, where that stands in each arm. */
export function notificationNumber(pendingNotification: Uint8Array): number | undefined {
  return read<number | undefined>(undefined, () => {
    const [element] = readElements(pendingNotification);
    const content = element?.content ?? NOTHING;
    const holder =
      element?.tag === 0xbf37 ? (readFields(content, [0xbf27]).octets(0xbf27) ?? NOTHING) : content;
    const metadata = readFields(holder, [0xbf2f]).octets(0xbf2f);
    return metadata === undefined ? undefined : readFields(metadata, [0x80]).integer(0x80);
  });
}
