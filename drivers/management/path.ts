/** Where in an answer something is: `body.results[0].code`, `status`, `headers.location`, `body.iccid|iccid`. */
import { NotationError, answerError } from './errors.js';
import { FILTERS, type Value } from './filters.js';
import { parseFilters } from './template.js';

export interface PathExpression {
  readonly steps: readonly (string | number)[];
  readonly filters: readonly string[];
  readonly written: string;
}

/**
 * `name(.name | [number] | ["any name"])*` and filters behind `|`. `@item` is an element itself, `@key` and `@value` are
 * name and value of its only member.
 * @throws {NotationError} when it is none.
 */
export function parsePath(text: string): PathExpression {
  const [path = '', ...filters] = text.split('|');
  const steps: (string | number)[] = [];
  const token = /\s*(?:(\.)?([A-Za-z_$@][A-Za-z0-9_$-]*)|\[(\d{1,6})\]|\["([^"\]]+)"\])\s*/y;
  const source = path.trim();
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    const dotted = match?.[1] !== undefined;
    if (match === null || (match[2] !== undefined && dotted === (at === 0)))
      throw new NotationError(`'${text}' is no path into an answer`, {
        expected: 'like body.results[0].code',
        actual: source.slice(at) || 'nothing',
      });
    steps.push(match[3] !== undefined ? Number(match[3]) : (match[2] ?? match[4] ?? ''));
  }
  if (steps.length === 0)
    throw new NotationError(`'${text}' is no path into an answer`, { expected: 'like body.results[0].code' });
  return { steps, filters: parseFilters(filters.join('|')), written: text };
}

const isMap = (value: Value | undefined): value is { readonly [name: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function step(value: Value | undefined, name: string | number): Value | undefined {
  if (typeof name === 'number') return Array.isArray(value) ? (value as readonly Value[])[name] : undefined;
  if (name === '@item') return value;
  if (!isMap(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name];
  const [only] = Object.entries(value);
  return name === '@key' ? only?.[0] : name === '@value' ? only?.[1] : undefined;
}

/**
 * What the path leads to; undefined where there is nothing, or null.
 * @throws {Sgp33Error} `management-answer` when a filter does not fit.
 */
export function follow(path: PathExpression, from: Value): Value | undefined {
  let value: Value | undefined = from;
  for (const name of path.steps) value = step(value, name);
  if (value === undefined || value === null) return undefined;
  return filtered(value, path.filters, (expected, actual) =>
    answerError('the answer has another form there', { place: path.written, expected, actual }),
  );
}

/** The value through the filters. */
export function filtered(
  value: Value,
  filters: readonly string[],
  error: (expected: string, actual: string) => Error,
): Value {
  let now = value;
  for (const name of filters)
    try {
      now = (FILTERS[name] as (v: Value) => Value)(now);
    } catch (e) {
      const shown = typeof now === 'object' ? JSON.stringify(now) : String(now);
      throw error(e instanceof Error ? e.message : name, shown.slice(0, 200));
    }
  return now;
}
