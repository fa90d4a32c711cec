/** Requests as bytes: definitions unfolded, encoded, signed, and made wrong on purpose. */
import {
  bytesToHex,
  concat,
  decode,
  encode,
  fromText,
  mutate,
  tlv,
  type Asn1Type,
} from '../protocol/asn1/index.js';
import { signEcdsa } from '../protocol/crypto/ecdsa.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import type { EimBook } from './eim-book.js';
import { evaluate, Signature, Spread, type Plain } from './evaluate.js';
import { mutations } from './deviations.js';
import { bindParameters, type Bound, type Scope } from './scope.js';
import type { Definition, Suite } from './suite.js';
import { SuiteError, type YMap, type YNode } from './yaml/nodes.js';
import { integerToBytes } from '../protocol/asn1/primitive.js';
import { meant } from '../protocol/did-you-mean.js';

export interface MessageContext {
  readonly suite: Suite;
  readonly version: Sgp32Version;
  readonly pki: PkiFolder;
  readonly eims: EimBook;
  /** Keys that no PKI folder holds, by the name of their party. */
  readonly signers?: ReadonlyMap<string, (data: Uint8Array) => Uint8Array>;
}

/** The suite with the SGP.32 version in which its definitions are read. */
export interface Definitions {
  readonly suite: Suite;
  readonly version: Sgp32Version;
}

export interface BuiltMessage {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The value before any deviation: `eimId`, `counterValue` and the like are read from it. */
  readonly plain: Plain;
}

/** A definition with its parameters bound, `use` unfolded down to the one that has a type. */
export interface Unfolded {
  readonly type: string;
  readonly value: Bound;
  readonly deviate: readonly Bound[];
}

/** @throws {SuiteError} `unknown-definition`, `unknown-parameter`. */
export function unfold(
  from: Definitions,
  kind: Definition['kind'],
  name: string,
  given: YMap | undefined,
  scope: Scope,
  place: YNode['place'],
): Unfolded {
  const bound = new Map<string, Bound>(given?.entries.map((e) => [e.key, { node: e.value, scope }]));
  return unfoldBound(from, kind, name, bound, given, scope, place, 0);
}

function unfoldBound(
  from: Definitions,
  kind: Definition['kind'],
  name: string,
  given: Map<string, Bound>,
  written: YMap | undefined,
  caller: Scope,
  place: YNode['place'],
  depth: number,
): Unfolded {
  const { suite } = from;
  const definition = definitionOf(suite, kind, name, place);
  if (depth > 8) throw new SuiteError('circular-reference', `${name} uses itself`, definition.place);
  if (depth === 0) checkParameters(suite, definition, written, place);
  const scope = bindParameters(definition, given, caller);
  const deviate = definition.deviate === undefined ? [] : [{ node: definition.deviate, scope }];
  if (definition.use === undefined || definition.type !== undefined)
    return { ...typeAndValue(definition, from.version, scope), deviate };
  // What the definition fixes wins over what its caller passed on.
  const inner = new Map(given);
  // A default of its own for a parameter of what it uses holds there too.
  for (const [name, bound] of scope.params) if (!inner.has(name)) inner.set(name, bound);
  for (const e of definition.with?.entries ?? []) inner.set(e.key, { node: e.value, scope });
  const below = unfoldBound(
    from,
    kind,
    definition.use,
    inner,
    undefined,
    caller,
    definition.place,
    depth + 1,
  );
  return { ...below, deviate: [...below.deviate, ...deviate] };
}

function typeAndValue(
  definition: Definition,
  version: Sgp32Version,
  scope: Scope,
): { type: string; value: Bound } {
  const own = definition.perVersion.get(version);
  return {
    type: own?.type ?? (definition.type as string),
    value: { node: own?.value ?? (definition.value as YNode), scope },
  };
}

export function definitionOf(
  suite: Suite,
  kind: Definition['kind'],
  name: string,
  place: YNode['place'],
): Definition {
  const definition = suite.definitions.get(name);
  if (definition?.kind === kind) return definition;
  const known = [...suite.definitions.values()].filter((d) => d.kind === kind).map((d) => d.name);
  const repair = meant(name, known);
  throw new SuiteError(
    'unknown-definition',
    `no ${kind} '${name}'`,
    place,
    repair === undefined ? {} : { repair },
  );
}

/** All parameters that may be given to a definition: its own and those of what it uses. */
export function parametersOf(suite: Suite, definition: Definition, depth = 0): Set<string> {
  const names = new Set(definition.params.keys());
  const base = definition.use === undefined ? undefined : suite.definitions.get(definition.use);
  if (base !== undefined && depth < 8) {
    const fixed = new Set(definition.with?.entries.map((e) => e.key));
    for (const name of parametersOf(suite, base, depth + 1)) if (!fixed.has(name)) names.add(name);
  }
  return names;
}

export function checkParameters(
  suite: Suite,
  definition: Definition,
  written: YMap | undefined,
  place: YNode['place'],
): void {
  const known = parametersOf(suite, definition);
  for (const e of written?.entries ?? [])
    if (!known.has(e.key)) {
      const repair = meant(e.key, known);
      throw new SuiteError(
        'unknown-parameter',
        `${definition.name} has no parameter '${e.key}'`,
        e.keyPlace,
        { expected: [...known].join(', '), ...(repair === undefined ? {} : { repair }) },
      );
    }
  for (const [name, node] of definition.params)
    if (node.tag === 'required' && !(written?.entries.some((e) => e.key === name) ?? false))
      throw new SuiteError(
        'missing-parameter',
        `${definition.name} needs '${name}'`,
        written?.place ?? place,
      );
}

/** Encodes a value of a named type, with signatures and deviations. */
export function buildMessage(
  context: MessageContext,
  typeName: string,
  value: Bound,
  deviate: readonly Bound[],
): BuiltMessage {
  const type = typeByName(context.version, typeName);
  const plain = evaluate(value.node, { scope: value.scope, eims: context.eims });
  const signatures: { path: string; signature: Signature }[] = [];
  const settled = settle(plain, '', signatures);
  const bytes = encode(type, fromText(type, settled, typeName), { unchecked: true });
  const written = deviate.flatMap((d) => mutations(d));
  let result = mutate(
    type,
    bytes,
    written.filter((m) => m.beforeSigning).map((m) => m.mutation),
  );
  for (const { path, signature } of signatures)
    result = sign(context, type, result, path, signature, value.node);
  result = mutate(
    type,
    result,
    written.filter((m) => !m.beforeSigning).map((m) => m.mutation),
  );
  return { type: typeName, bytes: result, plain };
}

const PLACEHOLDER = new Uint8Array(64);

function settle(plain: Plain, path: string, signatures: { path: string; signature: Signature }[]): unknown {
  if (typeof plain === 'string' || typeof plain === 'symbol') return plain;
  if (plain instanceof Signature) {
    signatures.push({ path, signature: plain });
    return PLACEHOLDER;
  }
  if (plain instanceof Spread) return settle(plain.items, path, signatures);
  if (Array.isArray(plain)) return plain.map((p, i) => settle(p, `${path}[${i}]`, signatures));
  return Object.fromEntries(
    Object.entries(plain).map(([k, v]) => [k, settle(v, path === '' ? k : `${path}.${k}`, signatures)]),
  );
}

/** Signs the raw bytes of sibling elements, and the association token's TLV `84 len value` (SGP.32 2.11.1.1, 5.9.1). */
function sign(
  context: MessageContext,
  type: Asn1Type,
  bytes: Uint8Array,
  path: string,
  signature: Signature,
  at: YNode,
): Uint8Array {
  const parent = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
  const { node } = decode(type, bytes);
  const parts = signature.over.map((name) => {
    if (name === 'associationToken')
      return signature.token === 'none' ? new Uint8Array(0) : tokenTlv(BigInt(signature.token));
    const element = node?.at(parent === '' ? name : `${parent}.${name}`);
    if (element === undefined)
      throw new SuiteError('sign-over', `there is no '${name}' to sign beside ${path}`, at.place);
    return element.raw;
  });
  const data = concat(parts);
  const signer = context.signers?.get(signature.key);
  const signed = signer?.(data) ?? signEcdsa(context.pki.privateKey(pkiName(signature.key)), data);
  const written = signature.form === 'der' ? derForm(signed) : signed;
  return mutate(type, bytes, [{ op: 'replaceContent', path, bytes: written }]);
}

/** r||s as a SEQUENCE of two INTEGERs (RFC 3279 2.2.3). */
function derForm(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const integer = (bytes: Uint8Array): Uint8Array =>
    tlv(0x02, integerToBytes(BigInt(`0x${bytesToHex(bytes)}`)));
  return tlv(0x30, concat([integer(raw.subarray(0, half)), integer(raw.subarray(half))]));
}

/** `SK_S_EIMsign_ECDSA_NIST`, `CERT_...` to the name that the PKI folder knows. */
export const pkiName = (name: string): string => name.replace(/^(SK|PK|CERT)_/, '');

/** The association token as it enters signatures: `[4] INTEGER`. */
export const tokenTlv = (token: number | bigint): Uint8Array => tlv(0x84, integerToBytes(token));
