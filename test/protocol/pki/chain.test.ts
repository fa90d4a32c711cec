import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseCertificate, type Certificate } from '../../../src/protocol/pki/certificate.js';
import { verifyEuiccChain, type ChainFinding, type EuiccChain } from '../../../src/protocol/pki/chain.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import {
  akiExtension,
  caExtension,
  eumNameConstraints,
  issueCertificate,
  keyUsageExtension,
  policyExtension,
  skiExtension,
  type CertificateToIssue,
  type ExtensionToIssue,
} from '../../../src/protocol/pki/issue.js';
import { rolePolicy } from '../../../src/protocol/pki/oids.js';

const pki = loadPkiFolder();
const chain = {
  ci: pki.certificate('CI_ECDSA_NIST'),
  eum: pki.certificate('EUM_ECDSA_NIST'),
  euicc: pki.certificate('EUICC_ECDSA_NIST'),
};
const ski = (certificate: Certificate): Buffer => Buffer.from(certificate.skiHex ?? '', 'hex');

interface Change {
  serialNumber?: string;
  o?: string;
  replace?: ExtensionToIssue;
  without?: string;
  add?: ExtensionToIssue;
  notAfter?: Date;
  signWith?: KeyObject;
}

function extensionsAfter(
  extensions: ExtensionToIssue[],
  { replace, without, add }: Change,
): ExtensionToIssue[] {
  const kept = extensions.filter(({ oid }) => oid !== without && oid !== replace?.oid);
  return [...kept, ...[replace, add].filter((extension) => extension !== undefined)];
}

const DATES = { notBefore: new Date('2024-01-01'), notAfter: new Date('2055-01-01') };

function euicc(change: Change = {}): Certificate {
  const request: CertificateToIssue = {
    subject: [
      ['C', 'ZZ'],
      ['O', change.o ?? 'SGP33 Test EUM'],
      ['serialNumber', change.serialNumber ?? '89049032123451234512345678901235'],
      ['CN', 'eUICC'],
    ],
    issuer: [
      ['C', 'ZZ'],
      ['O', 'SGP33 Test EUM'],
      ['CN', 'SGP33 Test EUM CA'],
    ],
    serial: Buffer.of(1),
    ...DATES,
    ...(change.notAfter === undefined ? {} : { notAfter: change.notAfter }),
    subjectKey: chain.euicc.publicKey,
    extensions: extensionsAfter(
      [akiExtension(ski(chain.eum)), keyUsageExtension(0), policyExtension(rolePolicy('euicc'), true)],
      change,
    ),
  };
  return parseCertificate(issueCertificate(request, change.signWith ?? pki.privateKey('EUM_ECDSA_NIST')));
}

function eum(change: Change = {}): Certificate {
  const request: CertificateToIssue = {
    subject: [
      ['C', 'ZZ'],
      ['O', 'SGP33 Test EUM'],
      ['CN', 'SGP33 Test EUM CA'],
    ],
    issuer: [
      ['CN', 'SGP33 Test CI'],
      ['OU', 'TESTCERT'],
      ['O', 'RSPTEST'],
      ['C', 'ZZ'],
    ],
    serial: Buffer.of(2),
    ...DATES,
    subjectKey: chain.eum.publicKey,
    extensions: extensionsAfter(
      [
        akiExtension(ski(chain.ci)),
        skiExtension(ski(chain.eum)),
        keyUsageExtension(5),
        policyExtension(rolePolicy('eum'), true),
        caExtension(0),
        eumNameConstraints('SGP33 Test EUM', '89049032'),
      ],
      change,
    ),
  };
  return parseCertificate(issueCertificate(request, pki.privateKey('CI_ECDSA_NIST')));
}

const shown = (findings: ChainFinding[]): string[] => findings.map(({ on, code }) => `${on} ${code}`);
const findings = (part: Partial<EuiccChain>): string[] => shown(verifyEuiccChain({ ...chain, ...part }));

describe('a chain that holds', () => {
  it.each(['NIST', 'BRP'] as const)('has no findings (%s, both EUMs)', (suffix) => {
    const at = new Date('2026-06-01');
    for (const n of ['', '2']) {
      const found = verifyEuiccChain({
        ci: pki.certificate(`CI_ECDSA_${suffix}`),
        eum: pki.certificate(`EUM${n}_ECDSA_${suffix}`),
        euicc: pki.certificate(`EUICC${n}_ECDSA_${suffix}`),
        at,
      });
      expect(found).toEqual([]);
    }
  });

  it('is also what the helpers of this test issue, so that each change below is the only defect', () => {
    expect(findings({ euicc: euicc(), eum: eum() })).toEqual([]);
  });
});

describe('one defect, one finding', () => {
  const forged = Uint8Array.from(chain.euicc.der, (byte, at) =>
    at === chain.euicc.der.length - 1 ? byte ^ 1 : byte,
  );

  it.each<[string, Partial<EuiccChain>, string]>([
    ['a flipped bit in the signature', { euicc: parseCertificate(forged) }, 'euicc signature'],
    [
      'the key of another EUM',
      { euicc: euicc({ signWith: pki.privateKey('EUM2_ECDSA_NIST') }) },
      'euicc signature',
    ],
    [
      'an EID of another EUM',
      { euicc: euicc({ serialNumber: '89044045116727494800000004479366' }) },
      'euicc eid-prefix',
    ],
    [
      'an EID with wrong check digits',
      { euicc: euicc({ serialNumber: '89049032123451234512345678901234' }) },
      'euicc eid-check-digits',
    ],
    ['no EID', { euicc: euicc({ serialNumber: '8904903212345123451234567890123' }) }, 'euicc eid-missing'],
    ['another organization', { euicc: euicc({ o: 'SGP33 Test EUM ' }) }, 'euicc organization'],
    [
      'the policy of a SM-DP+',
      { euicc: euicc({ replace: policyExtension(rolePolicy('dp-auth'), true) }) },
      'euicc role-policy',
    ],
    ['keyAgreement only', { euicc: euicc({ replace: keyUsageExtension(4) }) }, 'euicc key-usage'],
    [
      'the identifier of another issuer',
      { euicc: euicc({ replace: akiExtension(Buffer.alloc(20)) }) },
      'euicc authority-key-identifier',
    ],
    [
      'an unknown critical extension',
      { euicc: euicc({ add: { oid: '2.999.7', critical: true, value: Buffer.of(5, 0) } }) },
      'euicc unknown-critical-extension',
    ],
    ['an EUM that is no CA', { eum: eum({ without: '2.5.29.19' }) }, 'eum not-a-ca'],
    ['an EUM that may not sign', { eum: eum({ replace: keyUsageExtension(0) }) }, 'eum key-usage'],
    [
      'an EUM without name constraints',
      { eum: eum({ without: '2.5.29.30' }) },
      'eum name-constraints-missing',
    ],
    [
      'an EUM for other EIDs',
      { eum: eum({ replace: eumNameConstraints('SGP33 Test EUM', '89049033') }) },
      'euicc eid-prefix',
    ],
    [
      'an EUM with an empty prefix',
      { eum: eum({ replace: eumNameConstraints('SGP33 Test EUM', '') }) },
      'euicc eid-prefix',
    ],
    [
      'expiry',
      { euicc: euicc({ notAfter: new Date('2025-01-01') }), at: new Date('2026-01-01') },
      'euicc expired',
    ],
  ])('%s', (_, part, expected) => {
    expect(findings(part)).toEqual([expected]);
  });

  it('looks at no date unless asked', () => {
    expect(findings({ euicc: euicc({ notAfter: new Date('2025-01-01') }) })).toEqual([]);
    expect(findings({ at: new Date('2001-01-01') })).toEqual([
      'ci not-yet-valid',
      'eum not-yet-valid',
      'euicc not-yet-valid',
    ]);
  });
});

it('calls wrong check digits a note, a wrong prefix a violation, and says what was found', () => {
  const found = verifyEuiccChain({
    ...chain,
    euicc: euicc({ serialNumber: '89049033123451234512345678901234' }),
  });
  expect(found).toMatchInlineSnapshot(`
    [
      {
        "code": "eid-check-digits",
        "kind": "note",
        "on": "euicc",
        "text": "EID 89049033123451234512345678901234 is not 1 modulo 97",
      },
      {
        "code": "eid-prefix",
        "kind": "violation",
        "on": "euicc",
        "text": "EID 89049033123451234512345678901234 does not begin with 89049032",
      },
    ]
  `);
});

it('finds a chain put together from two curves and two CIs', () => {
  expect(findings({ euicc: pki.certificate('EUICC_ECDSA_BRP') })).toEqual([
    'euicc signature',
    'euicc authority-key-identifier',
    'euicc curve',
  ]);
});
