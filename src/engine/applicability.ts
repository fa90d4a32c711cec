/**
 * `M`, `N/A`, options and conditions with `not`, `and`, `or` and parentheses, and
 * `IF ... THEN M ELSE N/A`. A real grammar: `not` binds tighter than `and`, `and` tighter than `or`, and what is
 * left over is an error.
 */
import { meant } from '../protocol/did-you-mean.js';
import { SuiteError } from './yaml/nodes.js';
import type { SourcePlace } from './result.js';

export type Condition =
  | { readonly kind: 'mandatory' }
  | { readonly kind: 'never' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | {
      readonly kind: 'if';
      readonly test: Condition;
      readonly then: Condition;
      readonly otherwise: Condition;
    };

/** Option and condition names: `O_E_BRP`, `P_E_FALLBACK`, `C3000`. */
export interface OptionCatalogue {
  /** Option name to its meaning. */
  readonly options: ReadonlyMap<string, string>;
  /** Condition name to what it stands for. */
  readonly conditions: ReadonlyMap<string, Condition>;
}

/** Keeps the recursive descent, and everything that walks its result, off the end of the stack. */
const MAX_TOKENS = 500;

/** @throws {SuiteError} `condition-syntax`, `unknown-option`. */
export function parseCondition(text: string, place: SourcePlace, catalogue?: OptionCatalogue): Condition {
  const tokens = text.match(/[()]|[A-Za-z0-9_+.'-]+(?:\/A)?|\S/g) ?? [];
  if (tokens.length > MAX_TOKENS)
    throw new SuiteError('condition-syntax', 'the condition is too long', place, {
      expected: `at most ${MAX_TOKENS} words`,
    });
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const isWord = (word: string): boolean => peek()?.toLowerCase() === word;
  const fail = (expected: string): SuiteError =>
    new SuiteError('condition-syntax', `'${text}' is no condition`, place, {
      expected,
      actual: peek() ?? 'the end',
    });

  const either = (): Condition => {
    let left = both();
    while (isWord('or')) {
      at++;
      left = { kind: 'or', left, right: both() };
    }
    return left;
  };
  const both = (): Condition => {
    let left = unary();
    while (isWord('and')) {
      at++;
      left = { kind: 'and', left, right: unary() };
    }
    return left;
  };
  const unary = (): Condition => {
    if (isWord('not')) {
      at++;
      return { kind: 'not', of: unary() };
    }
    if (isWord('if')) {
      at++;
      const test = either();
      if (!isWord('then')) throw fail('THEN');
      at++;
      const then = either();
      let otherwise: Condition = { kind: 'never' };
      if (isWord('else')) {
        at++;
        otherwise = either();
      }
      return { kind: 'if', test, then, otherwise };
    }
    const token = peek();
    if (token === '(') {
      at++;
      const inner = either();
      if (peek() !== ')') throw fail(')');
      at++;
      return inner;
    }
    if (token === undefined || !/^[A-Za-z]/.test(token) || /^(and|or|then|else)$/i.test(token))
      throw fail('M, N/A, an option, not, ( or IF');
    at++;
    if (token === 'M') return { kind: 'mandatory' };
    if (token === 'N/A') return { kind: 'never' };
    if (catalogue !== undefined && !catalogue.options.has(token) && !catalogue.conditions.has(token)) {
      const repair = meant(token, [...catalogue.options.keys(), ...catalogue.conditions.keys()]);
      throw new SuiteError('unknown-option', `unknown option or condition '${token}'`, place, {
        repair: repair ?? 'Options are declared in suites/options.',
      });
    }
    return { kind: 'name', name: token };
  };
  const condition = either();
  if (at < tokens.length) throw fail('the end');
  return condition;
}

/** Every option that a condition depends on, conditions unfolded. */
export function optionsOf(c: Condition, catalogue: OptionCatalogue, found = new Set<string>()): Set<string> {
  switch (c.kind) {
    case 'name': {
      const inner = catalogue.conditions.get(c.name);
      if (inner !== undefined) optionsOf(inner, catalogue, found);
      else found.add(c.name);
      break;
    }
    case 'not':
      optionsOf(c.of, catalogue, found);
      break;
    case 'and':
    case 'or':
      optionsOf(c.left, catalogue, found);
      optionsOf(c.right, catalogue, found);
      break;
    case 'if':
      for (const part of [c.test, c.then, c.otherwise]) optionsOf(part, catalogue, found);
  }
  return found;
}

/** True when it applies. `declared` holds every option that the target declares. */
export function holds(
  c: Condition,
  catalogue: OptionCatalogue,
  declared: ReadonlyMap<string, boolean>,
): boolean {
  switch (c.kind) {
    case 'mandatory':
      return true;
    case 'never':
      return false;
    case 'name': {
      const inner = catalogue.conditions.get(c.name);
      return inner === undefined ? declared.get(c.name) === true : holds(inner, catalogue, declared);
    }
    case 'not':
      return !holds(c.of, catalogue, declared);
    case 'and':
      return holds(c.left, catalogue, declared) && holds(c.right, catalogue, declared);
    case 'or':
      return holds(c.left, catalogue, declared) || holds(c.right, catalogue, declared);
    case 'if':
      return holds(holds(c.test, catalogue, declared) ? c.then : c.otherwise, catalogue, declared);
  }
}

/** In the notation of the suites; parsed again, it is the same condition. */
export function conditionText(c: Condition): string {
  // An ELSE takes all that follows.
  const inner = (part: Condition): string =>
    part.kind === 'if' ? `(${conditionText(part)})` : conditionText(part);
  switch (c.kind) {
    case 'mandatory':
      return 'M';
    case 'never':
      return 'N/A';
    case 'name':
      return c.name;
    case 'not':
      return `not ${inner(c.of)}`;
    case 'and':
    case 'or':
      return `(${inner(c.left)} ${c.kind} ${inner(c.right)})`;
    case 'if':
      return `IF ${inner(c.test)} THEN ${inner(c.then)} ELSE ${inner(c.otherwise)}`;
  }
}
