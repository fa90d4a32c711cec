/** A comparison without a message: a variable against a matcher. */
import { utf8, type TextValue } from '../protocol/asn1/index.js';
import { EimBook } from './eim-book.js';
import { match, type Mismatch } from './match.js';
import { textOf, type Scope } from './scope.js';
import type { CompareStep } from './suite.js';
import { show } from './yaml/nodes.js';

/** A comparison is about texts. */
const NO_KEYS = { eims: new EimBook(new Map()), euiccCertificate: () => undefined };

/** @returns `binds`: the variables afterwards, where it matches. @throws {SuiteError} */
export function compared(
  step: CompareStep,
  scope: Scope,
  variables: ReadonlyMap<string, TextValue>,
): { value: string; mismatches: Mismatch[]; binds: ReadonlyMap<string, TextValue> } {
  const value = textOf(step.left, scope, 'compare');
  const binds = new Map(variables);
  const mismatches = match(
    { node: step.matcher, scope },
    { type: utf8(), value, node: undefined, path: show(step.left) },
    { keys: NO_KEYS, binds },
  );
  return { value, mismatches, binds: mismatches.length === 0 ? binds : new Map() };
}
