/** Keys below `driver:` of a target, each checked where it is read. */
import { meant } from '../../protocol/did-you-mean.js';
import { asList, asText, find, onlyKeys, SuiteError, type YMap } from '../../engine/yaml/nodes.js';

export const textOf = (m: YMap, key: string): string | undefined => {
  const node = find(m, key);
  return node === undefined ? undefined : asText(node, key);
};

/** One of a few words. @throws {SuiteError} `yaml-shape` with the nearest. */
export function wordOf<T extends string>(m: YMap, key: string, words: readonly T[]): T | undefined {
  const node = find(m, key);
  if (node === undefined) return undefined;
  const text = asText(node, key);
  const word = words.find((w) => w === text);
  if (word !== undefined) return word;
  const repair = meant(text, words);
  throw new SuiteError('driver-setting', `'${text}' is no ${key}`, node.place, {
    expected: words.join(', '),
    ...(repair === undefined ? {} : { repair }),
  });
}

/** A whole number within bounds. @throws {SuiteError} `driver-setting`. */
export function numberOf(m: YMap, key: string, least: number, most: number): number | undefined {
  const node = find(m, key);
  if (node === undefined) return undefined;
  const text = asText(node, key);
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new SuiteError('driver-setting', `'${text}' is no ${key}`, node.place, {
    expected: `a whole number from ${least} to ${most}`,
  });
}

/** Bytes in hexadecimal. @throws {SuiteError} `driver-setting`. */
export function bytesOf(m: YMap, key: string): Uint8Array | undefined {
  const node = find(m, key);
  if (node === undefined) return undefined;
  const text = asText(node, key);
  if (/^([0-9A-Fa-f]{2})+$/.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'));
  throw new SuiteError('driver-setting', `'${text}' is no ${key}`, node.place, {
    expected: 'bytes in hexadecimal',
  });
}

/** Text of a form. @throws {SuiteError} `driver-setting`. */
export function formOf(m: YMap, key: string, form: RegExp, expected: string): string | undefined {
  const text = textOf(m, key);
  if (text === undefined || form.test(text)) return text;
  throw new SuiteError('driver-setting', `'${text}' is no ${key}`, find(m, key)?.place ?? m.place, {
    expected,
  });
}

/** Exactly one of the keys. @throws {SuiteError} `unknown-key`, `driver-setting`. */
export function oneKeyOf(m: YMap, keys: readonly string[], what: string): string {
  onlyKeys(m, keys, what);
  const [first, ...others] = m.entries;
  if (first !== undefined && others.length === 0) return first.key;
  throw new SuiteError('driver-setting', `${what} needs one way`, m.place, {
    expected: `one of ${keys.join(', ')}`,
  });
}

/** @throws {SuiteError} `driver-setting`. */
export function flagOf(m: YMap, key: string): boolean | undefined {
  const word = wordOf(m, key, ['true', 'false']);
  return word === undefined ? undefined : word === 'true';
}

/** A URL with a host and one of the schemes (`https:`). @throws {SuiteError} `driver-setting`. */
export function urlOf(m: YMap, key: string, schemes: readonly string[]): string | undefined {
  const node = find(m, key);
  if (node === undefined) return undefined;
  const text = asText(node, key);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && schemes.includes(url.protocol) && url.host !== '' && !/\s/.test(text)) return text;
  throw new SuiteError('driver-setting', `'${text}' is no ${key}`, node.place, {
    expected: schemes.map((s) => `${s}//HOST:PORT`).join(' or '),
  });
}

/** Texts of a list, each of a form. @throws {SuiteError} `driver-setting`. */
export function textsOf(m: YMap, key: string, form = /\S/, expected = 'texts'): string[] | undefined {
  const node = find(m, key);
  if (node === undefined) return undefined;
  return asList(node, key).items.map((item) => {
    const text = asText(item, key);
    if (form.test(text)) return text;
    throw new SuiteError('driver-setting', `'${text}' is none of ${key}`, item.place, { expected });
  });
}
