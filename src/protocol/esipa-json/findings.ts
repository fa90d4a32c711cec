/** What a JSON message says that the binding does not want (SGP.32 6.4). */

export interface JsonFinding {
  readonly severity: 'violation' | 'note';
  /** Stable: `json-member-missing`, `json-base64`, ... */
  readonly code: string;
  /** `json.header.functionExecutionStatus.status`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** A JSON message as plain texts: numbers decimal, flags `true` or `false`, strings as they came. */
export type JsonText = string | readonly JsonText[] | JsonMembers;
export interface JsonMembers {
  readonly [name: string]: JsonText;
}

const MAX_SHOWN = 80;
const MAX_DEPTH = 6;
const MAX_MEMBERS = 256;

/** A value in an error text: short, on one line, without control characters. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string')
    return JSON.stringify(value.slice(0, MAX_SHOWN)) + (value.length > MAX_SHOWN ? '...' : '');
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return 'an object';
  return JSON.stringify(value);
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The own member of that name; what `JSON.parse` made has no other that counts. */
export const memberOf = (object: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** All members as plain texts, six levels deep and 256 members wide at most. */
export function jsonMembers(body: unknown): JsonMembers {
  const texts = textOf(body, 0);
  return typeof texts === 'string' || isList(texts) ? {} : texts;
}

const isList = (value: JsonText): value is readonly JsonText[] => Array.isArray(value);

function textOf(value: unknown, depth: number): JsonText {
  if (typeof value === 'string') return value;
  if (depth >= MAX_DEPTH && typeof value === 'object' && value !== null) return '...';
  if (Array.isArray(value)) return value.slice(0, MAX_MEMBERS).map((item) => textOf(item, depth + 1));
  if (!isObject(value)) return value === undefined ? '' : JSON.stringify(value);
  const entries = Object.entries(value).slice(0, MAX_MEMBERS);
  return Object.fromEntries(entries.map(([name, member]) => [name, textOf(member, depth + 1)]));
}
