/** The end of what a process writes; the rest is counted and thrown away. */
const CHARACTERS = 4096;
/** A character has up to four bytes. */
const KEPT = 4 * CHARACTERS;

export class OutputTail {
  #parts: Buffer[] = [];
  #kept = 0;
  bytes = 0;

  add(part: Buffer): void {
    this.bytes += part.length;
    // A copy: the chunk may be a small part of a large buffer.
    const piece = Buffer.from(part.subarray(-KEPT));
    this.#parts.push(piece);
    this.#kept += piece.length;
    if (this.#kept <= 2 * KEPT) return;
    this.#parts = [Buffer.concat(this.#parts).subarray(-KEPT)];
    this.#kept = KEPT;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString('utf8').slice(-CHARACTERS);
  }
}
