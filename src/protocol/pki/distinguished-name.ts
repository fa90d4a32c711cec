import type { RelativeDistinguishedNames } from 'pkijs';
import { OID } from './oids.js';

/** The attributes of a Name that eSIM rules look at. `text` names every attribute, in order, for comparison. */
export interface DistinguishedName {
  /** `C=ES, O=RSP Test EUM, serialNumber=..., CN=Test eUICC`; other attributes by their OID. */
  readonly text: string;
  readonly cn: string | undefined;
  readonly o: string | undefined;
  readonly ou: string | undefined;
  readonly c: string | undefined;
  readonly serialNumber: string | undefined;
}

const SHORT: Record<string, string> = {
  [OID.commonName]: 'CN',
  [OID.serialNumber]: 'serialNumber',
  [OID.country]: 'C',
  [OID.organization]: 'O',
  [OID.organizationalUnit]: 'OU',
};

/** Two issuers write the same name with different string types, so names are compared by `text`. */
export function readName(name: RelativeDistinguishedNames): DistinguishedName {
  const attributes = name.typesAndValues.map(({ type, value }) => ({ type, value: stringOf(value) }));
  const first = (type: string): string | undefined => attributes.find((a) => a.type === type)?.value;
  return {
    text: attributes.map((a) => `${SHORT[a.type] ?? a.type}=${escaped(a.value)}`).join(', '),
    cn: first(OID.commonName),
    o: first(OID.organization),
    ou: first(OID.organizationalUnit),
    c: first(OID.country),
    serialNumber: first(OID.serialNumber),
  };
}

// A comma or an equals sign within a value must not make two different names look alike.
function escaped(value: string): string {
  return value.replace(/[\\,=+]/g, (character) => `\\${character}`);
}

function stringOf(value: { valueBlock: { value: unknown } }): string {
  const inner = value.valueBlock.value;
  return typeof inner === 'string' ? inner : '';
}
