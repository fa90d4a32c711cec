/**
 * What the tool knows of the eIMs that it plays: their keys, and what the eUICC has stored for them. The eUICC's own
 * answers keep it up to date, so no sequence counts by itself.
 */
import type { Integer } from '../protocol/asn1/index.js';
import type { SimulatedEim } from './suite.js';

export interface EimRecord {
  /** True while the eUICC has it as Associated eIM with the counter and token below; false: they are guesses. */
  associated: boolean;
  /** Counter that the eUICC has stored. */
  counter: number;
  /** Association token; undefined when none was assigned. */
  token: Integer | undefined;
  /** Subject key identifier (hex) of the CI whose eUICC key signs results; undefined: the first of the signing list. */
  euiccCiPKId: string | undefined;
  /** PKI name of the key that signs now; differs from the simulated eIM's after an updateEim. */
  key: string | undefined;
}

export class EimBook {
  readonly #records = new Map<string, EimRecord>();

  constructor(readonly eims: ReadonlyMap<string, SimulatedEim>) {}

  record(eimId: string): EimRecord {
    let record = this.#records.get(eimId);
    if (record === undefined) {
      record = { associated: false, counter: 0, token: undefined, euiccCiPKId: undefined, key: undefined };
      this.#records.set(eimId, record);
    }
    return record;
  }

  /** PKI name of the key; undefined for an eIM that the tool does not play. */
  keyOf(eimId: string): string | undefined {
    return this.#records.get(eimId)?.key ?? this.eims.get(eimId)?.key;
  }

  /** True when the tool can sign for it. */
  plays(eimId: string): boolean {
    return this.eims.has(eimId);
  }

  /** After the eUICC lost its eIM configuration. */
  dissociateAll(): void {
    for (const record of this.#records.values()) record.associated = false;
  }
}
