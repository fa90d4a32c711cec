/** `deviate`: how a message is made wrong on purpose. */
import { hexToBytes, type Mutation } from '../protocol/asn1/index.js';
import { deref, textOf, type Bound } from './scope.js';
import { asList, asMap, find, onlyKeys, SuiteError } from './yaml/nodes.js';

export interface WrittenMutation {
  readonly mutation: Mutation;
  readonly beforeSigning: boolean;
}

const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  flipBit: ['bit'],
  replaceTag: ['tag'],
  replaceContent: ['bytes'],
  drop: [],
  duplicate: [],
  append: ['bytes'],
  insertAfter: ['bytes'],
  swap: ['other'],
  wrongLength: ['by'],
  nonMinimalLength: [],
  truncate: ['by'],
};

/** @throws {SuiteError} `unknown-deviation`. */
export function mutations({ node, scope }: Bound): WrittenMutation[] {
  const bound = deref(node, scope);
  if (bound.node.kind === 'scalar' && bound.node.tag === 'absent') return [];
  return asList(bound.node, 'deviate').items.map((item) => {
    const m = asMap(item, 'a deviation');
    const op = m.entries.find((e) => Object.hasOwn(OPERATIONS, e.key));
    if (op === undefined)
      throw new SuiteError('unknown-deviation', 'no known deviation', m.place, {
        expected: Object.keys(OPERATIONS).join(', '),
        actual: m.entries.map((e) => e.key).join(', '),
      });
    onlyKeys(m, [op.key, 'before', ...(OPERATIONS[op.key] ?? [])], `the deviation ${op.key}`);
    const before = find(m, 'before');
    if (before !== undefined && textOf(before, bound.scope, 'before') !== 'signing')
      throw new SuiteError('unknown-deviation', 'only `before: signing` is known', before.place);
    const text = (key: string): string | undefined => {
      const value = find(m, key);
      return value === undefined ? undefined : textOf(value, bound.scope, key);
    };
    const needed = (key: string): string => {
      const value = text(key);
      if (value === undefined)
        throw new SuiteError('missing-key', `the deviation ${op.key} needs '${key}'`, m.place);
      return value;
    };
    const number = (key: string): number => {
      const value = Number(needed(key));
      if (!Number.isSafeInteger(value))
        throw new SuiteError('yaml-shape', `'${key}' must be a whole number`, m.place);
      return value;
    };
    const hex = (key: string): Uint8Array => {
      const value = hexToBytes(needed(key));
      if (value === undefined) throw new SuiteError('yaml-shape', `'${key}' must be hex`, m.place);
      return value;
    };
    const path = textOf(op.value, bound.scope, op.key);
    return {
      mutation: mutationOf(op.key, path, { text, needed, number, hex }),
      beforeSigning: before !== undefined,
    };
  });
}

interface Reader {
  text(key: string): string | undefined;
  needed(key: string): string;
  number(key: string): number;
  hex(key: string): Uint8Array;
}

function mutationOf(op: string, path: string, r: Reader): Mutation {
  switch (op) {
    case 'flipBit':
      return r.text('bit') === undefined ? { op, path } : { op, path, bit: r.number('bit') };
    case 'replaceTag':
      return { op, path, tag: r.hex('tag').reduce((tag, byte) => tag * 256 + byte, 0) };
    case 'replaceContent':
    case 'append':
    case 'insertAfter':
      return { op, path, bytes: r.hex('bytes') };
    case 'swap':
      return { op, path, other: r.needed('other') };
    case 'wrongLength':
    case 'truncate':
      return { op, path, by: r.number('by') };
    case 'nonMinimalLength':
    case 'duplicate':
      return { op, path };
    default:
      return { op: 'drop', path };
  }
}
