/** Certificates that an eIM must not show: the seeded defects about its identity. */
import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { generateEcKeyPair, privateKeyFromPem } from '../../../protocol/crypto/ecdsa.js';
import { parseCertificate } from '../../../protocol/pki/certificate.js';
import type { PkiFolder } from '../../../protocol/pki/folder.js';
import {
  altNameExtension,
  extendedKeyUsageExtension,
  issueCertificate,
  keyUsageExtension,
} from '../../../protocol/pki/issue.js';
import { OID } from '../../../protocol/pki/oids.js';
import { certificatePem } from '../../../protocol/pki/pem.js';
import { readElements, readOne, must } from '../../tlv/reader.js';
import type { ServeDefects } from './defects.js';
import { identityOf, type ServerIdentity } from './tls-settings.js';

const DIGITAL_SIGNATURE = 0;
const KEY_ENCIPHERMENT = 2;
const KEY_AGREEMENT = 4;
const DAY = 86_400_000;

interface Flaw {
  readonly dns?: readonly string[];
  readonly expired?: boolean;
  readonly otherKey?: boolean;
  /** null: the extension is left out. */
  readonly keyUsage?: number | null;
  readonly purposes?: readonly string[];
}

/** The identity with which the eIM was set up, which is also what its EimConfigurationData names. */
export function ownIdentity(good: ServerIdentity, pki: PkiFolder, defects: ServeDefects): ServerIdentity {
  return defects.has('certificate-without-key-usage') ? issueLike(good, pki, { keyUsage: null }) : good;
}

/** The identity that is shown in place of `good`; `good` itself without such a defect. */
export function wrongIdentity(good: ServerIdentity, pki: PkiFolder, defects: ServeDefects): ServerIdentity {
  if (defects.has('certificate-of-another-name')) {
    const other = pki.identity('EIM2_TLS');
    return identityOf(other.certificate, other.privateKey);
  }
  if (good.parsed.curve === 'brainpoolP256r1' && defects.has('brainpool-certificate-not-shown')) {
    const { certificate, privateKey } = pki.identity('EIM_TLS');
    return identityOf(certificate, privateKey);
  }
  if (defects.has('certificate-expired')) return issueLike(good, pki, { expired: true });
  if (defects.has('certificate-of-another-key')) return issueLike(good, pki, { otherKey: true });
  if (defects.has('certificate-without-server-auth'))
    return issueLike(good, pki, { purposes: [OID.clientAuth] });
  if (defects.has('certificate-key-agreement')) return issueLike(good, pki, { keyUsage: KEY_AGREEMENT });
  return good;
}

/** As the good one, issued by the CI of the folder, with one thing wrong. */
export function issueLike(good: ServerIdentity, pki: PkiFolder, flaw: Flaw): ServerIdentity {
  const own = privateKeyFromPem(good.privateKey);
  const key = flaw.otherKey === true ? generateEcKeyPair('P-256').privateKey : own;
  return identityOf(parseCertificate(derLike(good, pki, key, flaw)), key);
}

/** With an RSA key, beside the good one. PEM. */
export function rsaIdentity(good: ServerIdentity, pki: PkiFolder): Omit<ServerIdentity, 'parsed'> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = derLike(good, pki, privateKey, { keyUsage: KEY_ENCIPHERMENT });
  return {
    certificate: certificatePem(der),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function derLike(good: ServerIdentity, pki: PkiFolder, key: KeyObject, flaw: Flaw): Uint8Array {
  const ci = pki.identity('CI_ECDSA_NIST');
  const now = Date.now();
  const { dns = good.parsed.subjectAltName.dns } = flaw;
  const { rid } = good.parsed.subjectAltName;
  return issueCertificate(
    {
      subject: [
        ['C', 'ZZ'],
        ['CN', dns[0] ?? 'eim'],
      ],
      issuer: subjectOf(ci.certificate.tbs),
      // 01 in front: positive, and no leading zero.
      serial: Uint8Array.of(1, ...randomBytes(7)),
      notBefore: new Date(now - 30 * DAY),
      notAfter: new Date(flaw.expired === true ? now - DAY : now + 365 * DAY),
      subjectKey: key,
      extensions: [
        ...(flaw.keyUsage === null ? [] : [keyUsageExtension(flaw.keyUsage ?? DIGITAL_SIGNATURE)]),
        extendedKeyUsageExtension(...(flaw.purposes ?? [OID.serverAuth, OID.clientAuth])),
        altNameExtension({ dns, rid }),
      ],
    },
    ci.privateKey,
  );
}

/** DER of the subject: the sixth field of a v3 TBSCertificate (RFC 5280 4.1). */
const subjectOf = (tbs: Uint8Array): Uint8Array => must(readElements(readOne(tbs).content)[5]).raw;
