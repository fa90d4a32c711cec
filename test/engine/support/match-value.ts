/** An expectation in YAML against a value of an ASN.1 type that really was encoded and decoded. */
import { decode, encode, fromText, type Asn1Type, type TextValue } from '../../../src/protocol/asn1/index.js';
import type { Certificate } from '../../../src/protocol/pki/certificate.js';
import { EimBook } from '../../../src/engine/eim-book.js';
import { match, type MatchContext, type Mismatch } from '../../../src/engine/match.js';
import { rootScope } from '../../../src/engine/scope.js';
import type { YNode } from '../../../src/engine/yaml/nodes.js';
import { parseYaml } from '../../../src/engine/yaml/parse.js';

export interface Matched {
  readonly mismatches: readonly Mismatch[];
  readonly binds: ReadonlyMap<string, TextValue>;
}

export interface MatchOptions {
  readonly constants?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, TextValue>>;
  readonly eims?: EimBook;
  readonly certificate?: Certificate;
}

export function matchBytes(
  type: Asn1Type,
  bytes: Uint8Array,
  expected: string,
  options: MatchOptions = {},
): Matched {
  const decoded = decode(type, bytes);
  const constants = new Map<string, YNode>();
  for (const [name, text] of Object.entries(options.constants ?? {}))
    constants.set(name, parseYaml(text, 'constants.yaml'));
  const binds = new Map<string, TextValue>(Object.entries(options.variables ?? {}));
  const context: MatchContext = {
    keys: { eims: options.eims ?? new EimBook(new Map()), euiccCertificate: () => options.certificate },
    binds,
  };
  const scope = rootScope(constants, binds);
  const node = parseYaml(expected, 'expected.yaml');
  const mismatches = match(
    { node, scope },
    { type, value: decoded.value, node: decoded.node, path: decoded.node?.path ?? '' },
    context,
  );
  return { mismatches, binds };
}

export const matchValue = (
  type: Asn1Type,
  value: TextValue,
  expected: string,
  options: MatchOptions = {},
): Matched => matchBytes(type, encode(type, fromText(type, value, 'value')), expected, options);
