/** What an IPA looks at in an eUICC Package and in its result; it changes neither. */
import { must, readElements, readFields, type Fields, type Tlv } from '../tlv/reader.js';
import { hex } from '../tlv/writer.js';
import { read } from './read-answer.js';

const NOTHING = new Uint8Array(0);
const ENABLE = 0xa3;
const ENABLE_RESULT = 0x83;
const DISABLE_RESULT = 0x84;
/** enable, disable, delete, rollback, setFallbackAttribute, unsetFallbackAttribute. */
const PROFILE_RESULTS = [ENABLE_RESULT, DISABLE_RESULT, 0x85, 0x8c, 0x8d, 0x8e];
/** addEim, deleteEim, updateEim. */
const EIM_RESULTS = [0xa8, 0x89, 0x8a];
const LAST_EIM_DELETED = 2;

export interface PackageFacts {
  /** EID that it is for, hex. */
  readonly eidValue: string;
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
    const eidValue = hex(must(fields.octets(0x5a, 16, 16)));
    must(fields.integer(0x81));
    const psmoList = fields.octets(0xa0);
    if (fields.has(0xa1) === (psmoList !== undefined)) return undefined;
    // Damage inside the list is the eUICC's to find.
    const operations = read<readonly Tlv[]>([], () => readElements(psmoList ?? NOTHING));
    const rollbackFlag = operations.some(
      (psmo) => psmo.tag === ENABLE && read(false, () => readFields(psmo.content, [0x5a, 0x05]).has(0x05)),
    );
    return { eidValue, psmos: psmoList !== undefined, rollbackFlag };
  });
}

export interface ResultFacts {
  readonly eimId?: string | undefined;
  /** Of a signed result; an error has none, and is not stored. */
  readonly seqNumber?: number | undefined;
  /** euiccPackageErrorUnsigned: the eUICC did not even find the eIM, or its signature. */
  readonly unsigned: boolean;
  /** A Profile was enabled or disabled: the change takes effect with a reset. */
  readonly switched: boolean;
  readonly enabled: boolean;
  readonly profilesChanged: boolean;
  readonly eimsChanged: boolean;
}

const NO_FACTS: ResultFacts = {
  unsigned: false,
  switched: false,
  enabled: false,
  profilesChanged: false,
  eimsChanged: false,
};

/** @param result `BF51`. */
export function resultFacts(result: Uint8Array): ResultFacts {
  return read(NO_FACTS, () => {
    const arms = readFields(must(readFields(result, [0xbf51]).octets(0xbf51)), [0xa0, 0xa1, 0xa2]);
    const data = readFields(arms.octets(0xa0) ?? NOTHING, [0x30]).octets(0x30);
    if (data === undefined) return { ...NO_FACTS, unsigned: arms.has(0xa2) };
    const fields = readFields(data, [0x80, 0x81, 0x82, 0x83, 0x30]);
    const results = readElements(fields.octets(0x30) ?? NOTHING);
    const has = (tag: number): boolean => results.some((element) => element.tag === tag && isDone(element));
    return {
      eimId: fields.text(0x80),
      seqNumber: fields.integer(0x83),
      unsigned: false,
      switched: has(ENABLE_RESULT) || has(DISABLE_RESULT),
      enabled: has(ENABLE_RESULT),
      profilesChanged: PROFILE_RESULTS.some(has),
      eimsChanged: EIM_RESULTS.some(has),
    };
  });
}

/** ok(0); of addEim a token or NULL, of deleteEim also lastEimDeleted(2). */
function isDone({ tag, content }: Tlv): boolean {
  if (tag === 0xa8) return content[0] === 0x84 || (content[0] === 0x02 && content[2] === 0);
  return content[0] === 0 || (tag === 0x89 && content[0] === LAST_EIM_DELETED);
}

/** notificationAddress of a PendingNotification: its receiver. */
export function notificationReceiver(pendingNotification: Uint8Array): string | undefined {
  return metadataOf(pendingNotification, (metadata) => metadata.text(0x0c));
}

/** seqNumber of a PendingNotification. */
export function notificationNumber(pendingNotification: Uint8Array): number | undefined {
  return metadataOf(pendingNotification, (metadata) => metadata.integer(0x80));
}

/** Of its NotificationMetadata, where that stands in each arm. */
function metadataOf<T>(
  pendingNotification: Uint8Array,
  what: (metadata: Fields) => T | undefined,
): T | undefined {
  return read<T | undefined>(undefined, () => {
    const [element] = readElements(pendingNotification);
    const content = element?.content ?? NOTHING;
    const holder =
      element?.tag === 0xbf37 ? (readFields(content, [0xbf27]).octets(0xbf27) ?? NOTHING) : content;
    const metadata = readFields(holder, [0xbf2f]).octets(0xbf2f);
    return metadata === undefined ? undefined : what(readFields(metadata, [0x80, 0x0c]));
  });
}
