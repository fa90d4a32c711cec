/** Matchers of lists, and of the bits of a BIT STRING. */
import { bitNames, type BitString } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { differs, item, short, type Actual, type Mismatch } from './match.js';
import { asText, show, type YNode } from './yaml/nodes.js';

/** Matches a node against a value (the list itself when none is given). */
export type Sub = (n: YNode, a?: Actual) => Mismatch[];

/** @throws {Sgp33Error} `matcher` for a value that is no list. */
export function listLength(actual: Actual): number {
  if (!Array.isArray(actual.value))
    throw new Sgp33Error('matcher', 'a list matcher on something that is no list', { place: actual.path });
  return actual.value.length;
}

const indices = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Every element matches. An empty list has none that does not. */
export function each(expected: YNode, actual: Actual, sub: Sub): Mismatch[] {
  return indices(listLength(actual)).flatMap((i) => sub(expected, item(actual, i)));
}

/** The last element matches; the ones before it do not matter. */
export function last(expected: YNode, actual: Actual, sub: Sub): Mismatch[] {
  const length = listLength(actual);
  return length === 0
    ? [differs('missing', actual, show(expected), 'an empty list')]
    : sub(expected, item(actual, length - 1));
}

/** Each expectation holds for some element. `trial` keeps binds only where an element matches. */
export function contains(expected: readonly YNode[], actual: Actual, trial: Sub): Mismatch[] {
  if (actual.type.kind === 'bits') {
    const set = bitNames(actual.value as BitString, actual.type.named);
    return expected
      .filter((e) => !set.includes(asText(e, 'a bit')))
      .map((e) => differs('missing', actual, `bit ${show(e)}`, `{${set.join(', ')}}`));
  }
  const length = listLength(actual);
  return expected
    .filter((e) => !indices(length).some((i) => trial(e, item(actual, i)).length === 0))
    .map((e) => closest(e, length, actual, trial));
}

/** The nearest element's own difference says more than "not contained". */
function closest(e: YNode, length: number, actual: Actual, trial: Sub): Mismatch {
  const tries = indices(length)
    .map((i) => trial(e, item(actual, i)))
    .sort((a, b) => a.length - b.length);
  const wanted = e.kind === 'map' ? e.entries.length : 1;
  const near = tries[0];
  if (near?.length === 1 && wanted > 1 && near[0] !== undefined && near[0].cause !== 'missing')
    return near[0];
  return differs('missing', actual, `an element ${show(e)}`, short(actual));
}

/**
 * The same elements in any order. An expectation that fits several elements (`!any`) gives way to one that fits one
 * only (Kuhn's augmenting paths), so the order in which they are written does not matter.
 */
export function unordered(expected: readonly YNode[], actual: Actual, trial: Sub): Mismatch[] {
  const length = listLength(actual);
  const takenBy = new Map<number, number>();
  const place = (e: number, tried: Set<number>): boolean => {
    for (const i of indices(length)) {
      if (tried.has(i) || trial(expected[e] as YNode, item(actual, i)).length > 0) continue;
      tried.add(i);
      const holder = takenBy.get(i);
      if (holder === undefined || place(holder, tried)) {
        takenBy.set(i, e);
        return true;
      }
    }
    return false;
  };
  const found: Mismatch[] = [];
  expected.forEach((e, at) => {
    if (!place(at, new Set())) found.push(differs('missing', actual, `an element ${show(e)}`, short(actual)));
  });
  // What was bound on the way belongs to the elements that were settled on in the end.
  if (found.length === 0) for (const [i, e] of takenBy) trial(expected[e] as YNode, item(actual, i));
  if (length > expected.length)
    found.push(
      differs('unexpected', actual, `${expected.length} elements`, `${length} elements: ${short(actual)}`),
    );
  return found;
}
