/** How the child process judges the certificates of a peer, in the middle of the handshake. */
import { judgeCertificate, type CertificateFault } from '../tls/judge-certificate.js';
import type { HostTrust } from './host-protocol.js';
import type { OpenSsl, Pointer } from './openssl.js';

const X509_V_OK = 0;
const X509_V_ERR_UNSPECIFIED = 1;
/** Its alert is bad_certificate. */
const X509_V_ERR_CERT_REJECTED = 28;
/** What OpenSSL makes an alert of, as it does for a chain that it judges itself. */
const ERROR_ABOUT: Readonly<Record<CertificateFault['about'], number>> = {
  anchor: X509_V_ERR_CERT_REJECTED,
  // X509_V_ERR_CERT_HAS_EXPIRED
  validity: 10,
  // X509_V_ERR_INVALID_PURPOSE
  purpose: 26,
  // X509_V_ERR_HOSTNAME_MISMATCH
  name: 62,
};
/** Bytes of one certificate; a TLS message cannot hold more. */
const MAX_CERTIFICATE = 0x100_0000;

/** Why a certificate was refused. */
interface Refusal {
  readonly expected?: string;
  readonly actual: string;
}

/** What became of the certificates that a peer sent. */
export class PeerCertificates {
  /** DER, leaf first. */
  readonly chain: Uint8Array[] = [];
  refusal: Refusal | undefined;
  readonly #ssl: OpenSsl;
  readonly #trust: HostTrust;

  constructor(ssl: OpenSsl, trust: HostTrust) {
    this.#ssl = ssl;
    this.#trust = trust;
  }

  /** OpenSSL's call for a verdict: 0, or a number of X509_V_ERR_*. */
  verify(storeContext: Pointer): number {
    this.#read(storeContext);
    switch (this.#trust.kind) {
      case 'all':
        return X509_V_OK;
      case 'ca':
        return this.#verifyChain(storeContext);
      case 'pinned': {
        const fault = judgeCertificate(this.chain, this.#trust.trust, this.#trust.name);
        return fault === undefined ? X509_V_OK : this.#refuse(fault, ERROR_ABOUT[fault.about]);
      }
      case 'nothing':
        return this.#refuse({ actual: 'no certificate is trusted here' }, X509_V_ERR_CERT_REJECTED);
    }
  }

  #verifyChain(storeContext: Pointer): number {
    const ssl = this.#ssl;
    if (ssl.X509_verify_cert(storeContext) === 1) return X509_V_OK;
    const error = ssl.X509_STORE_CTX_get_error(storeContext) || X509_V_ERR_UNSPECIFIED;
    return this.#refuse({ actual: ssl.X509_verify_cert_error_string(error) }, error);
  }

  #refuse({ expected, actual }: Refusal, error: number): number {
    this.refusal = expected === undefined ? { actual } : { expected, actual };
    return error;
  }

  #read(storeContext: Pointer): void {
    const ssl = this.#ssl;
    const leaf = ssl.X509_STORE_CTX_get0_cert(storeContext);
    const sent = ssl.X509_STORE_CTX_get0_untrusted(storeContext);
    const pointers = [leaf];
    for (let index = 0; sent !== null && index < ssl.OPENSSL_sk_num(sent); index++) {
      const certificate = ssl.OPENSSL_sk_value(sent, index);
      // A client's list holds the leaf once more.
      if (certificate !== leaf) pointers.push(certificate);
    }
    this.chain.splice(0, this.chain.length, ...pointers.map((pointer) => derOf(ssl, pointer)));
  }
}

function derOf(ssl: OpenSsl, certificate: Pointer): Uint8Array {
  const bio = ssl.BIO_new(ssl.BIO_s_mem());
  try {
    ssl.i2d_X509_bio(bio, certificate);
    const length = Math.min(ssl.BIO_ctrl(bio, BIO_CTRL_PENDING, 0, null), MAX_CERTIFICATE);
    const der = new Uint8Array(length);
    ssl.BIO_read(bio, der, length);
    return der;
  } finally {
    ssl.BIO_free(bio);
  }
}

const BIO_CTRL_PENDING = 10;
