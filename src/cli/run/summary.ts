/** What a run says at its end. */
import type { Suite } from '../../engine/suite.js';
import type { SequenceResult } from '../../engine/result.js';

const listed = (results: readonly SequenceResult[], verdict: SequenceResult['verdict']): string[] =>
  results.filter((r) => r.verdict === verdict).map((r) => `  ${r.id}  ${r.reason ?? ''}`);

/** Sequences that did not run with their reasons, and the interpretations that verdicts relied upon. */
export function summaryLines(results: readonly SequenceResult[], suite: Suite): string[] {
  const notApplicable = listed(results, 'NOT_APPLICABLE');
  const notRun = listed(results, 'NOT_RUN');
  const relied = new Map<string, number>();
  for (const r of results) for (const id of r.interpretations) relied.set(id, (relied.get(id) ?? 0) + 1);
  const interpretations = [...relied].map(([id, count]) => {
    const known = suite.interpretations.get(id);
    const reading = (known?.reading ?? '').replace(/\s+/g, ' ');
    return `  ${id} (${known?.clause ?? '?'}, ${known?.policy ?? '?'}, ${count} sequences): ${reading}`;
  });
  return [
    ...(notApplicable.length === 0 ? [] : ['', 'Not applicable:', ...notApplicable]),
    ...(notRun.length === 0 ? [] : ['', 'Not run:', ...notRun]),
    ...(interpretations.length === 0
      ? []
      : ['', 'Interpretations that verdicts relied upon:', ...interpretations]),
  ];
}
