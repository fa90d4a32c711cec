/**
 * The conformance decoder's front door.
 *
 * What hostile bytes can cost is bounded: the walk stops after `maxElements` elements and keeps at most `maxFindings`
 * findings; values are views on the input, elements that no type knows are kept as bytes and not entered, depth is
 * that of the types (none is recursive), and the time is linear in the bytes that are read. With the default limits
 * the value of a message takes at most about 1.1 MB beside the message, however large that is (16 times the worst one
 * of 64 kB, a list of 1-byte OCTET STRINGs), and its nodes 2.5 MB more once they are asked for
 * (test/protocol/asn1/hardening.test.ts measures both).
 */
import { Decoder } from './decoder.js';
import type { Finding } from './findings.js';
import type { Asn1Node } from './node.js';
import type { Asn1Type } from './schema.js';
import type { DecodeLimits } from './walker.js';

export type { DecodeLimits } from './walker.js';

/** The largest legitimate messages (a list of 200 Profiles, a Profile package of 500 kB) have less than 5000 elements. */
export const DEFAULT_LIMITS: DecodeLimits = { maxElements: 10_000, maxFindings: 100 };

export interface Decoded<T> {
  /** What could be read. Complete and of type `T` when `ok`; otherwise fields may be missing. */
  readonly value: T | undefined;
  /** The tree of elements with their offsets; built when it is first asked for. Undefined when nothing could be read. */
  readonly node: Asn1Node | undefined;
  readonly findings: readonly Finding[];
  /** True when there is no violation (notes do not count). */
  readonly ok: boolean;
  readonly bytes: Uint8Array;
}

class Result<T> implements Decoded<T> {
  #node: Asn1Node | undefined = undefined;
  #built = false;
  readonly #type: Asn1Type<T>;
  readonly #limits: DecodeLimits;

  constructor(
    readonly value: T | undefined,
    readonly findings: readonly Finding[],
    readonly ok: boolean,
    readonly bytes: Uint8Array,
    type: Asn1Type<T>,
    limits: DecodeLimits,
  ) {
    this.#type = type;
    this.#limits = limits;
  }

  get node(): Asn1Node | undefined {
    if (!this.#built) {
      const again = new Decoder(this.bytes, { ...this.#limits, maxFindings: 0 }, true);
      again.run(this.#type, rootNameOf(this.#type));
      this.#node = again.root;
      this.#built = true;
    }
    return this.#node;
  }
}

/**
 * Decodes one value of `type`; bytes behind it are a violation. Never throws on any input. The value and the nodes
 * are views on `input`: whoever overwrites that afterwards changes them.
 */
export function decode<T>(
  type: Asn1Type<T>,
  input: Uint8Array,
  limits: DecodeLimits = DEFAULT_LIMITS,
): Decoded<T> {
  // A plain Uint8Array: views of a Buffer would be Buffers, and compare unequal in tests and callers.
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  const run = new Decoder(bytes, limits, false);
  const value = run.run(type, rootNameOf(type)) as T | undefined;
  const { findings } = run;
  let ok = true;
  for (const f of findings) if (f.severity === 'violation') ok = false;
  return new Result(value, findings, ok, bytes, type, limits);
}

const rootNames = new WeakMap<Asn1Type, string>();

/** `EuiccPackageRequest` -> `euiccPackageRequest`, `EUICCInfo2` -> `euiccInfo2`. */
function rootNameOf(type: Asn1Type): string {
  let name = rootNames.get(type);
  if (name === undefined) {
    name = type.name === '' ? 'value' : lowerFirst(type.name);
    rootNames.set(type, name);
  }
  return name;
}

const lowerFirst = (name: string): string => {
  const lead = /^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/.exec(name)?.[0] ?? '';
  return lead.toLowerCase() + name.slice(lead.length);
};
