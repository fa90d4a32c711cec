/**
 * The notation in which every ASN.1 type of SGP.22 and SGP.32 is declared, once.
 *
 * Tags are written as they stand on the wire (`0xbf51`, `0x5f37`, `0xa0`), after the AUTOMATIC TAGS of the
 * modules are resolved; a declaration can be read beside a trace. TypeScript types are inferred from it.
 */

/** INTEGER values: a `number` where it is safe, else a `bigint`. */
export type Integer = number | bigint;

export interface BitString {
  /** Content without the unused-bits octet. */
  readonly bytes: Uint8Array;
  readonly unusedBits: number;
}

/** An element that the type does not know (EXTENSIBILITY IMPLIED). `before` counts the known elements in front of it. */
export interface UnknownElement {
  readonly before: number;
  readonly bytes: Uint8Array;
}

export interface Extensible {
  $unknown?: UnknownElement[];
}

export type Kind =
  | 'integer'
  | 'boolean'
  | 'null'
  | 'octets'
  | 'utf8'
  | 'bits'
  | 'oid'
  | 'any'
  | 'opaque'
  | 'sequence'
  | 'sequenceOf'
  | 'choice';

export interface Field {
  readonly name: string;
  /** Tag on the wire; undefined for an untagged CHOICE (its arms' tags decide) or ANY. */
  readonly tag: number | undefined;
  readonly type: Asn1Type;
  readonly optional: boolean;
  readonly defaultValue: Integer | boolean | undefined;
}

/** Base of every type. `T` is carried for inference only. */
export interface Asn1Type<T = unknown> {
  readonly kind: Kind;
  /** The specification's name; empty for an inline type. */
  readonly name: string;
  /** Own outer tag; undefined for ANY and for an untagged CHOICE. */
  readonly tag: number | undefined;
  readonly named?: Readonly<Record<string, number>> | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly fields?: readonly Field[];
  readonly item?: Field;
  /** The fields may stand in any order: an ISO 7816 template, not a SEQUENCE. */
  readonly anyOrder?: boolean;
  /** Index of the field or arm that a tag begins; built when the type is declared, like the next two. */
  readonly byTag?: ReadonlyMap<number, number>;
  readonly byName?: ReadonlyMap<string, number>;
  /** How many fields must be there. */
  readonly mandatory?: number;
  /** Phantom: never present at run time. */
  readonly valueType?: T;
}

export type ValueOf<X> = X extends Asn1Type<infer T> ? T : never;

export interface FieldSpec<T = unknown, O extends boolean = boolean> {
  readonly tag: number | undefined;
  readonly type: Asn1Type<T>;
  readonly optional: O;
  readonly defaultValue: Integer | boolean | undefined;
}

type FieldSpecs = Readonly<Record<string, FieldSpec>>;
type FieldValue<S> = S extends FieldSpec<infer T> ? T : never;
type OptionalKeys<S extends FieldSpecs> = {
  [K in keyof S]: S[K] extends FieldSpec<unknown, true> ? K : never;
}[keyof S];
export type SequenceValue<S extends FieldSpecs> = {
  -readonly [K in Exclude<keyof S, OptionalKeys<S>>]: FieldValue<S[K]>;
} & { -readonly [K in OptionalKeys<S>]?: FieldValue<S[K]> | undefined } & Extensible;
export type ChoiceValue<S extends FieldSpecs> = {
  [K in keyof S]: { -readonly [P in K]: FieldValue<S[K]> } & {
    -readonly [P in Exclude<keyof S, K>]?: undefined;
  };
}[keyof S];

interface Limits {
  min?: number;
  max?: number;
}

const leaf = <T>(kind: Kind, tag: number | undefined, more: Partial<Asn1Type<T>> = {}): Asn1Type<T> => ({
  kind,
  name: '',
  tag,
  ...more,
});

export const BOOLEAN = leaf<boolean>('boolean', 0x01);
export const NULL = leaf<null>('null', 0x05);
export const OBJECT_IDENTIFIER = leaf<string>('oid', 0x06);
/** An open type: any one TLV, kept as it came. */
export const ANY = leaf<Uint8Array>('any', undefined);

export const INTEGER: Asn1Type<Integer> = leaf('integer', 0x02);

export const integer = (named?: Readonly<Record<string, number>>): Asn1Type<Integer> =>
  leaf('integer', 0x02, { named });
export const octets = (limits: Limits = {}): Asn1Type<Uint8Array> => leaf('octets', 0x04, limits);
export const utf8 = (limits: Limits = {}): Asn1Type<string> => leaf('utf8', 0x0c, limits);
export const bits = (named?: Readonly<Record<string, number>>): Asn1Type<BitString> =>
  leaf('bits', 0x03, { named });

/**
 * A constructed type whose inside belongs to another specification (Certificate, SubjectPublicKeyInfo).
 * The value is the complete TLV under its own tag (`30 ...`), whatever IMPLICIT tag it travelled under.
 */
export const opaque = (name: string, tag = 0x30): Asn1Type<Uint8Array> => leaf('opaque', tag, { name });

/** A field that must be there. Without `tag` the type's own tag holds. */
export function req<T>(type: Asn1Type<T>): FieldSpec<T, false>;
export function req<T>(tag: number, type: Asn1Type<T>): FieldSpec<T, false>;
export function req<T>(a: number | Asn1Type<T>, b?: Asn1Type<T>): FieldSpec<T, false> {
  return spec(a, b, false, undefined);
}

export function opt<T>(type: Asn1Type<T>): FieldSpec<T, true>;
export function opt<T>(tag: number, type: Asn1Type<T>): FieldSpec<T, true>;
export function opt<T>(a: number | Asn1Type<T>, b?: Asn1Type<T>): FieldSpec<T, true> {
  return spec(a, b, true, undefined);
}

/** A field with a DEFAULT; DER leaves the default value out. */
export const dflt = <T extends Integer | boolean>(
  tag: number,
  type: Asn1Type<T>,
  value: T,
): FieldSpec<T, true> => spec(tag, type, true, value);

function spec<T, O extends boolean>(
  a: number | Asn1Type<T>,
  b: Asn1Type<T> | undefined,
  optional: O,
  defaultValue: Integer | boolean | undefined,
): FieldSpec<T, O> {
  const type = typeof a === 'number' ? b : a;
  if (type === undefined) throw new TypeError('a tag without a type');
  return { tag: typeof a === 'number' ? a : type.tag, type, optional, defaultValue };
}

const fieldsOf = (specs: FieldSpecs): Field[] =>
  Object.entries(specs).map(([name, s]) => ({
    name,
    tag: s.tag,
    type: s.type,
    optional: s.optional,
    defaultValue: s.defaultValue,
  }));

/** Every tag that can begin a field, an untagged CHOICE counting with all its arms. */
export function leadingTags(tag: number | undefined, type: Asn1Type): number[] {
  if (tag !== undefined) return [tag];
  if (type.kind === 'choice') return (type.fields ?? []).flatMap((f) => leadingTags(f.tag, f.type));
  return [];
}

function tagMap(name: string, fields: readonly Field[]): Map<number, number> {
  const map = new Map<number, number>();
  fields.forEach((f, i) => {
    for (const tag of leadingTags(f.tag, f.type)) {
      // The first of two fields with one tag wins the map; the decoder moves on in order (certificates in a row).
      if (!map.has(tag)) map.set(tag, i);
      else if (f.type.kind === 'choice') throw new TypeError(`${name}: tag ${tag.toString(16)} twice`);
    }
  });
  return map;
}

const constructed = (
  kind: 'sequence' | 'choice',
  name: string,
  tag: number | undefined,
  fields: readonly Field[],
): Asn1Type<never> => ({
  kind,
  name,
  tag,
  fields,
  byTag: tagMap(name, fields),
  byName: new Map(fields.map((f, i) => [f.name, i])),
  mandatory: fields.filter((f) => !f.optional).length,
});

export function sequence<const S extends FieldSpecs>(
  name: string,
  tag: number,
  specs: S,
): Asn1Type<SequenceValue<S>> {
  return constructed('sequence', name, tag, fieldsOf(specs));
}

/** An ISO 7816 template: like a SEQUENCE, but its data objects may come in any order. */
export const template = <const S extends FieldSpecs>(
  name: string,
  tag: number,
  specs: S,
): Asn1Type<SequenceValue<S>> => ({ ...sequence(name, tag, specs), anyOrder: true });

/** A CHOICE. With `tag` it is a tagged type (`[81] CHOICE`): the tag stands explicitly around the arm. */
export function choice<const S extends FieldSpecs>(
  name: string,
  tag: number | undefined,
  specs: S,
): Asn1Type<ChoiceValue<S>> {
  return constructed('choice', name, tag, fieldsOf(specs));
}

/** SEQUENCE OF. `item` is a type, or `req(tag, type)` when the element has a tag of its own. */
export function sequenceOf<T>(
  name: string,
  tag: number,
  item: Asn1Type<T> | FieldSpec<T, false>,
): Asn1Type<T[]> {
  const s = 'kind' in item ? req(item) : item;
  const field: Field = { name: '', tag: s.tag, type: s.type, optional: false, defaultValue: undefined };
  return { kind: 'sequenceOf', name, tag, item: field };
}

/** A primitive type under the specification's name. */
export const named = <T>(name: string, type: Asn1Type<T>): Asn1Type<T> => ({ ...type, name });

/** The same type under another name and outer tag (an IMPLICIT tag replaces the outer one). */
export const retag = <T>(type: Asn1Type<T>, name: string, tag: number): Asn1Type<T> => ({
  ...type,
  name,
  tag,
});
