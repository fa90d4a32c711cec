/** The ECASD: for each CI the eUICC's key and its certificates, read from a folder of test PKI. Keys never leave it. */
import type { KeyObject } from 'node:crypto';
import { signEcdsa } from '../../protocol/crypto/ecdsa.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { loadPkiFolder, type PkiFolder } from '../../protocol/pki/folder.js';
import type { EuiccIdentity } from './identity.js';

/** What the eUICC holds for one CI. */
export interface EcasdEntry {
  /** euiccCiPKId: the CI's subjectKeyIdentifier, hex. */
  readonly ciPkId: string;
  readonly eumCertificate: Uint8Array;
  readonly euiccCertificate: Uint8Array;
  readonly privateKey: KeyObject;
  /** Another eUICC's chain out of the same folder, for a seeded defect. */
  readonly foreign?:
    { readonly eumCertificate: Uint8Array; readonly euiccCertificate: Uint8Array } | undefined;
}

export interface EcasdNames {
  readonly ci: string;
  readonly eum: string;
  readonly euicc: string;
}

export class Ecasd {
  constructor(
    /** Highest priority first. */
    readonly entries: readonly EcasdEntry[],
  ) {}

  get first(): EcasdEntry {
    return this.entries[0] as EcasdEntry;
  }

  find(ciPkId: string): EcasdEntry | undefined {
    return this.entries.find((entry) => entry.ciPkId === ciPkId);
  }

  /** 64 bytes `r || s` with the key of that CI; of the first CI when there is none of that id. */
  sign(ciPkId: string | undefined, data: Uint8Array): Uint8Array {
    return signEcdsa(this.entryFor(ciPkId).privateKey, data);
  }

  entryFor(ciPkId: string | undefined): EcasdEntry {
    return (ciPkId === undefined ? undefined : this.find(ciPkId)) ?? this.first;
  }
}

/** Parsing certificates is most of the time that a card takes to start; test runs start many. */
const loaded = new Map<string, Ecasd>();

/**
 * @param folder of certificates and keys, read once a process; the project's own when undefined.
 * @param withForeign also takes another eUICC's chain from the folder.
 * @throws {Sgp33Error} `pki-missing` and the like; `euicc-eid-mismatch` when a certificate is another eUICC's.
 */
export function loadEcasd(
  eid: string,
  names: readonly EcasdNames[],
  folder?: string,
  withForeign = false,
): Ecasd {
  const key = JSON.stringify([eid, names, folder, withForeign]);
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const pki = loadPkiFolder(folder);
  const entries = names.map((entry) => {
    const foreign = withForeign ? foreignChain(pki, entry) : undefined;
    return { ...loadEntry(pki, eid, entry), ...(foreign === undefined ? {} : { foreign }) };
  });
  const ecasd = new Ecasd(entries);
  loaded.set(key, ecasd);
  return ecasd;
}

/**
 * The ECASD of a card that was made up.
 * @param names where another eUICC's chain is, when the card is to tell that one.
 * @throws {Sgp33Error} those of the PKI folder, with `withForeign` only.
 */
export function ecasdOf(
  { entries }: EuiccIdentity,
  names: readonly EcasdNames[],
  folder?: string,
  withForeign = false,
): Ecasd {
  const pki = withForeign ? loadPkiFolder(folder) : undefined;
  const foreignOf = (ci: string): EcasdEntry['foreign'] => {
    const name = names.find((entry) => pki?.certificate(entry.ci).skiHex === ci);
    return pki === undefined || name === undefined ? undefined : foreignChain(pki, name);
  };
  return new Ecasd(entries.map(({ ci, ...keys }) => ({ ...keys, ciPkId: ci, foreign: foreignOf(ci) })));
}

function loadEntry(pki: PkiFolder, eid: string, { ci, eum, euicc }: EcasdNames): EcasdEntry {
  const own = pki.identity(euicc);
  if (own.certificate.eid !== eid)
    throw new Sgp33Error('euicc-eid-mismatch', `CERT_${euicc} was issued to another eUICC`, {
      place: pki.dir,
      expected: eid,
      actual: own.certificate.eid ?? 'no EID',
      repair: 'Name a certificate of this EID in the personalisation file, or change its eid.',
    });
  const ciPkId = pki.certificate(ci).skiHex;
  if (ciPkId === undefined)
    throw new Sgp33Error('certificate-malformed', `CERT_${ci} has no subjectKeyIdentifier`, {
      place: pki.dir,
    });
  return {
    ciPkId,
    eumCertificate: pki.certificate(eum).der,
    euiccCertificate: own.certificate.der,
    privateKey: own.privateKey,
  };
}

function foreignChain(pki: PkiFolder, { eum, euicc }: EcasdNames): EcasdEntry['foreign'] {
  const [otherEum, otherEuicc] = [eum.replace('EUM_', 'EUM2_'), euicc.replace('EUICC_', 'EUICC2_')];
  if (!pki.has(otherEum) || !pki.has(otherEuicc)) return undefined;
  return {
    eumCertificate: pki.certificate(otherEum).der,
    euiccCertificate: pki.certificate(otherEuicc).der,
  };
}
