/** A map with a greatest size and a lifetime of its entries, for what a peer can make a server remember. */
export class ExpiringMap<V> {
  readonly #entries = new Map<string | number, { readonly value: V; readonly ends: number }>();
  readonly #limit: number;
  readonly #lifetimeMs: number;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** @param limit when there are more, the oldest goes. */
  constructor(limit: number, lifetimeMs: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#lifetimeMs = lifetimeMs;
    this.#now = now;
  }

  get size(): number {
    this.#purge();
    return this.#entries.size;
  }

  get(key: string | number): V | undefined {
    this.#purge();
    return this.#entries.get(key)?.value;
  }

  /** A new lifetime begins, also for a key that was there. */
  set(key: string | number, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, ends: this.#now() + this.#lifetimeMs });
    this.#purge();
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#entries.delete(oldest);
    }
    this.#arm();
  }

  delete(key: string | number): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Entries stand in the order of their ends, because each `set` puts its entry last. */
  #purge(): void {
    const now = this.#now();
    for (const [key, { ends }] of this.#entries) {
      if (ends > now) break;
      this.#entries.delete(key);
    }
  }

  /** A peer that says nothing more must not keep its entries for ever; the timer keeps no process alive. */
  #arm(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#purge();
      if (this.#entries.size > 0) this.#arm();
    }, this.#lifetimeMs);
    this.#timer.unref();
  }
}
