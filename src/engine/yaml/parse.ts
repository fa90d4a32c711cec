/**
 * YAML text to nodes. Failsafe schema: every scalar is text. Every warning of the parser, an alias, a duplicate key
 * and a tag that nobody registered are errors, each at file:line:column.
 */
import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  YAMLParseError,
  type CST,
  type Document,
  type Node as YamlNode,
} from 'yaml';
import { meant } from '../../protocol/did-you-mean.js';
import type { SourcePlace } from '../result.js';
import { SuiteError, type YEntry, type YNode } from './nodes.js';

/** Every tag of the notation. */
export const TAGS: ReadonlySet<string> = new Set([
  ...[
    'any',
    'absent',
    'bind',
    'bindDer',
    'bindOptional',
    'bytes',
    'oneOf',
    'all',
    'not',
    'gt',
    'ge',
    'lt',
    'contains',
    'unordered',
    'size',
    'each',
    'last',
  ],
  ...['exact', 'regex', 'startsWith', 'signedBy', 'certificate', 'tlv'],
  ...['next', 'counter', 'tokenOf', 'keyOf', 'sign', 'repeat', 'number', 'concat', 'required'],
  ...['iccid', 'eid', 'key', 'publicKey', 'skiOf'],
]);

const MAX_DEPTH = 60;
/** `!!str` and the like say what is so anyway. */
const PLAIN_TAGS: ReadonlySet<string> = new Set(['str', 'seq', 'map'].map((t) => `tag:yaml.org,2002:${t}`));

/** @throws {SuiteError} `yaml-syntax`, `yaml-tag`, `yaml-alias`, `yaml-shape`; the first in the file. */
export function parseYaml(text: string, file: string): YNode {
  const lines = new LineCounter();
  const doc = parsed(text, file, lines);
  const at = (offset: number): SourcePlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const trouble = [...doc.errors, ...doc.warnings.filter((w) => w.code !== 'TAG_RESOLVE_FAILED')];
  const first = trouble.sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (first !== undefined) {
    const shown = (text.split('\n')[at(first.pos[0]).line - 1] ?? '').trim().slice(0, 120);
    throw new SuiteError('yaml-syntax', first.message.split('\n')[0] ?? 'not YAML', at(first.pos[0]), {
      actual: shown,
    });
  }
  for (const { code, pos } of doc.warnings)
    if (code === 'TAG_RESOLVE_FAILED') checkTag(text.slice(...pos), at(pos[0]));
  if (doc.contents === null)
    throw new SuiteError('yaml-shape', 'the file is empty', { file, line: 1, column: 1 });
  return convert(doc.contents, at, 0);
}

/**
 * The first stage of the parser (text to tokens) takes any depth. The second (tokens to a document) is recursive, and
 * needs unbounded memory where its stack ends: what is nested too deep never gets there.
 */
function parsed(text: string, file: string, lineCounter: LineCounter): Document.Parsed {
  const tokens = [...new Parser(lineCounter.addNewLine).parse(text)];
  const deep = deepOffset(tokens);
  if (deep !== undefined) {
    const { line, col } = lineCounter.linePos(deep);
    throw tooDeep({ file, line: Math.max(1, line), column: Math.max(1, col) });
  }
  const composer = new Composer({ schema: 'failsafe', prettyErrors: false, uniqueKeys: true });
  const [first, second] = [...composer.compose(tokens, true, text.length)];
  if (second !== undefined && first !== undefined)
    first.errors.push(
      new YAMLParseError(
        second.range.slice(0, 2) as [number, number],
        'MULTIPLE_DOCS',
        'a file has one document',
      ),
    );
  return first as Document.Parsed;
}

/** Where the nesting of tokens passes what any file of ours needs; a level of YAML takes up to two levels of tokens. */
function deepOffset(tokens: readonly CST.Token[]): number | undefined {
  const open: { token: CST.Token | null | undefined; depth: number }[] = tokens.map((token) => ({
    token,
    depth: 0,
  }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (token === null || token === undefined) continue;
    if (depth > 2 * MAX_DEPTH) return token.offset;
    if (token.type === 'document') open.push({ token: token.value, depth: depth + 1 });
    else if ('items' in token)
      for (const { key, value } of token.items)
        open.push({ token: key, depth: depth + 1 }, { token: value, depth: depth + 1 });
  }
  return undefined;
}

const tooDeep = (place: SourcePlace): SuiteError =>
  new SuiteError('yaml-shape', 'nested too deep', place, { expected: `at most ${MAX_DEPTH} levels` });

const noAlias = (place: SourcePlace): SuiteError =>
  new SuiteError('yaml-alias', 'aliases are not used here', place, {
    repair: 'Write it out, or make it a constant or procedure.',
  });

function convert(node: unknown, at: (offset: number) => SourcePlace, depth: number): YNode {
  const yaml = node as YamlNode;
  const place = at(yaml.range?.[0] ?? 0);
  if (depth > MAX_DEPTH) throw tooDeep(place);
  if (isAlias(yaml)) throw noAlias(place);
  const tag = tagOf(yaml, place);
  if (isMap(yaml)) {
    const entries = yaml.items.map((pair): YEntry => {
      const key = pair.key;
      if (isAlias(key)) throw noAlias(at(key.range?.[0] ?? 0));
      if (!isScalar(key)) throw new SuiteError('yaml-shape', 'a key must be a text', place);
      const keyPlace = at(key.range?.[0] ?? 0);
      if (tagOf(key, keyPlace) !== undefined) throw new SuiteError('yaml-tag', 'a key has no tag', keyPlace);
      if (String(key.value) === '<<')
        throw new SuiteError('yaml-alias', 'merge keys are not used here', keyPlace);
      const value: YNode =
        pair.value === null
          ? { kind: 'scalar', tag: undefined, text: '', place: keyPlace }
          : convert(pair.value, at, depth + 1);
      return { key: String(key.value), keyPlace, value };
    });
    return { kind: 'map', tag, place, entries };
  }
  if (isSeq(yaml))
    return { kind: 'list', tag, place, items: yaml.items.map((i) => convert(i, at, depth + 1)) };
  if (isScalar(yaml)) {
    // `!absent` and other tags that stand alone have an empty value.
    const text = typeof yaml.value === 'string' ? yaml.value : (yaml.source ?? '');
    return { kind: 'scalar', tag, place, text };
  }
  return { kind: 'scalar', tag, place, text: '' };
}

/** Every tag that the parser itself does not know passes here, at its own place. */
function checkTag(written: string, place: SourcePlace): void {
  const name = written.replace(/^!/, '');
  if (TAGS.has(name)) return;
  const repair = meant(name, TAGS);
  throw new SuiteError('yaml-tag', `unknown tag ${written}`, place, {
    expected: [...TAGS].map((t) => `!${t}`).join(' '),
    ...(repair === undefined ? {} : { repair: repair.replace('mean ', 'mean !') }),
  });
}

function tagOf(node: YamlNode, place: SourcePlace): string | undefined {
  const raw = 'tag' in node && typeof node.tag === 'string' ? node.tag : undefined;
  if (raw === undefined || PLAIN_TAGS.has(raw)) return undefined;
  // `!certificate NAME` (a constant) and `!certificate { ... }` (a matcher) share their name.
  const name = raw.replace(/^!/, '');
  if (!TAGS.has(name)) throw new SuiteError('yaml-tag', `unknown tag ${raw}`, place);
  return name;
}
