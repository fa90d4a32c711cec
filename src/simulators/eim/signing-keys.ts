/** The keys with which the eIM signs its packages: identities of the PKI folder. They never leave it. */
import type { KeyObject } from 'node:crypto';
import { curveSuffix, type Identity, type PkiFolder } from '../../protocol/pki/folder.js';
import { hex } from '../tlv/writer.js';

export class SigningKeys {
  readonly #own: Identity;

  /** @throws {Sgp33Error} `pki-missing` and the like, when there is no identity of that name. */
  constructor(
    private readonly pki: PkiFolder,
    readonly name: string,
  ) {
    this.#own = pki.identity(name);
  }

  /** SubjectPublicKeyInfo of the eIM's own key, DER hex. */
  get spki(): string {
    return hex(this.#own.certificate.spki);
  }

  /** @param name of an identity; undefined: the eIM's own. */
  privateKey(name: string | undefined): KeyObject {
    return name === undefined ? this.#own.privateKey : this.pki.identity(name).privateKey;
  }

  /** A key that no eUICC knows as the eIM's. */
  foreignKey(): KeyObject {
    const other = this.pki.identities.find(
      (name) => name.startsWith('S_EIMsign') && name !== this.name && this.pki.has(name),
    );
    return other === undefined ? this.#own.privateKey : this.pki.privateKey(other);
  }

  /** subjectKeyIdentifier of the CI on whose curve the eIM signs: the eUICC shall sign with its key of that CI. */
  get ciPkId(): string | undefined {
    const ci = `CI_ECDSA_${curveSuffix(this.#own.certificate.curve)}`;
    return this.pki.has(ci) ? this.pki.certificate(ci).skiHex : undefined;
  }

  /** Name of the signing identity with that public key, DER hex; undefined when the eIM does not own it. */
  identityOf(spki: string): string | undefined {
    return this.pki.identities.find((name) => {
      try {
        return hex(this.pki.certificate(name).spki) === spki && this.pki.identity(name).name === name;
      } catch {
        return false;
      }
    });
  }
}
