/** The little Markdown that the generated pages need. */

/** One cell of a table: no line ends, and a `|` that is not the end of the cell. */
export const cell = (text: string): string => text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');

/** A table with its header row. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `TC_x#01, TC_x#02, TC_y#01` as `TC_x#01, #02; TC_y#01`. */
export function sequenceList(ids: readonly string[]): string {
  const byCase = new Map<string, string[]>();
  for (const id of [...new Set(ids)].sort()) {
    const [testCase = id, nr = ''] = id.split('#');
    byCase.set(testCase, [...(byCase.get(testCase) ?? []), `#${nr}`]);
  }
  return [...byCase].map(([testCase, numbers]) => `${testCase}${numbers.join(', ')}`).join('; ');
}

/** `SGP.22 5.7.1` before `SGP.32 2.11`, and 5.9.4 before 5.9.14. */
export const byClause = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
