/** TLS of an eIM: versions, suites, curves and the certificate (SGP.32 2.6.3.2). */
import { constants, randomBytes, type KeyObject } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { curveOf, privateKeyFromPem, spkiOf } from '../../../protocol/crypto/ecdsa.js';
import { Sgp33Error } from '../../../protocol/errors.js';
import { parseCertificateFile, type Certificate } from '../../../protocol/pki/certificate.js';
import type { PkiFolder } from '../../../protocol/pki/folder.js';
import { certificatePem } from '../../../protocol/pki/pem.js';
import { sniCallback } from './sni-certificates.js';
import { rsaIdentity, wrongIdentity } from './wrong-identity.js';
import type { ServeDefects } from './defects.js';
import type { ServeEimOptions } from './options.js';

/** What the server proves itself with. PEM. */
export interface ServerIdentity {
  readonly certificate: string;
  readonly privateKey: string;
  /** The leaf. */
  readonly parsed: Certificate;
}

const SUITES_1_3 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'];
const GCM = 'ECDHE-ECDSA-AES128-GCM-SHA256';
const CBC = 'ECDHE-ECDSA-AES128-SHA256';

/**
 * The identity that the options name.
 * @throws {Sgp33Error} those of the PKI folder, `certificate-malformed`, `key-malformed`, `pki-mismatch`.
 */
export function serverIdentity(options: ServeEimOptions, pki: PkiFolder): ServerIdentity {
  if (options.tls !== undefined) {
    const { certificate, privateKey } = options.tls;
    const key = privateKeyFromPem(privateKey, 'tls.privateKey');
    const parsed = parseCertificateFile(Buffer.from(certificate), 'tls.certificate');
    if (!Buffer.from(spkiOf(key)).equals(parsed.spki))
      throw new Sgp33Error('pki-mismatch', 'the key is not the one of the certificate', {
        place: 'tls.privateKey',
        repair: 'Take both from the same set; the certificate of the eIM stands before its CA.',
      });
    return { certificate, privateKey, parsed };
  }
  const { certificate, privateKey } = pki.identity(options.tlsIdentity ?? 'EIM_TLS');
  return identityOf(certificate, privateKey);
}

export const identityOf = (certificate: Certificate, privateKey: KeyObject): ServerIdentity => ({
  certificate: certificatePem(certificate.der),
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  parsed: certificate,
});

/** @param defects those of TLS are consulted here, in `wrongIdentity` and in `sniCallback`. */
export function tlsSettings(identity: ServerIdentity, pki: PkiFolder, defects: ServeDefects): TlsOptions {
  const shown = wrongIdentity(identity, pki, defects);
  const brainpool = curveOf(privateKeyFromPem(shown.privateKey)) === 'brainpoolP256r1';
  const old = defects.has('tls-1-1-accepted');
  const rsa = defects.has('rsa-key-exchange') ? rsaIdentity(identity, pki) : undefined;
  const settings: TlsOptions = {
    cert: rsa === undefined ? shown.certificate : [shown.certificate, rsa.certificate],
    key: rsa === undefined ? shown.privateKey : [shown.privateKey, rsa.privateKey],
    minVersion: old ? 'TLSv1' : defects.has('tls-1-2-refused') ? 'TLSv1.3' : 'TLSv1.2',
    // TLS 1.3 has no signatures with a key on brainpoolP256r1 in the OpenSSL of Node 20 (RFC 8734).
    maxVersion: brainpool ? 'TLSv1.2' : 'TLSv1.3',
    ciphers: suitesFor(old, rsa !== undefined, defects).join(':'),
    honorCipherOrder: true,
    ecdhCurve: curvesFor(brainpool, defects),
    // TLS 1.1 signs with SHA-1.
    ...(defects.has('any-signature-algorithm')
      ? {}
      : {
          sigalgs: ['ECDSA+SHA256', ...(old ? ['ECDSA+SHA1'] : []), ...(rsa ? ['RSA+SHA256'] : [])].join(':'),
        }),
    // Every session has a key exchange of its own: no tickets, and node keeps no sessions by itself.
    ...(defects.has('session-resumed')
      ? { ticketKeys: randomBytes(48) }
      : { secureOptions: constants.SSL_OP_NO_TICKET }),
    requestCert: defects.has('client-certificate-requested'),
    rejectUnauthorized: false,
  };
  return { ...settings, ...sniCallback(shown, pki, defects, settings) };
}

function suitesFor(old: boolean, rsa: boolean, defects: ServeDefects): string[] {
  return [
    ...(defects.has('tls-1-3-aes-256-only') ? ['TLS_AES_256_GCM_SHA384'] : SUITES_1_3),
    GCM,
    ...(defects.has('cbc-suite-refused') ? [] : [CBC]),
    ...(rsa ? ['AES128-GCM-SHA256', 'AES128-SHA256'] : []),
    // TLS 1.1 has none of these suites, and OpenSSL refuses it above security level 0.
    ...(old ? ['ECDHE-ECDSA-AES128-SHA', '@SECLEVEL=0'] : []),
  ];
}

function curvesFor(brainpool: boolean, defects: ServeDefects): string {
  if (defects.has('any-curve')) return 'auto';
  return brainpool ? 'brainpoolP256r1:prime256v1' : 'prime256v1';
}
