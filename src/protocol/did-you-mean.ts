/** The known name nearest to a wrong one, for "did you mean". Undefined when nothing is near. */
export function didYouMean(wrong: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const name of known) {
    if (Math.abs(name.length - wrong.length) >= least) continue;
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

/** A sentence for {@link Sgp33Error.repair}; undefined when nothing is near. */
export const meant = (wrong: string, known: Iterable<string>): string | undefined => {
  const near = didYouMean(wrong, known);
  return near === undefined ? undefined : `Did you mean ${near}?`;
};

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(
        Math.min(
          (previous[j] as number) + 1,
          (row[j - 1] as number) + 1,
          (previous[j - 1] as number) + change,
        ),
      );
    }
    previous = row;
  }
  return previous[b.length] as number;
}
