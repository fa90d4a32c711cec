/** The certificates that a listener shows: CERT.EIM.TLS as SGP.26 profiles it, and what is wrong with it on purpose. */
import { createHash, type KeyObject } from 'node:crypto';
import { topLevel } from '../../src/protocol/asn1/tlv.js';
import { generateEcKeyPair, pointOf, spkiOf } from '../../src/protocol/crypto/ecdsa.js';
import type { Certificate } from '../../src/protocol/pki/certificate.js';
import { parseCertificate } from '../../src/protocol/pki/certificate.js';
import type { Identity, PkiFolder } from '../../src/protocol/pki/folder.js';
import {
  akiExtension,
  altNameExtension,
  caExtension,
  extendedKeyUsageExtension,
  issueCertificate,
  keyUsageExtension,
  skiExtension,
  type NameAttribute,
} from '../../src/protocol/pki/issue.js';
import { OID } from '../../src/protocol/pki/oids.js';
import { certificatePem } from '../../src/protocol/pki/pem.js';
import type { ServerCertificate, TrustKind } from '../ipad-contract.js';

/** What a server proves itself with. */
export interface ServerIdentity {
  /** PEM, the leaf first. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** DER of the leaf. */
  readonly leaf: Uint8Array;
  readonly brainpool: boolean;
}

interface Authority {
  readonly name: readonly NameAttribute[] | Uint8Array;
  readonly key: KeyObject;
}

interface Leaf {
  readonly key?: KeyObject;
  readonly issuer?: Authority;
  readonly names?: readonly string[];
  readonly from?: Date;
  readonly until?: Date;
  readonly purposes?: readonly string[];
  readonly selfSigned?: boolean;
}

const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;
/** As the test PKI; nothing here depends on the day on which it is made. */
const FROM = new Date('2024-01-01T00:00:00Z');
const UNTIL = new Date('2055-01-01T00:00:00Z');
const LONG_AGO = new Date('2024-06-01T00:00:00Z');
const FAR_AHEAD = new Date('2054-01-01T00:00:00Z');
/** RFC 5280: ub-common-name. */
const MAX_CN = 64;
const OTHER_NAME = 'not-this-eim.example.com';

/** Listeners of one name show the same: a run opens many, and to issue certificates takes longer than to listen. */
const made = new WeakMap<PkiFolder, Map<string, ServerCertificates>>();

/** @throws {Sgp33Error} those of the PKI folder. */
export function serverCertificates(pki: PkiFolder, identity: string, serverName: string): ServerCertificates {
  const known = made.get(pki) ?? new Map<string, ServerCertificates>();
  made.set(pki, known);
  const key = `${identity} ${serverName}`;
  const certificates = known.get(key) ?? new ServerCertificates(pki, identity, serverName);
  known.set(key, certificates);
  return certificates;
}

/**
 * All certificates of one listener. Those under an authority of the folder are the same in every run; only the CA that
 * nobody trusts and the other key are new each time.
 */
export class ServerCertificates {
  readonly #pki: PkiFolder;
  readonly #identity: string;
  readonly #serverName: string;
  readonly #made = new Map<ServerCertificate, ServerIdentity>();
  readonly #intermediate: Identity;

  /** @throws {Sgp33Error} those of the PKI folder. */
  constructor(pki: PkiFolder, identity: string, serverName: string) {
    this.#pki = pki;
    this.#identity = identity;
    this.#serverName = serverName;
    this.#intermediate = intermediateCa(pki);
    this.get('good');
  }

  /** @throws {Sgp33Error} those of the PKI folder. */
  get(certificate: ServerCertificate): ServerIdentity {
    const known = this.#made.get(certificate);
    if (known !== undefined) return known;
    const made = this.#make(certificate);
    this.#made.set(certificate, made);
    return made;
  }

  /** As {@link EsipaListener.trustAnchor}. */
  trustAnchor(kind: TrustKind): Uint8Array {
    switch (kind) {
      case 'public-key':
        return Uint8Array.from(spkiOf(this.#pki.privateKey(this.#identity)));
      case 'certificate':
        return Uint8Array.from(this.get('good').leaf);
      case 'ca':
        return Uint8Array.from(this.#pki.certificate('CI_ECDSA_NIST').der);
      case 'intermediate-ca':
        return Uint8Array.from(this.#intermediate.certificate.der);
    }
  }

  #make(certificate: ServerCertificate): ServerIdentity {
    switch (certificate) {
      case 'good':
        return this.#good();
      case 'brainpool':
        return this.#brainpool();
      case 'intermediate': {
        const { certificate: ca, privateKey } = this.#intermediate;
        return this.#issue('intermediate', { issuer: { name: subjectOf(ca), key: privateKey } }, ca);
      }
      case 'bad-signature':
        return this.#badSignature();
      case 'expired':
        return this.#issue('expired', { until: LONG_AGO });
      case 'not-yet-valid':
        return this.#issue('not-yet-valid', { from: FAR_AHEAD });
      case 'unknown-ca':
        return this.#issue('unknown-ca', {
          issuer: { name: [['CN', 'SGP33 Unknown CA']], key: generateEcKeyPair('P-256').privateKey },
        });
      case 'other-key':
        return this.#issue('other-key', { key: generateEcKeyPair('P-256').privateKey });
      case 'other-name':
        return this.#issue('other-name', { names: [OTHER_NAME] });
      case 'no-server-auth':
        return this.#issue('no-server-auth', { purposes: [OID.clientAuth] });
      case 'self-signed':
        return this.#issue('self-signed', { selfSigned: true });
    }
  }

  /** What the folder has, where it is for that name. */
  #good(): ServerIdentity {
    const { certificate, privateKey } = this.#pki.identity(this.#identity);
    if (certificate.subjectAltName.dns.includes(this.#serverName))
      return identityOf(certificate.der, privateKey, []);
    return this.#issue('good', {});
  }

  #brainpool(): ServerIdentity {
    const own = `${this.#identity}_BRP`;
    const { certificate, privateKey } = this.#pki.identity(this.#pki.has(own) ? own : 'EIM_TLS_BRP');
    if (certificate.subjectAltName.dns.includes(this.#serverName))
      return identityOf(certificate.der, privateKey, []);
    const ci = this.#pki.identity('CI_ECDSA_BRP');
    const issuer = { name: subjectOf(ci.certificate), key: ci.privateKey };
    return this.#issue('brainpool', { key: privateKey, issuer });
  }

  /** One bit of `s`: the form of the signature stays. */
  #badSignature(): ServerIdentity {
    const { leaf } = this.#issue('bad-signature', {});
    const der = Uint8Array.from(leaf);
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 0x01;
    return identityOf(der, this.#pki.privateKey(this.#identity), []);
  }

  #ci(): Authority {
    const { certificate, privateKey } = this.#pki.identity('CI_ECDSA_NIST');
    return { name: subjectOf(certificate), key: privateKey };
  }

  #issue(what: ServerCertificate, leaf: Leaf, ...above: readonly Certificate[]): ServerIdentity {
    const key = leaf.key ?? this.#pki.privateKey(this.#identity);
    const names = leaf.names ?? [this.#serverName, 'localhost'];
    const subject: NameAttribute[] = [
      ['C', 'ZZ'],
      ['CN', (names[0] ?? '').slice(0, MAX_CN)],
    ];
    const issuer = leaf.selfSigned === true ? { name: subject, key } : (leaf.issuer ?? this.#ci());
    const der = issueCertificate(
      {
        subject,
        issuer: issuer.name,
        serial: serialOf(`${this.#identity} ${this.#serverName} ${what}`),
        notBefore: leaf.from ?? FROM,
        notAfter: leaf.until ?? UNTIL,
        subjectKey: key,
        extensions: [
          akiExtension(keyIdentifier(issuer.key)),
          keyUsageExtension(DIGITAL_SIGNATURE),
          extendedKeyUsageExtension(...(leaf.purposes ?? [OID.serverAuth, OID.clientAuth])),
          altNameExtension({ dns: names, rid: ['2.999.20'] }),
        ],
      },
      issuer.key,
      { repeatable: true },
    );
    return identityOf(
      der,
      key,
      above.map((one) => one.der),
    );
  }
}

/** The folder's, or one that lives as long as the listener. */
function intermediateCa(pki: PkiFolder): Identity {
  if (pki.has('EIM_CA_ECDSA_NIST')) return pki.identity('EIM_CA_ECDSA_NIST');
  const ci = pki.identity('CI_ECDSA_NIST');
  const { privateKey } = generateEcKeyPair('P-256');
  const der = issueCertificate(
    {
      subject: [['CN', 'SGP33 eIM CA']],
      issuer: subjectOf(ci.certificate),
      serial: serialOf('eIM CA'),
      notBefore: FROM,
      notAfter: UNTIL,
      subjectKey: privateKey,
      extensions: [
        akiExtension(keyIdentifier(ci.privateKey)),
        skiExtension(keyIdentifier(privateKey)),
        keyUsageExtension(KEY_CERT_SIGN, CRL_SIGN),
        caExtension(0),
      ],
    },
    ci.privateKey,
  );
  return { name: 'EIM_CA', certificate: parseCertificate(der), privateKey };
}

const identityOf = (der: Uint8Array, key: KeyObject, above: readonly Uint8Array[]): ServerIdentity => ({
  certificate: [der, ...above].map(certificatePem).join(''),
  privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  leaf: der,
  brainpool: key.asymmetricKeyDetails?.namedCurve === 'brainpoolP256r1',
});

/** DER of the subject: the sixth field of a v3 TBSCertificate (RFC 5280 4.1). */
function subjectOf({ tbs }: Certificate): Uint8Array {
  const [outer] = topLevel(tbs);
  return topLevel(outer?.content ?? tbs)[5]?.raw ?? tbs;
}

/** SHA-1 of the public key's bits (RFC 5280 4.2.1.2, method 1). */
const keyIdentifier = (key: KeyObject): Uint8Array => createHash('sha1').update(pointOf(key)).digest();

function serialOf(text: string): Uint8Array {
  const serial = createHash('sha256').update(text).digest().subarray(0, 8);
  // Positive, and no leading zero.
  serial[0] = 0x10 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}
