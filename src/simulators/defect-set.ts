/** The seeded defects that a simulator has, and who is told when it asks for one. */
import { meant } from '../protocol/did-you-mean.js';
import { Sgp33Error } from '../protocol/errors.js';

export interface SeededDefect<Name extends string> {
  readonly name: Name;
  /** What goes wrong, one line. */
  readonly what: string;
  /** The clause that it breaks: `SGP.32 3.3.1`. */
  readonly clause: string;
}

/** @param list name to `CLAUSE: what goes wrong`. */
export const seededDefects = <Name extends string>(
  list: Readonly<Record<Name, string>>,
): readonly SeededDefect<Name>[] =>
  Object.entries<string>(list).map(([name, text]) => {
    const colon = text.indexOf(': ');
    return { name: name as Name, what: text.slice(colon + 2), clause: text.slice(0, colon) };
  });

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

/**
 * The same for names as given by a user, each of which must be in the list.
 * @throws {Sgp33Error} `unknown-defect`, with the nearest name as the repair.
 */
export function chosenDefects<Name extends string>(
  list: readonly SeededDefect<Name>[],
  chosen: readonly string[],
  observer?: DefectObserver,
): DefectSet<Name> {
  const all = list.map(({ name }) => name);
  const known = new Set<string>(all);
  for (const name of chosen) {
    if (known.has(name)) continue;
    throw new Sgp33Error('unknown-defect', 'there is no seeded defect of that name', {
      actual: name,
      repair: meant(name, known) ?? 'See the list of defects.',
    });
  }
  return defectSet(all, chosen, observer);
}
