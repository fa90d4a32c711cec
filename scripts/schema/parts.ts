/** Pieces of JSON Schema that the schemas share. Every list of keys and words is the loader's own. */
export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: 'string' };
/** An editor reads `true` and `9000` as what they look like; the loader takes all scalars as text. */
export const scalar: Schema = { type: ['string', 'number', 'boolean'] };
export const anything: Schema = {};
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const oneWordOf = (words: readonly string[], description?: string): Schema => ({
  enum: words,
  ...(description === undefined ? {} : { description }),
});
export const described = (schema: Schema, description: string): Schema => ({ ...schema, description });

/** A map with exactly these keys; a key without a schema of its own may hold anything. */
export function mapOf(
  keys: readonly string[],
  schemas: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema {
  for (const key of [...Object.keys(schemas), ...required])
    if (!keys.includes(key)) throw new Error(`the loader knows no key '${key}'`);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(keys.map((key) => [key, schemas[key] ?? anything])),
    ...(required.length === 0 ? {} : { required }),
  };
}
