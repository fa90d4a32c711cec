import type { Curve } from '../src/protocol/crypto/ecdsa.js';
import { eidWithCheckDigits } from '../src/protocol/pki/eid.js';
import { curveSuffix } from '../src/protocol/pki/folder.js';
import {
  altNameExtension,
  caExtension,
  eumNameConstraints,
  extendedKeyUsageExtension,
  keyUsageExtension,
  policyExtension,
  type ExtensionToIssue,
  type NameAttribute,
} from '../src/protocol/pki/issue.js';
import { OID, rolePolicy, type RspRole } from '../src/protocol/pki/oids.js';

/** One certificate of the test PKI. */
export interface PlannedCertificate {
  /** File name without `CERT_` and ending. */
  readonly name: string;
  /** `name` of the issuer; its own for a CI. */
  readonly issuer: string;
  readonly curve: Curve;
  readonly subject: readonly NameAttribute[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The eIM certificates of SGP.26 have no subjectKeyIdentifier. */
  readonly withSki: boolean;
  /** Besides the key identifiers. */
  readonly extensions: readonly ExtensionToIssue[];
}

const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;

const FROM = new Date('2024-01-01T00:00:00Z');
const UNTIL = new Date('2055-01-01T00:00:00Z');
/** An eUICC has no planned end: as far away as SGP.26 puts it. */
const FOR_EVER = new Date('7496-01-24T00:00:00Z');

const EID_PREFIX = '89049032';
const EID1 = '89049032123451234512345678901235';
const EID2 = eidWithCheckDigits('890490321234512345123456789013');

/** All certificates, issuers before what they issue. */
export function testPki(): PlannedCertificate[] {
  return [
    ...rspCertificates('P-256'),
    ...rspCertificates('brainpoolP256r1'),
    eimCa(),
    eimSigning('S_EIMsign_ECDSA_NIST', 'P-256', 'testeim1'),
    eimSigning('S_EIMsign2_ECDSA_NIST', 'P-256', 'testeim2'),
    eimSigning('S_EIMsign_ECDSA_BRP', 'brainpoolP256r1', 'testeim3'),
    tlsServer('EIM_TLS', 'eim.example.com', '2.999.20'),
    tlsServer('EIM_TLS_BRP', 'eim.example.com', '2.999.20', undefined, 'brainpoolP256r1'),
    tlsServer('EIM2_TLS', 'eim2.example.com', '2.999.21'),
    tlsServer('S_SM_DP_TLS', 'testsmdpplus1.example.com', '2.999.10', 'dp-tls'),
    tlsServer('S_SM_DS_TLS', 'testrootsmds.example.com', '2.999.15', 'ds-tls'),
  ];
}

function rspCertificates(curve: Curve): PlannedCertificate[] {
  const suffix = `_ECDSA_${curveSuffix(curve)}`;
  return [
    {
      name: `CI${suffix}`,
      issuer: `CI${suffix}`,
      curve,
      subject: [
        ['CN', 'SGP33 Test CI'],
        ['OU', 'TESTCERT'],
        ['O', 'RSPTEST'],
        ['C', 'ZZ'],
      ],
      ...validity(),
      withSki: true,
      extensions: [
        caExtension(),
        policyExtension(rolePolicy('ci'), true),
        keyUsageExtension(KEY_CERT_SIGN, CRL_SIGN),
        altNameExtension({ rid: ['2.999.1'] }),
      ],
    },
    eum(`EUM${suffix}`, suffix, curve, 'SGP33 Test EUM', '2.999.5'),
    eum(`EUM2${suffix}`, suffix, curve, 'SGP33 Test EUM 2', '2.999.6'),
    euicc(`EUICC${suffix}`, `EUM${suffix}`, curve, 'SGP33 Test EUM', EID1),
    euicc(`EUICC2${suffix}`, `EUM2${suffix}`, curve, 'SGP33 Test EUM 2', EID2),
    rspServer(`S_SM_DPauth${suffix}`, suffix, curve, 'TEST SM-DP+', 'dp-auth', '2.999.10'),
    rspServer(`S_SM_DPpb${suffix}`, suffix, curve, 'TEST SM-DP+', 'dp-pb', '2.999.10'),
    rspServer(`S_SM_DSauth${suffix}`, suffix, curve, 'TEST SM-DS', 'ds-auth', '2.999.15'),
  ];
}

function validity(notAfter = UNTIL): { notBefore: Date; notAfter: Date } {
  return { notBefore: FROM, notAfter };
}

function eum(name: string, suffix: string, curve: Curve, o: string, rid: string): PlannedCertificate {
  return {
    name,
    issuer: `CI${suffix}`,
    curve,
    subject: [
      ['C', 'ZZ'],
      ['O', o],
      ['CN', `${o} CA`],
    ],
    ...validity(),
    withSki: true,
    extensions: [
      keyUsageExtension(KEY_CERT_SIGN),
      policyExtension(rolePolicy('eum'), true),
      altNameExtension({ rid: [rid] }),
      caExtension(0),
      eumNameConstraints(o, EID_PREFIX),
    ],
  };
}

function euicc(name: string, issuer: string, curve: Curve, o: string, eid: string): PlannedCertificate {
  return {
    name,
    issuer,
    curve,
    subject: [
      ['C', 'ZZ'],
      ['O', o],
      ['serialNumber', eid],
      ['CN', 'SGP33 Test eUICC'],
    ],
    ...validity(FOR_EVER),
    withSki: true,
    extensions: [keyUsageExtension(DIGITAL_SIGNATURE), policyExtension(rolePolicy('euicc'), true)],
  };
}

function rspServer(
  name: string,
  suffix: string,
  curve: Curve,
  cn: string,
  role: RspRole,
  rid: string,
): PlannedCertificate {
  return {
    name,
    issuer: `CI${suffix}`,
    curve,
    subject: [
      ['O', 'SGP33'],
      ['CN', cn],
    ],
    ...validity(),
    withSki: true,
    extensions: [
      keyUsageExtension(DIGITAL_SIGNATURE),
      policyExtension(rolePolicy(role), true),
      altNameExtension({ rid: [rid] }),
    ],
  };
}

/** An operator's CA below the CI, for TLS certificates of eIMs: what trustedCertificateTls may name (SGP.32 2.6.3.2). */
function eimCa(): PlannedCertificate {
  return {
    name: 'EIM_CA_ECDSA_NIST',
    issuer: 'CI_ECDSA_NIST',
    curve: 'P-256',
    subject: [
      ['C', 'ZZ'],
      ['O', 'SGP33'],
      ['CN', 'SGP33 Test eIM CA'],
    ],
    ...validity(),
    withSki: true,
    extensions: [keyUsageExtension(KEY_CERT_SIGN, CRL_SIGN), caExtension(0)],
  };
}

// CERT.EIM.ECDSA has no role policy of its own; CN is the eimId.
function eimSigning(name: string, curve: Curve, eimId: string): PlannedCertificate {
  return {
    name,
    issuer: `CI_ECDSA_${curveSuffix(curve)}`,
    curve,
    subject: [
      ['C', 'ZZ'],
      ['CN', eimId],
    ],
    ...validity(),
    withSki: false,
    extensions: [keyUsageExtension(DIGITAL_SIGNATURE)],
  };
}

// `localhost` besides the name, because every test talks to the loopback address.
function tlsServer(
  name: string,
  host: string,
  rid: string,
  role?: RspRole,
  curve: Curve = 'P-256',
): PlannedCertificate {
  return {
    name,
    issuer: `CI_ECDSA_${curveSuffix(curve)}`,
    curve,
    subject: [
      ['C', 'ZZ'],
      ['CN', host],
    ],
    ...validity(),
    withSki: role !== undefined,
    extensions: [
      keyUsageExtension(DIGITAL_SIGNATURE),
      extendedKeyUsageExtension(OID.serverAuth, OID.clientAuth),
      ...(role === undefined ? [] : [policyExtension(rolePolicy(role), false)]),
      altNameExtension({ dns: [host, 'localhost'], rid: [rid] }),
    ],
  };
}
