/**
 * Writes into every sequence the seeded defects on which it FAILs, with their causes, as `sgp33 teeth --json` saw them:
 *   npm run --silent teeth -- --all --json > matrix.json
 *   npx tsx scripts/align-kills.ts matrix.json
 * What it writes is to be read before it is committed: a defect that makes a sequence fail for a reason that has nothing
 * to do with it is a mistake of the sequence or of the defect.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument, type Pair, type YAMLMap } from 'yaml';

interface Seen {
  readonly verdict: string;
  readonly cause?: string;
}
/** Defect to sequence to what happened; what passed is left out. */
interface Matrix {
  readonly defects: Readonly<Record<string, Readonly<Record<string, Seen>>>>;
}

const WIDTH = 110;

/** The text of a `kills` key: on one line where it fits. */
function killsText(failing: ReadonlyMap<string, string>, indent: string): string {
  const entries = [...failing].map(([defect, cause]) => `${defect}: ${cause}`);
  const line = `kills: { ${entries.join(', ')} }`;
  return indent.length + line.length <= WIDTH
    ? line
    : `kills:\n${entries.map((e) => `${indent}  ${e}`).join('\n')}`;
}

/** Those that the sequence names already keep their place; the others follow by name. */
function inOrder(found: ReadonlyMap<string, string>, named: readonly string[]): Map<string, string> {
  const kept = named.filter((d) => found.has(d));
  const others = [...found.keys()].filter((d) => !kept.includes(d)).sort();
  return new Map([...kept, ...others].map((d) => [d, found.get(d) ?? '']));
}

function align(file: string, failing: ReadonlyMap<string, ReadonlyMap<string, string>>): string[] {
  const text = readFileSync(file, 'utf8');
  const document = parseDocument(text, { schema: 'failsafe' });
  const sequences = document.get('sequences');
  if (!isSeq(sequences)) return [];
  const silent: string[] = [];
  const edits: { from: number; to: number; text: string }[] = [];
  for (const item of sequences.items) {
    const sequence = item as YAMLMap;
    const id = `${String(document.get('id'))}#${String(sequence.get('nr'))}`;
    const found = failing.get(id);
    if (found === undefined) {
      silent.push(id);
      continue;
    }
    const pair = sequence.items.find((p) => isScalar(p.key) && p.key.value === 'kills') as Pair;
    const key = pair.key as { range?: [number, number, number] };
    const value = pair.value as { range?: [number, number, number] };
    const names = isMap(pair.value)
      ? pair.value.items.map((p) => String(p.key))
      : isSeq(pair.value)
        ? pair.value.items.map(String)
        : [];
    const from = key.range?.[0] ?? 0;
    const indent = ' '.repeat(from - (text.lastIndexOf('\n', from - 1) + 1));
    // A block collection ends behind the line end that follows it.
    const to = text.slice(0, value.range?.[1] ?? 0).trimEnd().length;
    edits.push({ from, to, text: killsText(inOrder(found, names), indent) });
  }
  let aligned = text;
  for (const edit of edits.sort((a, b) => b.from - a.from))
    aligned = aligned.slice(0, edit.from) + edit.text + aligned.slice(edit.to);
  if (aligned !== text) writeFileSync(file, aligned);
  return silent;
}

const yamlFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.yaml'))
    .map((f) => join(folder, f));

const [matrixFile, ...folders] = process.argv.slice(2);
if (matrixFile === undefined) throw new Error('usage: align-kills.ts MATRIX.json [FOLDER...]');
const { defects } = JSON.parse(readFileSync(matrixFile, 'utf8')) as Matrix;
const failing = new Map<string, Map<string, string>>();
for (const [defect, outcomes] of Object.entries(defects))
  for (const [id, { verdict, cause }] of Object.entries(outcomes))
    if (verdict === 'FAIL' && defect !== '(no defect)')
      failing.set(id, (failing.get(id) ?? new Map<string, string>()).set(defect, cause ?? ''));
for (const folder of folders.length > 0 ? folders : ['suites/sgp33-1-euicc', 'suites/sgp33-3-eim'])
  for (const file of yamlFiles(folder))
    for (const id of align(file, failing)) process.stdout.write(`fails on no defect: ${id}\n`);
