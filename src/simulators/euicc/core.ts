/** The eUICC behind its card OS: state, keys and defects in one place, with the changes that several functions share. */
import { rmSync } from 'node:fs';
import type { Defects } from './defects.js';
import type { Ecasd } from './ecasd.js';
import { EimKeys } from './eim-keys.js';
import type { EuiccState } from './state.js';
import type { CardVersion } from './version.js';
import { loadState, saveState } from './state-file.js';

export class EuiccCore {
  state: EuiccState;
  readonly eimKeys: EimKeys;
  #saved: string;
  /** Power failed in the middle of a command: nothing is answered until the next power-up. */
  dead = false;
  /** Enabled Profile at the last reset, for the defects that forget. */
  atReset: EuiccState;

  constructor(
    initial: EuiccState,
    readonly ecasd: Ecasd,
    readonly defects: Defects,
    readonly random: (length: number) => Uint8Array,
    readonly version: CardVersion,
    private readonly file?: string,
  ) {
    this.state = (file === undefined ? undefined : loadState(file, initial.eid)) ?? initial;
    this.eimKeys = new EimKeys(defects);
    this.#saved = '';
    this.commit();
    this.atReset = this.snapshot();
  }

  snapshot(): EuiccState {
    return JSON.parse(JSON.stringify(this.state)) as EuiccState;
  }

  /** Makes what happened so far lasting. */
  commit(): void {
    const text = JSON.stringify(this.state);
    if (text === this.#saved) return;
    this.#saved = text;
    if (this.file !== undefined) saveState(this.file, text);
  }

  /** Forgets all since the last {@link commit}. */
  rollBack(): void {
    this.state = JSON.parse(this.#saved) as EuiccState;
  }

  /** The next number for a notification or a result (SGP.32 2.11.2.1). */
  nextSeqNumber(): number {
    return ++this.state.seqNumber;
  }

  /** Starts anew from other data: the `reset` action of the personaliser. */
  replaceState(state: EuiccState): void {
    if (this.file !== undefined) rmSync(this.file, { force: true });
    this.state = state;
    this.#saved = '';
    this.commit();
    this.atReset = this.snapshot();
  }
}
