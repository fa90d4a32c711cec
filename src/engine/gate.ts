/** Lets many in at once, or one alone: a sequence that restarts the eIM runs by itself. */
export class Gate {
  #inside = 0;
  #alone = false;
  readonly #waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  /** @returns the way out. In the order of coming: nobody waits for ever. */
  async enter(alone: boolean): Promise<() => void> {
    if (this.#waiting.length > 0 || !this.#isFree(alone))
      await new Promise<void>((enter) => this.#waiting.push({ alone, enter }));
    else this.#take(alone);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#inside -= 1;
      if (this.#inside === 0) this.#alone = false;
      this.#next();
    };
  }

  #isFree(alone: boolean): boolean {
    return alone ? this.#inside === 0 : !this.#alone;
  }

  #take(alone: boolean): void {
    this.#inside += 1;
    this.#alone = alone;
  }

  #next(): void {
    for (
      let [first] = this.#waiting;
      first !== undefined && this.#isFree(first.alone);
      [first] = this.#waiting
    ) {
      this.#waiting.shift();
      this.#take(first.alone);
      first.enter();
    }
  }
}
