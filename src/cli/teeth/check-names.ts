/** Names of defects that nobody seeded. */
import type { Sequence } from '../../engine/suite.js';
import { SuiteError } from '../../engine/yaml/nodes.js';
import { meant } from '../../protocol/did-you-mean.js';
import { Sgp33Error } from '../../protocol/errors.js';
import type { Explained } from './explained.js';
import { KNOWN_DEFECTS } from './known-defects.js';

/** @param given of the command line. */
export function unknownNames(
  sequences: readonly Sequence[],
  explained: readonly Explained[],
  given: readonly string[],
): Sgp33Error[] {
  const repairOf = (name: string, known: readonly string[]): { repair: string } => ({
    repair: meant(name, known) ?? 'docs/built-in-defects.md lists them.',
  });
  const everywhere = Object.values(KNOWN_DEFECTS).flat();
  const places = [
    ...sequences.flatMap((s) =>
      [...s.kills.keys()].map((name) => ({ name, place: s.place, known: KNOWN_DEFECTS[s.testCase.iut] })),
    ),
    ...explained.map(({ defect, place }) => ({ name: defect, place, known: everywhere })),
  ];
  return [
    ...given
      .filter((name) => !everywhere.includes(name))
      .map(
        (name) =>
          new Sgp33Error('unknown-defect', `unknown defect '${name}'`, {
            place: '--defect',
            ...repairOf(name, everywhere),
          }),
      ),
    ...places
      .filter(({ name, known }) => !known.includes(name))
      .map(
        ({ name, place, known }) =>
          new SuiteError('unknown-defect', `unknown defect '${name}'`, place, repairOf(name, known)),
      ),
  ];
}
