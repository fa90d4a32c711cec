import { recordsOf } from './records.js';

/** More are forgotten, the oldest first. */
const MAX_RECORDS = 1024;

/** Records of an open session, by epoch and sequence number (RFC 6347 4.1). */
export class SeenRecords {
  readonly #seen = new Set<string>();

  /** Whether one of the records of a datagram was there before. */
  repeats(datagram: Uint8Array): boolean {
    const numbers = recordsOf(datagram).map(({ bytes }) =>
      Buffer.from(bytes.subarray(3, 11)).toString('hex'),
    );
    const repeated = numbers.some((number) => this.#seen.has(number));
    for (const number of numbers) this.#seen.add(number);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= MAX_RECORDS) break;
      this.#seen.delete(oldest);
    }
    return repeated;
  }
}
