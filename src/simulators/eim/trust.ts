/** Which eUICC certificates the eIM believes: those below a CI of its PKI folder (SGP.22 4.5.2). */
import type { KeyObject } from 'node:crypto';
import { parseCertificate, type Certificate } from '../../protocol/pki/certificate.js';
import { verifyEuiccChain } from '../../protocol/pki/chain.js';
import type { PkiFolder } from '../../protocol/pki/folder.js';
import { unhex } from '../tlv/writer.js';
import type { Defects } from './defects.js';

export type TrustVerdict = 'ok' | 'malformed' | 'chain' | 'eid';

/** Parsed certificates that the process keeps, by DER hex; parsing is the slow part of a result. */
const known = new Map<string, Certificate>();
const MAX_KNOWN = 2048;

export class Trust {
  readonly #cis: readonly Certificate[];

  constructor(
    pki: PkiFolder,
    private readonly defects: Defects,
    private readonly now: () => Date,
  ) {
    this.#cis = pki.identities.filter((name) => name.startsWith('CI_')).map((name) => pki.certificate(name));
  }

  /**
   * Both certificates of a device, DER hex: signed by each other up to a CI, with the roles of EUM and eUICC, and
   * issued to that EID.
   */
  verdict(eumCertificate: string, euiccCertificate: string, eid: string): TrustVerdict {
    const eum = this.#parse(eumCertificate);
    const euicc = this.#parse(euiccCertificate);
    if (eum === undefined || euicc === undefined) return 'malformed';
    if (euicc.eid !== eid && !this.defects.has('certificate-eid-unchecked')) return 'eid';
    return this.#holds(eum, euicc) || this.defects.has('certificate-chain-unchecked') ? 'ok' : 'chain';
  }

  publicKey(euiccCertificate: string): KeyObject | undefined {
    return this.#parse(euiccCertificate)?.publicKey;
  }

  /** The EID that an eUICC certificate names. */
  eidOf(certificate: string): string | undefined {
    return this.#parse(certificate)?.eid;
  }

  #holds(eum: Certificate, euicc: Certificate): boolean {
    const ci = this.#cis.find((candidate) => candidate.skiHex === eum.akiHex);
    if (ci === undefined) return false;
    const findings = verifyEuiccChain({ ci, eum, euicc, at: this.now() });
    return findings.every((found) => found.kind === 'note');
  }

  #parse(der: string): Certificate | undefined {
    const before = known.get(der);
    if (before !== undefined) return before;
    try {
      const certificate = parseCertificate(unhex(der));
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(der, certificate);
      return certificate;
    } catch {
      return undefined;
    }
  }
}
