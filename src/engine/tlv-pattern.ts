/** `!tlv 'BF51{A0{30,5F37}}'`: which tags a raw answer has, in which order; no braces: anything may be inside. */
import { tagName, topLevel } from '../protocol/asn1/index.js';
import { SuiteError } from './yaml/nodes.js';
import type { SourcePlace } from './result.js';

export interface TlvPattern {
  readonly tag: string;
  /** Undefined: not looked at. */
  readonly inside: readonly TlvPattern[] | undefined;
}

/** @throws {SuiteError} `tlv-pattern`. */
export function parseTlvPattern(text: string, place: SourcePlace): TlvPattern[] {
  const tokens = text.match(/[0-9A-Fa-f]+|[{},]|\S/g) ?? [];
  let at = 0;
  const list = (depth: number): TlvPattern[] => {
    const found: TlvPattern[] = [];
    for (;;) {
      const tag = tokens[at];
      if (tag === undefined || !/^([0-9A-Fa-f]{2})+$/.test(tag) || depth > 20)
        throw new SuiteError('tlv-pattern', `'${text}' is no TLV pattern`, place, {
          expected: "tags, braces and commas: 'BF51{A0{30,5F37}}'",
          actual: tag ?? 'the end',
        });
      at++;
      let inside: TlvPattern[] | undefined;
      if (tokens[at] === '{') {
        at++;
        if (tokens[at] === '}') inside = [];
        else inside = list(depth + 1);
        if (tokens[at] !== '}') throw new SuiteError('tlv-pattern', `'${text}' lacks a }`, place);
        at++;
      }
      found.push({ tag: tag.toUpperCase(), inside });
      if (tokens[at] !== ',') return found;
      at++;
    }
  };
  const pattern = list(0);
  if (at < tokens.length)
    throw new SuiteError('tlv-pattern', `'${text}' goes on behind its end`, place, {
      actual: tokens[at] ?? '',
    });
  return pattern;
}

/** The first difference as `BF51/A0: expected ..., got ...`; undefined when the bytes have the structure. */
export function matchTlvPattern(
  pattern: readonly TlvPattern[],
  bytes: Uint8Array,
  path = '',
): { path: string; expected: string; actual: string } | undefined {
  const parts = topLevel(bytes);
  const tags = parts.map((p) => tagName(p.tag));
  const covered = parts.reduce((n, p) => n + p.raw.length, 0);
  const wanted = pattern.map((p) => p.tag);
  if (tags.join() !== wanted.join() || covered !== bytes.length)
    return {
      path: path || '(the answer)',
      expected: wanted.join(', '),
      actual: `${tags.join(', ') || 'no TLV'}${covered === bytes.length ? '' : ', then bytes that are no TLV'}`,
    };
  for (const [i, p] of pattern.entries()) {
    if (p.inside === undefined) continue;
    const below = matchTlvPattern(
      p.inside,
      parts[i]?.content ?? new Uint8Array(0),
      path === '' ? p.tag : `${path}/${p.tag}`,
    );
    if (below !== undefined) return below;
  }
  return undefined;
}

export const patternText = (pattern: readonly TlvPattern[]): string =>
  pattern.map((p) => (p.inside === undefined ? p.tag : `${p.tag}{${patternText(p.inside)}}`)).join(',');
