/**
 * What the eIM remembers: JSON by key, all of it in memory and every change on the disk before it counts. A change of
 * several keys is one batch, written through to the medium unless it need not be: after SIGKILL it is there whole or not
 * at all.
 */
import { mkdirSync } from 'node:fs';
import { ClassicLevel } from 'classic-level';
import { MemoryLevel } from 'memory-level';
import { StoreFailure } from './refusals.js';

type Level = ClassicLevel | MemoryLevel;

/** New value of each key as JSON; undefined: the key goes. */
export type Changes = ReadonlyMap<string, string | undefined>;

export class EimStore {
  readonly #locks = new Map<string, Promise<unknown>>();
  #closed = false;

  private constructor(
    private readonly level: Level,
    private readonly durable: boolean,
    private readonly values: Map<string, string>,
  ) {}

  /**
   * @param folder made when it is not there; without it, the store lives in memory.
   * @param durable false: a change is not written through to the medium, so that it outlives the process only.
   * @throws {StoreFailure} `eim-store` when another process holds it or it can not be read.
   */
  static async open(folder: string | undefined, durable = true): Promise<EimStore> {
    try {
      if (folder !== undefined) mkdirSync(folder, { recursive: true });
      const level: Level = folder === undefined ? new MemoryLevel() : new ClassicLevel(folder);
      await level.open();
      const values = new Map<string, string>();
      for await (const [key, value] of level.iterator()) values.set(key, value);
      return new EimStore(level, durable, values);
    } catch (cause) {
      throw failure('the store of the eIM can not be opened', folder, cause);
    }
  }

  /** Committed JSON of a key. */
  get(key: string): string | undefined {
    return this.values.get(key);
  }

  /** Committed keys that begin so. */
  *keys(prefix: string): Generator<string> {
    for (const key of this.values.keys()) if (key.startsWith(prefix)) yield key;
  }

  /** Resolves when all of it is on the medium, or where {@link open} said. @throws {StoreFailure} `eim-store`: then nothing changed. */
  async commit(changes: Changes): Promise<void> {
    if (changes.size === 0) return;
    try {
      if (this.#closed) throw new Error('the store is closed');
      const batch = [...changes].map(([key, value]) =>
        value === undefined ? { type: 'del' as const, key } : { type: 'put' as const, key, value },
      );
      // The in-memory level knows no `sync`; it is passed over there.
      await (this.level as ClassicLevel).batch(batch, { sync: this.durable });
    } catch (cause) {
      throw failure('the store of the eIM can not be written', undefined, cause);
    }
    for (const [key, value] of changes)
      if (value === undefined) this.values.delete(key);
      else this.values.set(key, value);
  }

  /** One at a time for each name, in the order of the calls. */
  async exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#locks.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(nothing, nothing);
    this.#locks.set(name, settled);
    try {
      return await mine;
    } finally {
      if (this.#locks.get(name) === settled) this.#locks.delete(name);
    }
  }

  /** Ends after what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#locks.values());
    this.#closed = true;
    await this.level.close();
  }
}

const nothing = (): void => undefined;

function failure(what: string, place: string | undefined, cause: unknown): StoreFailure {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new StoreFailure('eim-store', what, {
    ...(place === undefined ? {} : { place }),
    actual: inner instanceof Error ? inner.message : String(inner),
    repair: 'Name a folder that no other eIM uses, on a disk with free space.',
    cause,
  });
}
