import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spkiOf } from '../../../src/protocol/crypto/ecdsa.js';
import { defaultPkiFolder, loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { packageRoot } from '../../../src/protocol/package-root.js';

const ours = defaultPkiFolder();
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sgp33-pki-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function put(from: string, to = from): void {
  mkdirSync(join(dir, to, '..'), { recursive: true });
  copyFileSync(join(ours, from), join(dir, to));
}

describe('our own folder', () => {
  it('holds a fitting key for every certificate', () => {
    const pki = loadPkiFolder();
    expect(pki.identities).toHaveLength(25);
    for (const name of pki.identities) {
      const { certificate, privateKey } = pki.identity(name);
      expect(spkiOf(privateKey)).toEqual(certificate.spki);
    }
  });

  it('has the eimIds and EIDs that the test cases use', () => {
    const pki = loadPkiFolder();
    expect(pki.certificate('S_EIMsign_ECDSA_NIST').subject.cn).toBe('testeim1');
    expect(pki.certificate('S_EIMsign2_ECDSA_NIST').subject.cn).toBe('testeim2');
    expect(pki.certificate('S_EIMsign_ECDSA_BRP').subject.cn).toBe('testeim3');
    expect(pki.certificate('EUICC_ECDSA_BRP').eid).toBe('89049032123451234512345678901235');
    expect(pki.certificate('EUICC2_ECDSA_NIST').eid).toBe('89049032123451234512345678901332');
  });

  it('finds a CI by the identifier that a card lists', () => {
    const pki = loadPkiFolder();
    const ci = pki.certificate('CI_ECDSA_BRP');
    expect(pki.bySki((ci.skiHex ?? '').toLowerCase())).toBe(ci);
    expect(pki.bySki('00')).toBeUndefined();
  });
});

describe('a folder laid out as SGP.26 has it', () => {
  it('is searched in its sub-folders, in DER or PEM, with SIG for ECDSA', () => {
    put('CERT_CI_ECDSA_NIST.der', 'CertificateIssuer/CERT_CI_ECDSA_NIST.der');
    put('CERT_CI_ECDSA_NIST.pem', 'CertificateIssuer/CERT_CI_ECDSA_NIST.pem');
    put('CERT_EUM_ECDSA_NIST.pem', 'EUM/CERT_EUM_SIG_NIST.pem');
    put('CERT_S_SM_DP_TLS.der', 'DPtls/CERT_S_SM_DP_TLS.der');
    put('SK_S_SM_DP_TLS.pem', 'DPtls/SK_S_SM_DP_TLS_NIST.pem');
    const pki = loadPkiFolder(dir);
    expect(pki.has('EUM_ECDSA_NIST')).toBe(true);
    expect(pki.has('EUICC_ECDSA_NIST')).toBe(false);
    expect(pki.certificate('EUM_ECDSA_NIST').isSignedBy(pki.certificate('CI_ECDSA_NIST'))).toBe(true);
    expect(pki.identity('S_SM_DP_TLS').certificate.subject.cn).toBe('testsmdpplus1.example.com');
  });
});

describe('trouble', () => {
  it('a missing file is named, with the folder and the repair', () => {
    put('CERT_CI_ECDSA_NIST.der');
    const pki = loadPkiFolder(dir);
    expect(() => pki.certificate('EUM_ECDSA_NIST')).toThrow(
      expect.objectContaining({
        code: 'pki-missing',
        place: dir,
        expected: 'CERT_EUM_ECDSA_NIST.der or CERT_EUM_ECDSA_NIST.pem',
        repair: expect.stringContaining('SGP33_PKI') as unknown,
      }),
    );
    expect(() => pki.identity('CI_ECDSA_NIST')).toThrow(
      expect.objectContaining({ code: 'pki-missing', expected: 'SK_CI_ECDSA_NIST.pem' }),
    );
  });

  it('a key of another certificate is a mismatch', () => {
    put('CERT_CI_ECDSA_NIST.der');
    put('SK_EUM_ECDSA_NIST.pem', 'SK_CI_ECDSA_NIST.pem');
    expect(() => loadPkiFolder(dir).identity('CI_ECDSA_NIST')).toThrow(
      expect.objectContaining({ code: 'pki-mismatch' }),
    );
  });

  it('two different files of one name are ambiguous', () => {
    put('CERT_CI_ECDSA_NIST.der', 'a/CERT_CI_ECDSA_NIST.der');
    put('CERT_CI_ECDSA_BRP.der', 'b/CERT_CI_ECDSA_NIST.der');
    expect(() => loadPkiFolder(dir).certificate('CI_ECDSA_NIST')).toThrow(
      expect.objectContaining({ code: 'pki-ambiguous' }),
    );
  });

  it('a broken file is named', () => {
    writeFileSync(join(dir, 'CERT_CI_ECDSA_NIST.der'), 'nonsense');
    expect(() => loadPkiFolder(dir).certificate('CI_ECDSA_NIST')).toThrow(
      expect.objectContaining({ code: 'certificate-malformed', place: join(dir, 'CERT_CI_ECDSA_NIST.der') }),
    );
    expect(loadPkiFolder(dir).bySki('00')).toBeUndefined();
  });

  it('a folder that is not there is named', () => {
    expect(() => loadPkiFolder(join(dir, 'none'))).toThrow(
      expect.objectContaining({ code: 'pki-folder', place: join(dir, 'none') }),
    );
  });
});

describe('packageRoot', () => {
  it('is the same from a source and from a built module', () => {
    const root = packageRoot();
    expect(join(root, 'fixtures', 'pki')).toBe(ours);
    expect(packageRoot(join(root, 'dist', 'src', 'protocol', 'package-root.js'))).toBe(root);
  });

  it('says so outside of the package', () => {
    writeFileSync(join(dir, 'package.json'), '{"name":"other"}');
    expect(() => packageRoot(dir)).toThrow(
      expect.objectContaining({ code: 'package-root-missing', place: dir }),
    );
  });
});
