/** eUICC certificates for cards that are made up for one test, in the profile of SGP.22 4.5.2. */
import { createHash, randomBytes, type KeyObject } from 'node:crypto';
import { topLevel } from '../asn1/index.js';
import { generateEcKeyPair, pointOf, publicHalf, type Curve } from '../crypto/ecdsa.js';
import { Sgp33Error } from '../errors.js';
import { parseCertificate, type Certificate } from './certificate.js';
import { EuiccTemplate, type EuiccPart } from './euicc-template.js';
import type { PkiFolder } from './folder.js';
import {
  akiExtension,
  caExtension,
  eumNameConstraints,
  issueCertificate,
  keyUsageExtension,
  policyExtension,
  skiExtension,
  type CertificateToIssue,
  type NameAttribute,
} from './issue.js';
import { rolePolicy } from './oids.js';

/** What an eUICC holds for one CI. */
export interface EuiccIdentityEntry {
  /** euiccCiPKId: the CI's subjectKeyIdentifier, upper-case hex. */
  readonly ci: string;
  /** DER. */
  readonly eumCertificate: Uint8Array;
  /** DER. */
  readonly euiccCertificate: Uint8Array;
  readonly privateKey: KeyObject;
}

/** An eUICC of its own: 32 digits, and its keys with their certificates, highest priority first. */
export interface EuiccIdentity {
  readonly eid: string;
  readonly entries: readonly EuiccIdentityEntry[];
}

export interface IssueEuiccOptions {
  /**
   * A chain that nobody should trust. `unknown-ci`: a CI and an EUM of its own, with the names of the real ones.
   * `forged-eum`: an EUM certificate that names the real CI and its key identifier, and was signed by another key.
   */
  readonly foreign?: 'unknown-ci' | 'forged-eum';
}

/** Who issues: a certificate with its private key. */
interface Issuer {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

const FROM = new Date('2024-01-01T00:00:00Z');
/** An eUICC has no planned end: as far away as SGP.26 puts it. */
const FOR_EVER = new Date('7496-01-24T00:00:00Z');
const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const CURVES: Readonly<Record<'NIST' | 'BRP', Curve>> = { NIST: 'P-256', BRP: 'brainpoolP256r1' };

/**
 * Makes new keys and issues certificates for them under the EUMs of a folder (`EUM_ECDSA_NIST`, `EUM_ECDSA_BRP`).
 * @param eid 32 digits; nothing is checked about it, wrong ones are needed too.
 * @param curves one entry each, in this order of priority.
 * @throws {Sgp33Error} `pki-missing` and the other errors of the folder, `certificate-malformed`.
 */
export function issueEuiccIdentity(
  pki: PkiFolder,
  eid: string,
  curves: readonly ('NIST' | 'BRP')[] = ['NIST', 'BRP'],
  options: IssueEuiccOptions = {},
): EuiccIdentity {
  const entries = curves.map((suffix) => {
    const { ci, eum } =
      options.foreign === undefined ? realIssuer(pki, suffix) : foreignIssuer(pki, suffix, options.foreign);
    const { privateKey } = generateEcKeyPair(CURVES[suffix]);
    return {
      ci,
      eumCertificate: eum.certificate.der,
      euiccCertificate: issueEuicc(eum, eid, privateKey),
      privateKey,
    };
  });
  return { eid, entries };
}

function realIssuer(pki: PkiFolder, suffix: string): { ci: string; eum: Issuer } {
  const { certificate, privateKey } = pki.identity(`EUM_ECDSA_${suffix}`);
  return { ci: skiOf(pki.certificate(`CI_ECDSA_${suffix}`)), eum: { certificate, key: privateKey } };
}

/** One a process, folder and curve: chains of one foreign CI, as those of one foreign manufacturer are. */
const foreignIssuers = new Map<string, { ci: string; eum: Issuer }>();

function foreignIssuer(
  pki: PkiFolder,
  suffix: 'NIST' | 'BRP',
  kind: 'unknown-ci' | 'forged-eum',
): { ci: string; eum: Issuer } {
  const name = `${pki.dir} ${suffix} ${kind}`;
  const known = foreignIssuers.get(name);
  if (known !== undefined) return known;
  const realCi = pki.certificate(`CI_ECDSA_${suffix}`);
  const realEum = pki.certificate(`EUM_ECDSA_${suffix}`);
  const ciKey = generateEcKeyPair(CURVES[suffix]).privateKey;
  const ciPkId = kind === 'forged-eum' ? skiOf(realCi) : bytesToHexUpper(keyIdentifier(ciKey));
  const eumKey = generateEcKeyPair(CURVES[suffix]).privateKey;
  const permitted = realEum.nameConstraints?.permitted[0];
  const der = issueCertificate(
    {
      subject: attributesOf(realEum),
      issuer: subjectDer(realCi),
      serial: newSerial(),
      notBefore: FROM,
      notAfter: realEum.notAfter,
      subjectKey: eumKey,
      extensions: [
        akiExtension(Buffer.from(ciPkId, 'hex')),
        skiExtension(keyIdentifier(eumKey)),
        keyUsageExtension(KEY_CERT_SIGN),
        policyExtension(rolePolicy('eum'), true),
        caExtension(0),
        eumNameConstraints(
          permitted?.o ?? realEum.subject.o ?? '',
          permitted?.serialNumber ?? realEum.permittedEins?.[0] ?? '',
        ),
      ],
    },
    ciKey,
  );
  const made = { ci: ciPkId, eum: { certificate: parseCertificate(der), key: eumKey } };
  foreignIssuers.set(name, made);
  return made;
}

/** By the issuer's certificate and the organisation that it may issue for. */
const templates = new Map<string, EuiccTemplate>();

/** SGP.22 4.5.2.1.0.3: the organisation is one that the EUM may issue for, serialNumber is the EID. */
function issueEuicc({ certificate: eum, key }: Issuer, eid: string, subjectKey: KeyObject): Uint8Array {
  const permitted = eum.nameConstraints?.permitted ?? [];
  const fitting = permitted.find(({ serialNumber }) => eid.startsWith(serialNumber ?? '')) ?? permitted[0];
  const o = fitting?.o ?? eum.subject.o ?? '';
  const part = { serial: newSerial(), eid, subjectKey, keyIdentifier: keyIdentifier(subjectKey) };
  const name = `${o} ${bytesToHexUpper(eum.der)}`;
  // A wrong EID of another length is made the long way.
  if (eid.length !== 32) return issueCertificate(requestFor(eum, o, part), key);
  const template = templates.get(name) ?? new EuiccTemplate(requestFor(eum, o, part), part);
  templates.set(name, template);
  return template.issue(part, key);
}

const requestFor = (
  eum: Certificate,
  o: string,
  { serial, eid, subjectKey, keyIdentifier: ski }: EuiccPart,
): CertificateToIssue => ({
  subject: [
    ['C', eum.subject.c ?? 'ZZ'],
    ['O', o],
    ['serialNumber', eid],
    ['CN', 'SGP33 Test eUICC'],
  ],
  issuer: subjectDer(eum),
  serial,
  notBefore: FROM,
  notAfter: FOR_EVER,
  subjectKey,
  extensions: [
    akiExtension(Buffer.from(skiOf(eum), 'hex')),
    skiExtension(ski),
    keyUsageExtension(DIGITAL_SIGNATURE),
    policyExtension(rolePolicy('euicc'), true),
  ],
});

/** The Name as it stands in the issuer's certificate: RFC 5280 wants the same bytes below it. */
function subjectDer(issuer: Certificate): Uint8Array {
  const fields = topLevel(topLevel(issuer.tbs)[0]?.content ?? new Uint8Array(0));
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (subject === undefined)
    throw new Sgp33Error('certificate-malformed', 'a certificate without a subject can issue nothing');
  return subject.raw;
}

const attributesOf = ({ subject: { c, o, cn } }: Certificate): NameAttribute[] => [
  ...(c === undefined ? [] : [['C', c] as const]),
  ...(o === undefined ? [] : [['O', o] as const]),
  ...(cn === undefined ? [] : [['CN', cn] as const]),
];

function skiOf(certificate: Certificate): string {
  if (certificate.skiHex === undefined)
    throw new Sgp33Error('certificate-malformed', 'the issuer has no subjectKeyIdentifier', {
      actual: certificate.subject.text,
    });
  return certificate.skiHex;
}

/** SHA-1 of the public key's bits (RFC 5280 4.2.1.2, method 1). */
const keyIdentifier = (key: KeyObject): Uint8Array =>
  createHash('sha1')
    .update(pointOf(publicHalf(key)))
    .digest();

const bytesToHexUpper = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

/** Positive, of 8 bytes. */
function newSerial(): Uint8Array {
  const serial = randomBytes(8);
  serial[0] = 0x10 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}
