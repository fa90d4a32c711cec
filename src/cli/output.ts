/** The two streams of the tool. Every line that a command prints goes through here. */

export const print = (text = ''): void => void process.stdout.write(`${text}\n`);
export const printError = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * Columns as wide as their widest cell; the last one is not padded.
 * @param limit cells wider than this go on in the next line; default: none do.
 */
export function table(rows: readonly (readonly string[])[], limit = Infinity): string {
  const lines = rows.flatMap((row) => {
    const cells = row.map((cell) => wrap(cell, limit));
    const height = Math.max(...cells.map((c) => c.length));
    return Array.from({ length: height }, (_, i) => cells.map((c) => c[i] ?? ''));
  });
  const widths: number[] = [];
  for (const line of lines) line.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Breaks at blanks; a word that is wider than the limit stays whole. */
function wrap(text: string, limit: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > limit) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
