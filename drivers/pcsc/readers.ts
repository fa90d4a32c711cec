/** Which readers there are, and which one is meant. */
import { TransportError } from '../contract.js';
import type { BindingName, ReaderInfo } from './binding.js';
import { PcscHost } from './host-client.js';

export interface ListReadersOptions {
  readonly binding?: BindingName | 'auto';
  /** For the whole call, default 10000 ms. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * All readers that the PC/SC service knows, with their cards.
 * @throws {TransportError} `pcsc-unavailable` when the service does not run or no binding loads.
 */
export async function listReaders(options: ListReadersOptions = {}): Promise<ReaderInfo[]> {
  const { binding = 'auto', deadlineMs = 10_000, signal } = options;
  const host = await PcscHost.start(binding, { deadlineMs, signal });
  try {
    return await host.call('listReaders', [], { deadlineMs, signal, place: 'PC/SC service' });
  } finally {
    host.kill();
  }
}

/**
 * The readers that a name or a glob (`*`, `?`, letter case ignored) means: an exact name only itself, and all without one.
 * @throws {TransportError} `reader-not-found` with the readers that are there.
 */
export function matchReaders(readers: readonly ReaderInfo[], wanted: string | undefined): ReaderInfo[] {
  const exact = readers.filter(({ name }) => name === wanted);
  if (exact.length > 0) return exact;
  const pattern = wanted === undefined ? /^/ : globPattern(wanted);
  const matching = readers.filter(({ name }) => pattern.test(name));
  if (matching.length > 0) return matching;
  throw new TransportError('reader-not-found', 'There is no such reader', {
    place: wanted ?? 'PC/SC service',
    actual: readers.length === 0 ? 'no reader at all' : `the readers ${quoted(readers)}`,
    repair: readers.length === 0 ? 'Plug a reader in.' : `Did you mean "${nearest(readers, wanted ?? '')}"?`,
  });
}

/**
 * The one reader to use among those that match: the only one, or the only one with a card.
 * @throws {TransportError} `card-removed` when no matching reader holds a card, `reader-not-found` when several do.
 */
export function chooseReader(readers: readonly ReaderInfo[], wanted: string | undefined): ReaderInfo {
  const matching = matchReaders(readers, wanted);
  const present = matching.filter((reader) => reader.present);
  const [first, ...others] = present;
  if (first === undefined) {
    throw new TransportError('card-removed', 'No card is in the reader', {
      place: matching.map(({ name }) => name).join(', '),
      repair: 'Insert the card.',
    });
  }
  if (others.length > 0) {
    throw new TransportError('reader-not-found', 'Several readers hold a card', {
      ...(wanted === undefined ? {} : { place: wanted }),
      actual: quoted(present),
      repair: 'Name the EID of the card, or one reader.',
    });
  }
  return first;
}

function globPattern(glob: string): RegExp {
  const source = glob.replace(/[\\^$.*+?()[\]{}|]/g, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\${character}`,
  );
  return new RegExp(`^${source}$`, 'is');
}

function quoted(readers: readonly ReaderInfo[]): string {
  return readers.map(({ name }) => `"${name}"`).join(', ');
}

function nearest(readers: readonly ReaderInfo[], wanted: string): string {
  const ranked = readers.map(({ name }) => ({
    name,
    distance: distance(name.toLowerCase(), wanted.toLowerCase()),
  }));
  ranked.sort((a, b) => a.distance - b.distance);
  return ranked[0]?.name ?? '';
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
