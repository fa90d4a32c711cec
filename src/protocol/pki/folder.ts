import type { KeyObject } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { privateKeyFromPem, publicHalf, spkiOf, type Curve } from '../crypto/ecdsa.js';
import { Sgp33Error } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { parseCertificateFile, type Certificate } from './certificate.js';

/** The identities of `fixtures/pki`; a folder of another PKI may lack some and hold others. */
export type IdentityName =
  | `${'CI' | 'EUM' | 'EUM2' | 'EUICC' | 'EUICC2' | 'S_EIMsign' | 'S_EIMsign2' | 'S_SM_DPauth' | 'S_SM_DPpb' | 'S_SM_DSauth'}_ECDSA_${'NIST' | 'BRP'}`
  | `${'EIM' | 'EIM2' | 'S_SM_DP' | 'S_SM_DS'}_TLS`
  | (string & {});

/** A certificate with the private key that belongs to it. */
export interface Identity {
  readonly name: string;
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
}

/** A folder of test certificates and keys, by the file names of SGP.26 without their ending. */
export interface PkiFolder {
  readonly dir: string;
  /** Names of all certificates without `CERT_`, sorted. */
  readonly identities: readonly string[];
  has(name: IdentityName): boolean;
  /** @throws {Sgp33Error} `pki-missing`, `pki-ambiguous`, `certificate-malformed`. */
  certificate(name: IdentityName): Certificate;
  /** @throws {Sgp33Error} `pki-missing`, `pki-ambiguous`, `key-malformed`, `key-encrypted`. */
  privateKey(name: IdentityName): KeyObject;
  /** Both. @throws {Sgp33Error} also `pki-mismatch`, when the key is not the certificate's. */
  identity(name: IdentityName): Identity;
  /** Every certificate that can be read and whose subjectKeyIdentifier is this (hex): how a card names its CI. */
  bySki(skiHex: string): Certificate | undefined;
}

/** The short name that SGP.26 files carry for a curve. */
export function curveSuffix(curve: Curve): 'NIST' | 'BRP' {
  return curve === 'P-256' ? 'NIST' : 'BRP';
}

/** This package's own test PKI, the same folder for the sources and for what is built from them. */
export function defaultPkiFolder(): string {
  return join(packageRoot(), 'fixtures', 'pki');
}

const DEPTH = 4;
const CERTIFICATE_ENDINGS = ['.der', '.pem', '.crt', '.cer'];
const KEY_ENDINGS = ['.pem', '.key'];

/**
 * Opens a folder of test certificates: ours, or one laid out as the SGP.26 sets are (sub-folders to a depth of
 * 4; `_ECDSA_` and `_SIG_` in names mean the same; DER or PEM). Files are read when they are asked for.
 * @throws {Sgp33Error} `pki-folder` when the folder cannot be listed.
 */
export function loadPkiFolder(dir: string = defaultPkiFolder()): PkiFolder {
  const files = listFiles(dir).map((file) => ({ file, stem: stemOf(file), ending: extname(file) }));
  const lookUp = (stem: string, endings: readonly string[]): string[] => {
    const stems = [stem, stem.replace('_ECDSA_', '_SIG_')];
    return files.filter((f) => stems.includes(f.stem) && endings.includes(f.ending)).map(({ file }) => file);
  };
  const certificates = new Map<string, Certificate>();
  const certificate = (name: string): Certificate => {
    const known = certificates.get(name);
    if (known !== undefined) return known;
    const stem = `CERT_${name}`;
    const found = lookUp(stem, CERTIFICATE_ENDINGS);
    const read = found.map((file) => parseCertificateFile(readFileSync(file), file));
    const [first, ...rest] = read;
    if (first === undefined) throw missing(dir, `${stem}.der or ${stem}.pem`);
    if (rest.some((other) => !sameBytes(first.der, other.der))) throw ambiguous(dir, found);
    certificates.set(name, first);
    return first;
  };
  const privateKeys = new Map<string, KeyObject>();
  const privateKey = (name: string): KeyObject => {
    const known = privateKeys.get(name);
    if (known !== undefined) return known;
    // The TLS keys of SGP.26 name their curve where their certificates do not.
    const stems = [`SK_${name}`, `SK_${name}_NIST`];
    const found = stems.map((stem) => lookUp(stem, KEY_ENDINGS)).find((list) => list.length > 0) ?? [];
    const keys = found.map((file) => privateKeyFromPem(readFileSync(file, 'utf8'), file));
    const [first, ...rest] = keys;
    if (first === undefined) throw missing(dir, `SK_${name}.pem`);
    if (rest.some((other) => !sameBytes(spkiOf(first), spkiOf(other)))) throw ambiguous(dir, found);
    privateKeys.set(name, first);
    return first;
  };
  const matching = new Map<string, Identity>();
  const identities = [...new Set(files.filter(isCertificate).map(({ stem }) => stem.slice(5)))].sort();
  return {
    dir,
    identities,
    has: (name) => lookUp(`CERT_${name}`, CERTIFICATE_ENDINGS).length > 0,
    certificate,
    privateKey,
    identity(name) {
      const known = matching.get(name);
      if (known !== undefined) return known;
      const identity = { name, certificate: certificate(name), privateKey: privateKey(name) };
      if (publicHalf(identity.privateKey).equals(identity.certificate.publicKey)) {
        matching.set(name, identity);
        return identity;
      }
      throw new Sgp33Error('pki-mismatch', `SK_${name} is not the private key of CERT_${name}`, {
        place: dir,
        repair: 'Take both files from the same set.',
      });
    },
    bySki(skiHex) {
      // One after the other: the files are read only as far as it takes.
      for (const name of identities) {
        const found = orUndefined(() => certificate(name));
        if (found?.skiHex === skiHex.toUpperCase()) return found;
      }
      return undefined;
    },
  };
}

function listFiles(dir: string, depth = DEPTH): string[] {
  try {
    // Sorted, so that the first of several equal files is the same one everywhere.
    return readdirSync(dir)
      .sort()
      .flatMap((entry) => {
        const path = join(dir, entry);
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat?.isDirectory() === true) return depth > 0 ? listFiles(path, depth - 1) : [];
        return stat?.isFile() === true ? [path] : [];
      });
  } catch (cause) {
    throw new Sgp33Error('pki-folder', 'the folder with the test certificates cannot be read', {
      place: dir,
      actual: cause instanceof Error ? cause.message : String(cause),
      repair: 'Name a folder with CERT_*.der and SK_*.pem files in SGP33_PKI or in the target.',
      cause,
    });
  }
}

function stemOf(file: string): string {
  return basename(file, extname(file));
}

function isCertificate({ stem, ending }: { stem: string; ending: string }): boolean {
  return stem.startsWith('CERT_') && CERTIFICATE_ENDINGS.includes(ending);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function missing(dir: string, file: string): Sgp33Error {
  return new Sgp33Error('pki-missing', 'a file of the test PKI is missing', {
    place: dir,
    expected: file,
    repair: 'Add the file, or leave SGP33_PKI unset to use the certificates that come with sgp33.',
  });
}

function ambiguous(dir: string, files: readonly string[]): Sgp33Error {
  return new Sgp33Error('pki-ambiguous', 'several files of that name, with different content', {
    place: dir,
    actual: files.join(', '),
    repair: 'Keep one, or name the sub-folder that holds the set you mean.',
  });
}
