/** The description of a sequence: what it is for and its steps as a table, in Markdown. */
import type { Note, SequenceResult, StepResult } from '../../src/engine/result.js';
import { redact } from '../redact.js';
import { clip, escapeMarkdown } from '../text.js';

const CELL = 300;

/** Escaped Markdown; no image, link or HTML can arise from what a card or a file said. */
export function describeSequence(result: SequenceResult): string {
  const { basis } = result;
  const parts = [
    `**${cell(result.testCaseTitle)}**: ${cell(result.title)}`,
    result.purpose === undefined ? '' : cell(result.purpose),
    `Basis: ${cell(`${basis.spec} ${basis.section}, version ${basis.version}`)}. Provenance: ${cell(result.provenance)}. Source: ${cell(`${result.place.file}:${result.place.line}`)}.`,
    result.clauses.length === 0 ? '' : `Clauses: ${cell(result.clauses.join(', '))}.`,
    result.reason === undefined ? '' : `**${result.verdict}**: ${cell(result.reason)}`,
    stepTable(result.steps),
    notes([...result.notes, ...result.steps.flatMap((s) => s.notes)]),
  ];
  return parts.filter((p) => p !== '').join('\n\n');
}

const cell = (text: string): string => escapeMarkdown(clip(redact(text), CELL));

function stepTable(steps: readonly StepResult[]): string {
  const shown = steps.filter((s) => s.phase === 'test');
  if (shown.length === 0) return '';
  const rows = shown.map((s) => {
    const cells = [
      String(s.number),
      s.direction,
      s.title,
      s.expected ?? '',
      s.requirements.join(', '),
      s.verdict,
    ];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  return [
    '| Step | Direction | Description | Expected | Requirements | Verdict |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function notes(all: readonly Note[]): string {
  const lines = new Set(
    all.map((n) => {
      const where = [
        n.path,
        n.offset === undefined ? undefined : `@0x${n.offset.toString(16)}`,
        n.interpretation,
      ];
      const place = where.filter((w) => w !== undefined).join(' ');
      return `- ${cell(`${n.code}${place === '' ? '' : ` (${place})`}: ${n.text}`)}`;
    }),
  );
  return lines.size === 0 ? '' : ['Notes:', '', ...lines].join('\n');
}
