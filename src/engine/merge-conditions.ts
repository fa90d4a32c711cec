/** Initial conditions of a test case and of one of its sequences, as one list. */
import { find, show, type YMap } from './yaml/nodes.js';

/** Kinds of which only one can hold at a time. */
const SUBJECTS: ReadonlyMap<string, string> = new Map([
  ['associated', 'association'],
  ['unknown-device', 'association'],
  ['associated-eim', 'eims'],
  ['no-associated-eim', 'eims'],
]);

/**
 * A condition of the sequence stands in place of the test case's about the same: the same role, kind and device, and
 * for a Profile the same ICCID. Procedures and personalisations are done one after the other, so they add up.
 */
export function mergeConditions(ofCase: readonly YMap[], ofSequence: readonly YMap[]): YMap[] {
  const replaced = new Set(ofSequence.map(subjectOf).filter((s) => s !== undefined));
  return [...ofCase.filter((c) => !replaced.has(subjectOf(c) ?? '')), ...ofSequence];
}

/** What a condition is about; undefined for one that never replaces another, or that is no condition. */
function subjectOf(condition: YMap): string | undefined {
  const role = condition.entries.find((e) => ['eUICC', 'eIM', 'S_eUICC'].includes(e.key));
  const kind = role?.value.kind === 'scalar' ? role.value.text : undefined;
  if (role === undefined || kind === undefined || kind === 'personalised') return undefined;
  const text = (key: string): string => {
    const node = find(condition, key);
    return node === undefined ? '' : show(node);
  };
  return [role.key, SUBJECTS.get(kind) ?? kind, text('device') || '1', text('iccid')].join(' ');
}
