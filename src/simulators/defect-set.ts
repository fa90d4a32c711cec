/** The seeded defects that a simulator has, and who is told when it asks for one. */

/**
 * Is told what a simulator asks. On a simulator without defects that is all that could ever be different: one whose
 * answer nobody asked for in a dialogue can not have changed that dialogue.
 */
export interface DefectObserver {
  /** From now on every question after one of these names is told. A simulator elsewhere tells nothing. */
  watches(names: readonly string[]): void;
  asked(name: string): void;
}

export interface DefectSet<Name extends string> {
  has(name: Name): boolean;
}

/**
 * @param names all of the list.
 * @param chosen those that the simulator has; names of other lists do not matter.
 */
export function defectSet<Name extends string>(
  names: readonly Name[],
  chosen: readonly string[],
  observer?: DefectObserver,
): DefectSet<Name> {
  const own = new Set(chosen);
  if (observer === undefined) return { has: (name) => own.has(name) };
  observer.watches(names);
  return {
    has(name) {
      observer.asked(name);
      return own.has(name);
    },
  };
}
