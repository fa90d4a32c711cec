import type { Certificate } from './certificate.js';
import { isValidEid } from './eid.js';
import type { KeyUsage } from './extensions.js';
import { OID, ROLE_POLICIES, type RspRole } from './oids.js';

export type ChainPlace = 'ci' | 'eum' | 'euicc';

export type ChainFindingCode =
  | 'signature'
  | 'issuer-name'
  | 'authority-key-identifier'
  | 'role-policy'
  | 'not-a-ca'
  | 'key-usage'
  | 'curve'
  | 'unknown-critical-extension'
  | 'eid-missing'
  | 'eid-check-digits'
  | 'name-constraints-missing'
  | 'organization'
  | 'eid-prefix'
  | 'not-yet-valid'
  | 'expired';

/** One broken rule: which certificate, which rule, and what was found there. */
export interface ChainFinding {
  readonly on: ChainPlace;
  readonly code: ChainFindingCode;
  /** A violation breaks the chain. A note does not: a published SGP.26 eUICC has wrong check digits, in a valid chain. */
  readonly kind: 'violation' | 'note';
  readonly text: string;
}

export interface EuiccChain {
  readonly ci: Certificate;
  readonly eum: Certificate;
  readonly euicc: Certificate;
  /** When given, validity periods are checked at that moment. */
  readonly at?: Date;
}

type RawFinding = Omit<ChainFinding, 'kind'>;

/**
 * Verifies a CI, EUM, eUICC chain by the rules of eSIM (SGP.22 4.5.2), with every broken rule listed.
 * A general path validator does not serve: by RFC 5280 each eUICC certificate violates the EUM's
 * nameConstraints, because the permitted serialNumber is the beginning of the EID, not the whole of it.
 * Revocation is not looked at. Never throws.
 *
 * @returns a list without violations when the chain holds.
 */
export function verifyEuiccChain({ ci, eum, euicc, at }: EuiccChain): ChainFinding[] {
  const findings = [
    ...issuedBy('ci', ci, ci),
    ...issuedBy('eum', eum, ci),
    ...issuedBy('euicc', euicc, eum),
    ...role('ci', ci, 'ci', 'keyCertSign'),
    ...role('eum', eum, 'eum', 'keyCertSign'),
    ...role('euicc', euicc, 'euicc', 'digitalSignature'),
    ...authority('ci', ci),
    ...authority('eum', eum),
    ...oneCurve(ci, eum, euicc),
    ...eidRules(eum, euicc),
    ...(at === undefined
      ? []
      : validity(
          [
            ['ci', ci],
            ['eum', eum],
            ['euicc', euicc],
          ],
          at,
        )),
  ];
  return findings.map((found) => ({
    ...found,
    kind: found.code === 'eid-check-digits' ? 'note' : 'violation',
  }));
}

function issuedBy(on: ChainPlace, certificate: Certificate, issuer: Certificate): RawFinding[] {
  const findings: RawFinding[] = [];
  if (!certificate.isSignedBy(issuer)) {
    findings.push({ on, code: 'signature', text: `not signed with the key of "${issuer.subject.text}"` });
  }
  if (certificate.issuer.text !== issuer.subject.text) {
    const text = `issuer "${certificate.issuer.text}" is not the subject "${issuer.subject.text}" above it`;
    findings.push({ on, code: 'issuer-name', text });
  }
  // The self-signed CI need not carry one (RFC 5280 4.2.1.1).
  const absentAllowed = certificate === issuer;
  const { akiHex } = certificate;
  if (akiHex !== issuer.skiHex && !(akiHex === undefined && absentAllowed)) {
    const text = `authorityKeyIdentifier ${akiHex ?? 'absent'}, subjectKeyIdentifier of the issuer ${issuer.skiHex ?? 'absent'}`;
    findings.push({ on, code: 'authority-key-identifier', text });
  }
  return findings;
}

const UNDERSTOOD: readonly string[] = [
  OID.keyUsage,
  OID.basicConstraints,
  OID.certificatePolicies,
  OID.nameConstraints,
  OID.subjectAltName,
  OID.extendedKeyUsage,
];

function role(on: ChainPlace, certificate: Certificate, expected: RspRole, usage: KeyUsage): RawFinding[] {
  const findings: RawFinding[] = [];
  const { policies, keyUsage } = certificate;
  if (!policies.some((policy) => ROLE_POLICIES[expected].includes(policy))) {
    const text = `certificatePolicies ${list(policies)}, expected ${ROLE_POLICIES[expected].join(' or ')}`;
    findings.push({ on, code: 'role-policy', text });
  }
  if (!keyUsage?.includes(usage)) {
    findings.push({ on, code: 'key-usage', text: `keyUsage ${list(keyUsage ?? [])}, expected ${usage}` });
  }
  for (const oid of certificate.critical.filter((extension) => !UNDERSTOOD.includes(extension))) {
    findings.push({ on, code: 'unknown-critical-extension', text: `critical extension ${oid} is not known` });
  }
  return findings;
}

function list(values: readonly string[]): string {
  return values.length === 0 ? 'absent' : values.join(', ');
}

function authority(on: ChainPlace, { basicConstraints }: Certificate): RawFinding[] {
  return basicConstraints?.cA === true
    ? []
    : [{ on, code: 'not-a-ca', text: 'basicConstraints does not say cA TRUE' }];
}

function oneCurve(ci: Certificate, eum: Certificate, euicc: Certificate): RawFinding[] {
  const others = [
    ['eum', eum],
    ['euicc', euicc],
  ] as const;
  return others
    .filter(([, certificate]) => certificate.curve !== ci.curve)
    .map(([on, { curve }]) => ({ on, code: 'curve', text: `key on ${curve}, the CI's on ${ci.curve}` }));
}

// SGP.22 4.5.2.1.0.2: the EUM issues for its own organisation, under its own EID prefixes.
function eidRules(eum: Certificate, euicc: Certificate): RawFinding[] {
  const findings: RawFinding[] = [];
  const { eid } = euicc;
  if (eid === undefined) {
    const text = `subject serialNumber ${euicc.subject.serialNumber ?? 'absent'}, expected 32 digits`;
    findings.push({ on: 'euicc', code: 'eid-missing', text });
  } else if (!isValidEid(eid)) {
    findings.push({ on: 'euicc', code: 'eid-check-digits', text: `EID ${eid} is not 1 modulo 97` });
  }
  const names = eum.nameConstraints?.permitted ?? [];
  if (names.length === 0) {
    const text = 'no nameConstraints with a permitted directoryName';
    return [...findings, { on: 'eum', code: 'name-constraints-missing', text }];
  }
  const ofOrganization = names.filter((name) => name.o === euicc.subject.o);
  if (ofOrganization.length === 0) {
    const permitted = names.map((name) => `"${name.o ?? ''}"`).join(' or ');
    const text = `organization "${euicc.subject.o ?? ''}", the EUM may issue for ${permitted}`;
    findings.push({ on: 'euicc', code: 'organization', text });
  }
  const prefixes = eum.permittedEins ?? [
    ...(ofOrganization.length === 0 ? names : ofOrganization).flatMap((name) => name.serialNumber ?? []),
  ];
  if (eid !== undefined && !prefixes.some((prefix) => prefix !== '' && eid.startsWith(prefix))) {
    const text = `EID ${eid} does not begin with ${prefixes.join(' or ') || 'any permitted prefix (none is given)'}`;
    findings.push({ on: 'euicc', code: 'eid-prefix', text });
  }
  return findings;
}

function validity(chain: readonly (readonly [ChainPlace, Certificate])[], at: Date): RawFinding[] {
  return chain.flatMap(([on, { notBefore, notAfter }]): RawFinding[] => {
    if (at < notBefore) return [{ on, code: 'not-yet-valid', text: `valid from ${notBefore.toISOString()}` }];
    if (at > notAfter) return [{ on, code: 'expired', text: `expired at ${notAfter.toISOString()}` }];
    return [];
  });
}
