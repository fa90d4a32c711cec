/** What the eIM answers, read by hand. Whatever it sends, nothing here throws. */
import type { IpaDefects } from './options.js';
import { Malformed, must, readElements, readFields, readOne, type Tlv } from '../tlv/reader.js';

export type EimPackage =
  | { readonly kind: 'noPackage'; readonly error?: number }
  | { readonly kind: 'euiccPackage' | 'ipaEuiccData' | 'profileDownload'; readonly element: Tlv }
  /** An arm that is none; bytes that are no answer; another message. */
  | { readonly kind: 'unknown' | 'undecodable' | 'unexpected' };

const KINDS: ReadonlyMap<number, 'euiccPackage' | 'ipaEuiccData' | 'profileDownload'> = new Map([
  [0xbf51, 'euiccPackage'],
  [0xbf52, 'ipaEuiccData'],
  [0xbf54, 'profileDownload'],
]);

/** GetEimPackageResponse; an answer without a body counts as no package. */
export function readEimPackage(answer: Uint8Array, defects: IpaDefects): EimPackage {
  if (answer.length === 0) return { kind: 'noPackage' };
  return read<EimPackage>({ kind: 'undecodable' }, () => {
    const outer = readOne(answer);
    const cares = !defects.has('answer-tag-unchecked');
    if (outer.tag !== 0xbf4f && cares) return { kind: isMessage(outer.tag) ? 'unexpected' : 'undecodable' };
    const arm = readOne(outer.content);
    if (arm.tag === 0x02)
      return { kind: 'noPackage', error: must(readFields(arm.raw, [0x02]).integer(0x02)) };
    const kind = KINDS.get(arm.tag);
    return kind === undefined ? { kind: 'unknown' } : { kind, element: arm };
  });
}

/** Tags of ESipa messages (SGP.32 6.3.2). */
const isMessage = (tag: number): boolean => tag >= 0xbf39 && tag <= 0xbf50;

/** Numbers of the EimAcknowledgements in a ProvideEimPackageResultResponse; of another answer none. */
export function readAcknowledgements(answer: Uint8Array): readonly number[] {
  return read<readonly number[]>([], () => {
    const outer = readOne(answer);
    const list = outer.tag === 0xbf50 ? readFields(outer.content, [0xbf53]).octets(0xbf53) : undefined;
    return readElements(list ?? new Uint8Array(0)).map(({ raw }) =>
      must(readFields(raw, [0x80]).integer(0x80)),
    );
  });
}

/** `otherwise` for bytes that can not be read. */
export function read<T>(otherwise: T, what: () => T): T {
  try {
    return what();
  } catch (error) {
    if (error instanceof Malformed) return otherwise;
    throw error;
  }
}
