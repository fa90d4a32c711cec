/** How the child process judges the certificates of a peer, in the middle of the handshake. */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { HostTrust } from './host-protocol.js';
import type { OpenSsl, Pointer } from './openssl.js';

const X509_V_OK = 0;
const X509_V_ERR_UNSPECIFIED = 1;
/** Its alert is bad_certificate. */
const X509_V_ERR_CERT_REJECTED = 28;
/** Bytes of one certificate; a TLS message cannot hold more. */
const MAX_CERTIFICATE = 0x100_0000;

/** What became of the certificates that a peer sent. */
export class PeerCertificates {
  /** DER, leaf first. */
  readonly chain: Uint8Array[] = [];
  /** Why they were refused. */
  refusal: string | undefined;
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
      case 'spki':
        return this.#refuseUnless(this.#hasKey(this.#trust.pinned), 'its public key is not the pinned one');
      case 'certificate':
        return this.#refuseUnless(
          Buffer.from(this.#trust.pinned).equals(this.chain[0] ?? new Uint8Array()),
          'it is not the pinned certificate',
        );
      case 'nothing':
        return this.#refuseUnless(false, 'no certificate is trusted here');
    }
  }

  #verifyChain(storeContext: Pointer): number {
    const ssl = this.#ssl;
    if (ssl.X509_verify_cert(storeContext) === 1) return X509_V_OK;
    const error = ssl.X509_STORE_CTX_get_error(storeContext) || X509_V_ERR_UNSPECIFIED;
    this.refusal = ssl.X509_verify_cert_error_string(error);
    return error;
  }

  #refuseUnless(holds: boolean, reason: string): number {
    if (holds) return X509_V_OK;
    this.refusal = reason;
    return X509_V_ERR_CERT_REJECTED;
  }

  #hasKey(spki: Uint8Array): boolean {
    const [leaf] = this.chain;
    try {
      return leaf !== undefined && keyOf(spki).equals(new X509Certificate(leaf).publicKey);
    } catch {
      // A key that cannot be read is not the pinned one.
      return false;
    }
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

function keyOf(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
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
