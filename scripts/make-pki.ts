/**
 * Makes the test PKI in fixtures/pki: `npm run pki:make [-- DIR]`.
 *
 * Keys that are there are kept, and so is a certificate whose content would be the same: ECDSA signatures are
 * random, and a second run must not touch a file. To renew a key, delete its SK_ file.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generateEcKeyPair, pointOf, privateKeyFromPem, publicHalf } from '../src/protocol/crypto/ecdsa.js';
import { parseCertificate } from '../src/protocol/pki/certificate.js';
import { defaultPkiFolder } from '../src/protocol/pki/folder.js';
import { akiExtension, encodeTbs, issueCertificate, skiExtension } from '../src/protocol/pki/issue.js';
import type { CertificateToIssue } from '../src/protocol/pki/issue.js';
import { testPki, type PlannedCertificate } from './test-pki-plan.js';

/**
 * Writes every missing or changed file of the plan.
 * @returns the names of the files written.
 */
export function makePki(dir: string, plan: readonly PlannedCertificate[] = testPki()): string[] {
  mkdirSync(dir, { recursive: true });
  const written: string[] = [];
  const write = (file: string, content: string | Uint8Array): void => {
    const path = join(dir, file);
    if (existsSync(path) && Buffer.from(content).equals(readFileSync(path))) return;
    writeFileSync(path, content);
    written.push(file);
  };
  const keys = new Map<string, KeyObject>();
  for (const planned of plan) keys.set(planned.name, keyFor(dir, planned, write));
  const keyOf = (name: string): KeyObject => {
    const key = keys.get(name);
    if (key === undefined) throw new Error(`the plan names no ${name}`);
    return key;
  };
  for (const planned of plan) {
    const issuer = plan.find((other) => other.name === planned.issuer);
    if (issuer === undefined) throw new Error(`the plan names no ${planned.issuer}`);
    const request = requestFor(planned, issuer, keyOf);
    const der = unchanged(dir, planned.name, request) ?? issueCertificate(request, keyOf(planned.issuer));
    if (!parseCertificate(der).isSignedBy(publicHalf(keyOf(planned.issuer)))) {
      throw new Error(`${planned.name}: the signature does not verify`);
    }
    write(`CERT_${planned.name}.der`, der);
    write(`CERT_${planned.name}.pem`, pem(der));
  }
  return written;
}

function keyFor(
  dir: string,
  { name, curve }: PlannedCertificate,
  write: (file: string, content: string) => void,
): KeyObject {
  const path = join(dir, `SK_${name}.pem`);
  const key = existsSync(path)
    ? privateKeyFromPem(readFileSync(path, 'utf8'), path)
    : generateEcKeyPair(curve).privateKey;
  write(`SK_${name}.pem`, key.export({ format: 'pem', type: 'sec1' }).toString());
  write(`PK_${name}.pem`, publicHalf(key).export({ format: 'pem', type: 'spki' }).toString());
  return key;
}

function requestFor(
  planned: PlannedCertificate,
  issuer: PlannedCertificate,
  keyOf: (name: string) => KeyObject,
): CertificateToIssue {
  const identifiers = [
    ...(planned === issuer ? [] : [akiExtension(keyIdentifier(keyOf(issuer.name)))]),
    ...(planned.withSki ? [skiExtension(keyIdentifier(keyOf(planned.name)))] : []),
  ];
  return {
    subject: planned.subject,
    issuer: issuer.subject,
    serial: serialOf(planned.name),
    notBefore: planned.notBefore,
    notAfter: planned.notAfter,
    subjectKey: keyOf(planned.name),
    extensions: [...identifiers, ...planned.extensions],
  };
}

/** SHA-1 of the public key's bits (RFC 5280 4.2.1.2, method 1), which is the euiccCiPKId of a CI. */
function keyIdentifier(key: KeyObject): Uint8Array {
  return createHash('sha1').update(pointOf(key)).digest();
}

function serialOf(name: string): Uint8Array {
  const serial = createHash('sha256').update(name).digest().subarray(0, 8);
  serial[0] = 0x10 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

function unchanged(dir: string, name: string, request: CertificateToIssue): Uint8Array | undefined {
  const path = join(dir, `CERT_${name}.der`);
  if (!existsSync(path)) return undefined;
  const existing = parseCertificate(readFileSync(path), path);
  return Buffer.from(existing.tbs).equals(encodeTbs(request)) ? existing.der : undefined;
}

function pem(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const dir = resolve(process.argv[2] ?? defaultPkiFolder());
  const written = makePki(dir);
  process.stdout.write(`${dir}: ${String(written.length)} files written\n`);
}
