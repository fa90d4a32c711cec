/** Which defects a sequence can notice at all: those that the IUT asked for while the sequence ran without any. */
import type { DefectObserver } from '../../simulators/defect-set.js';

/** Can be sent between threads. */
export interface Questions {
  /** Names of which every question was told. */
  readonly watched: readonly string[];
  readonly asked: readonly string[];
}

export class QuestionLog implements DefectObserver {
  readonly #watched = new Set<string>();
  readonly #asked = new Set<string>();

  watches(names: readonly string[]): void {
    for (const name of names) this.#watched.add(name);
  }

  asked(name: string): void {
    this.#asked.add(name);
  }

  get questions(): Questions {
    return { watched: [...this.#watched], asked: [...this.#asked] };
  }
}

/**
 * Whether the sequence can go otherwise with this defect. Up to its first question after it, the IUT with the defect
 * does what the IUT without it does; so without a question all of the sequence is the same. A defect that nobody
 * watched (of an IUT in another process, say) matters to every sequence.
 */
export const matters = ({ watched, asked }: Questions, defect: string): boolean =>
  asked.includes(defect) || !watched.includes(defect);
