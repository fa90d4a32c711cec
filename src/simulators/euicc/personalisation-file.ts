/** Reads a personalisation from YAML; every error names file, line and column. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { Sgp33Error } from '../../protocol/errors.js';
import { personalisation, type Personalisation } from './personalisation-schema.js';

/** @throws {Sgp33Error} `personalisation` with the place in the file. */
export function readPersonalisation(file: string): Personalisation {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Sgp33Error('personalisation', 'the personalisation file can not be read', {
      place: file,
      actual: cause instanceof Error ? cause.message : String(cause),
      repair: 'Name a YAML file such as fixtures/profiles/euicc-default.yaml.',
      cause,
    });
  }
  const known = lastRead;
  if (known?.file === file && known.text === text) return known.result;
  const result = parsePersonalisation(text, file);
  // What a file extends may change without it.
  if (!/^extends:/m.test(text)) lastRead = { file, text, result };
  return result;
}

/** Reading YAML is most of the time that a card takes to be made, and two hundred are made from one file. */
let lastRead: { file: string; text: string; result: Personalisation } | undefined;

/** @param file for the errors. @throws {Sgp33Error} `personalisation`. */
export function parsePersonalisation(text: string, file: string): Personalisation {
  const lines = new LineCounter();
  // Failsafe: an ICCID of 19 digits or a mccMnc 00F110 must stay text.
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, uniqueKeys: true });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) throw wrong(at(file, lines, fault.pos[0]), fault.message.split('\n')[0] ?? '');
  const result = personalisation.safeParse(extended(toPlain(document), file));
  if (result.success) return result.data;
  const issue = result.error.issues[0] as z.core.$ZodIssue;
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...issue.path, ...(key === undefined ? [] : [key])];
  throw wrong(at(file, lines, offsetOf(document, path)), `${path.map(String).join('.')}: ${issue.message}`);
}

/** Aliases are counted, so a document that unfolds without end is an error of its own. */
function toPlain(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 10 });
  } catch {
    return undefined;
  }
}

/** `extends: other.yaml` beside this file: its keys hold where this one has none, `limits` and `capabilities` key by key. */
function extended(own: unknown, file: string): unknown {
  if (typeof own !== 'object' || own === null || !('extends' in own)) return own;
  const { extends: name, ...rest } = own as Record<string, unknown>;
  if (typeof name !== 'string') throw wrong(file, 'extends must name a file');
  const base = plainFile(join(dirname(file), name));
  const merged: Record<string, unknown> = { ...base, ...rest };
  for (const key of ['limits', 'capabilities'])
    if (isRecord(base[key]) && isRecord(rest[key])) merged[key] = { ...base[key], ...rest[key] };
  return merged;
}

function plainFile(file: string): Record<string, unknown> {
  readPersonalisation(file);
  const plain = toPlain(parseDocument(readFileSync(file, 'utf8'), { schema: 'failsafe' }));
  return isRecord(plain) && !('extends' in plain) ? plain : {};
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where the node at a path begins; of a key that is not there, where its map begins. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  const steps = path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  for (let depth = steps.length; depth > 0; depth--) {
    const parent: unknown = depth === 1 ? document.contents : document.getIn(steps.slice(0, depth - 1), true);
    const last = steps[depth - 1];
    const pair = isMap(parent)
      ? parent.items.find((p) => isPair(p) && isScalar(p.key) && p.key.value === last)
      : undefined;
    const node: unknown = pair?.key ?? document.getIn(steps.slice(0, depth), true);
    if (isNode(node) && node.range !== null && node.range !== undefined) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}

function at(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}

const wrong = (place: string, what: string): Sgp33Error => new Sgp33Error('personalisation', what, { place });
