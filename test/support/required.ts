/** Tests that need what a machine may lack. */
import { describe, it } from 'vitest';

/** Names in SGP33_REQUIRE: where the machine lacks one of these, its tests fail in place of being skipped. */
export const isRequired = (name: string): boolean =>
  (process.env['SGP33_REQUIRE'] ?? '').split(/[\s,]+/).includes(name);

/**
 * A group of tests. Where something is missing the one test of the group says so: it is skipped with the reason as its
 * note, or fails where SGP33_REQUIRE has the name, as in CI.
 * @param name as in SGP33_REQUIRE.
 * @param missing what the machine lacks; undefined: nothing.
 */
export function describeNeeding(
  name: string,
  missing: string | undefined,
  title: string,
  body: () => void,
): void {
  describe(title, () => {
    if (missing === undefined) return body();
    it(`needs ${name}`, (context) => {
      if (isRequired(name)) throw new Error(missing);
      context.skip(missing);
    });
  });
}
