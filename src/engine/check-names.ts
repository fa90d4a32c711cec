/** Names that a suite refers to: known ones come back, others are errors with the nearest known name. */
import type { Asn1Type } from '../protocol/asn1/index.js';
import { meant } from '../protocol/did-you-mean.js';
import { Sgp33Error } from '../protocol/errors.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';
import { SuiteError, type YNode } from './yaml/nodes.js';

/** @throws {SuiteError} `unknown-type`. */
export function knownType(version: Sgp32Version, name: string, place: YNode['place']): Asn1Type {
  try {
    return typeByName(version, name);
  } catch (error) {
    if (!(error instanceof Sgp33Error)) throw error;
    throw new SuiteError(
      'unknown-type',
      `'${name}' is no ASN.1 type, and nothing else that can stand here`,
      place,
      {
        ...(error.repair === undefined ? {} : { repair: error.repair }),
      },
    );
  }
}

export function unknownName(
  what: string,
  name: string,
  known: Iterable<string>,
  place: YNode['place'],
): SuiteError {
  const repair = meant(name, known);
  return new SuiteError(
    `unknown-${what}`,
    `unknown ${what} '${name}'`,
    place,
    repair === undefined ? {} : { repair },
  );
}
