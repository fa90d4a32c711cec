/** What a decoder says about bytes that are not as the type wants them. */

export const FINDING_CODES = [
  'empty',
  'truncated',
  'tag-too-long',
  'non-minimal-tag',
  'indefinite-length',
  'length-too-long',
  'non-minimal-length',
  'overrun',
  'trailing-bytes',
  'wrong-tag',
  'missing-field',
  'unknown-element',
  'unknown-arm',
  'duplicate-field',
  'out-of-order',
  'size',
  'unnamed-value',
  'non-minimal-integer',
  'boolean-not-der',
  'bit-string-unused-bits',
  'bit-string-trailing-zeros',
  'default-encoded',
  'utf8-invalid',
  'null-not-empty',
  'oid-malformed',
  'nested-certificate',
  'too-many-elements',
  'too-many-findings',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

/**
 * `violation`: the bytes break the type or DER. `note`: worth telling, never a reason to FAIL
 * (unknown extension fields, named numbers that a later version may define, untrimmed named bits).
 */
export interface Finding {
  readonly severity: 'violation' | 'note';
  readonly code: FindingCode;
  /** ASN.1 path from the root type. */
  readonly path: string;
  /** Byte offset from the first byte given to the decoder. */
  readonly offset: number;
  readonly expected: string;
  readonly actual: string;
}

const NOTES: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'unknown-element',
  'unnamed-value',
  'bit-string-trailing-zeros',
  'too-many-findings',
]);

export const severityOf = (code: FindingCode): Finding['severity'] =>
  NOTES.has(code) ? 'note' : 'violation';

/** `violation wrong-tag euiccPackageResult @0x0: expected BF51, got BF52` */
export const describeFinding = (f: Finding): string =>
  `${f.severity} ${f.code} ${f.path} @0x${f.offset.toString(16)}: expected ${f.expected}, got ${f.actual}`;
