import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signEcdsa, verifyEcdsa } from '../../../src/protocol/crypto/ecdsa.js';
import { parseCertificate } from '../../../src/protocol/pki/certificate.js';
import { verifyEuiccChain } from '../../../src/protocol/pki/chain.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { issueEuiccIdentity, type EuiccIdentityEntry } from '../../../src/protocol/pki/issue-euicc.js';

const EID = '89049032123451234512345678901332';
const pki = loadPkiFolder();

const broken = (entry: EuiccIdentityEntry, curve: 'NIST' | 'BRP'): string[] =>
  verifyEuiccChain({
    ci: pki.certificate(`CI_ECDSA_${curve}`),
    eum: parseCertificate(entry.eumCertificate),
    euicc: parseCertificate(entry.euiccCertificate),
    at: new Date('2030-01-01'),
  }).map(({ on, code }) => `${on} ${code}`);

describe('issueEuiccIdentity', () => {
  it.each(['NIST', 'BRP'] as const)('%s: a chain to the CI of the folder, with the key in it', (curve) => {
    const { eid, entries } = issueEuiccIdentity(pki, EID, [curve]);
    const [entry] = entries as [EuiccIdentityEntry];
    expect(eid).toBe(EID);
    expect(broken(entry, curve)).toEqual([]);
    expect(entry.ci).toBe(pki.certificate(`CI_ECDSA_${curve}`).skiHex);
    const certificate = parseCertificate(entry.euiccCertificate);
    expect(certificate.eid).toBe(EID);
    const data = new TextEncoder().encode('data');
    expect(verifyEcdsa(certificate.publicKey, data, signEcdsa(entry.privateKey, data))).toBe(true);
    // A second reader: node's own.
    const eum = new X509Certificate(entry.eumCertificate);
    expect(new X509Certificate(entry.euiccCertificate).verify(eum.publicKey)).toBe(true);
    expect(new X509Certificate(entry.euiccCertificate).checkIssued(eum)).toBe(true);
  });

  it('makes new keys and serial numbers each time, in the order of the curves', () => {
    const made = [0, 1].flatMap(() => issueEuiccIdentity(pki, EID, ['BRP', 'NIST']).entries);
    const read = made.map(({ euiccCertificate }) => parseCertificate(euiccCertificate));
    expect(read.map(({ curve }) => curve)).toEqual(['brainpoolP256r1', 'P-256', 'brainpoolP256r1', 'P-256']);
    expect(new Set(read.map(({ serialHex }) => serialHex)).size).toBe(4);
    expect(new Set(read.map(({ skiHex }) => skiHex)).size).toBe(4);
  });

  it('unknown-ci: a sound chain, to a CI that only has the name', () => {
    const [entry] = issueEuiccIdentity(pki, EID, ['NIST'], { foreign: 'unknown-ci' }).entries as [
      EuiccIdentityEntry,
    ];
    expect(broken(entry, 'NIST')).toEqual(['eum signature', 'eum authority-key-identifier']);
    expect(entry.ci).toBe(parseCertificate(entry.eumCertificate).akiHex);
  });

  it('forged-eum: nothing but the signature of the EUM certificate is wrong', () => {
    for (const curve of ['NIST', 'BRP'] as const) {
      const [entry] = issueEuiccIdentity(pki, EID, [curve], { foreign: 'forged-eum' }).entries as [
        EuiccIdentityEntry,
      ];
      expect(broken(entry, curve)).toEqual(['eum signature']);
      expect(entry.ci).toBe(pki.certificate(`CI_ECDSA_${curve}`).skiHex);
    }
  });
});

it('makes certificates from a form that are those made the long way, but for EID, key and serial number', () => {
  const pki = loadPkiFolder();
  const eum = pki.identity('EUM_ECDSA_NIST');
  const [first, second] = ['89049032123451234512345678901332', '89049032123451234512345678909965'].map(
    (eid) => {
      const [entry] = issueEuiccIdentity(pki, eid, ['NIST']).entries;
      return parseCertificate(entry?.euiccCertificate ?? new Uint8Array(0));
    },
  );
  expect(first?.eid).toBe('89049032123451234512345678901332');
  expect(second?.eid).toBe('89049032123451234512345678909965');
  expect(second?.isSignedBy(eum.certificate.publicKey)).toBe(true);
  expect(second?.spki).not.toEqual(first?.spki);
  expect(second?.skiHex).not.toBe(first?.skiHex);
  expect(second?.serialHex).not.toBe(first?.serialHex);
  const without = (c: typeof first): string =>
    [
      c?.eid ?? '',
      Buffer.from(c?.spki ?? [])
        .toString('hex')
        .toUpperCase(),
      c?.skiHex ?? '',
      c?.serialHex ?? '',
    ]
      .map((part, i) => (i === 0 ? Buffer.from(part, 'latin1').toString('hex').toUpperCase() : part))
      .reduce(
        (all, part) => all.replace(part, '..'),
        Buffer.from(c?.tbs ?? [])
          .toString('hex')
          .toUpperCase(),
      );
  expect(without(second)).toBe(without(first));
});
