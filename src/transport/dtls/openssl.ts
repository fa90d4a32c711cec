/**
 * The OpenSSL that Node was built with, by foreign function calls. Only the child process calls it: a wrong pointer
 * ends the process.
 */
import { createRequire } from 'node:module';

export type Koffi = typeof import('koffi');
/** An address in this process; null is NULL. */
export type Pointer = bigint | null;

/** The functions in use; C types in {@link PROTOTYPES}. */
export interface OpenSsl {
  DTLS_client_method(): Pointer;
  DTLS_server_method(): Pointer;
  SSL_CTX_new(method: Pointer): Pointer;
  SSL_CTX_free(context: Pointer): void;
  SSL_CTX_ctrl(context: Pointer, command: number, number: number, data: Uint8Array | Pointer): number;
  SSL_CTX_set_options(context: Pointer, options: number): number;
  SSL_CTX_clear_options(context: Pointer, options: number): number;
  SSL_CTX_set_session_id_context(context: Pointer, name: Uint8Array, length: number): number;
  SSL_CTX_set_cipher_list(context: Pointer, list: string): number;
  SSL_CTX_get_ciphers(context: Pointer): Pointer;
  SSL_CTX_use_certificate(context: Pointer, certificate: Pointer): number;
  SSL_CTX_use_PrivateKey(context: Pointer, key: Pointer): number;
  SSL_CTX_check_private_key(context: Pointer): number;
  SSL_CTX_get_cert_store(context: Pointer): Pointer;
  SSL_CTX_get0_param(context: Pointer): Pointer;
  SSL_CTX_set_verify(context: Pointer, mode: number, callback: Pointer): void;
  SSL_CTX_set_cert_verify_callback(context: Pointer, callback: Pointer, argument: Pointer): void;
  SSL_CTX_set_keylog_callback(context: Pointer, callback: Pointer): void;
  SSL_CTX_set_cookie_generate_cb(context: Pointer, callback: Pointer): void;
  SSL_CTX_set_cookie_verify_cb(context: Pointer, callback: Pointer): void;
  SSL_CTX_set_psk_client_callback(context: Pointer, callback: Pointer): void;
  SSL_CTX_set_psk_server_callback(context: Pointer, callback: Pointer): void;
  SSL_CTX_use_psk_identity_hint(context: Pointer, hint: string): number;
  SSL_new(context: Pointer): Pointer;
  SSL_free(ssl: Pointer): void;
  SSL_ctrl(ssl: Pointer, command: number, number: number, data: Uint8Array | Pointer): number;
  SSL_set_options(ssl: Pointer, options: number): number;
  SSL_set_bio(ssl: Pointer, read: Pointer, write: Pointer): void;
  SSL_set_connect_state(ssl: Pointer): void;
  SSL_set_accept_state(ssl: Pointer): void;
  SSL_set1_host(ssl: Pointer, name: string): number;
  SSL_get0_param(ssl: Pointer): Pointer;
  SSL_do_handshake(ssl: Pointer): number;
  DTLSv1_listen(ssl: Pointer, peer: Pointer): number;
  SSL_read(ssl: Pointer, buffer: Uint8Array, length: number): number;
  SSL_write(ssl: Pointer, data: Uint8Array, length: number): number;
  SSL_shutdown(ssl: Pointer): number;
  SSL_get_error(ssl: Pointer, result: number): number;
  SSL_get_version(ssl: Pointer): string;
  SSL_get_current_cipher(ssl: Pointer): Pointer;
  SSL_get_pending_cipher(ssl: Pointer): Pointer;
  SSL_session_reused(ssl: Pointer): number;
  SSL_get1_session(ssl: Pointer): Pointer;
  SSL_set_session(ssl: Pointer, session: Pointer): number;
  SSL_SESSION_free(session: Pointer): void;
  SSL_get_servername(ssl: Pointer, type: number): string | null;
  SSL_CIPHER_get_name(cipher: Pointer): string;
  SSL_CIPHER_standard_name(cipher: Pointer): string | null;
  BIO_s_mem(): Pointer;
  BIO_new(method: Pointer): Pointer;
  BIO_free(bio: Pointer): number;
  BIO_read(bio: Pointer, buffer: Uint8Array, length: number): number;
  BIO_write(bio: Pointer, data: Uint8Array, length: number): number;
  BIO_ctrl(bio: Pointer, command: number, number: number, data: Pointer): number;
  BIO_ADDR_new(): Pointer;
  BIO_ADDR_free(address: Pointer): void;
  PEM_read_bio_X509(bio: Pointer, into: Pointer, callback: Pointer, passphrase: Uint8Array): Pointer;
  PEM_read_bio_PrivateKey(bio: Pointer, into: Pointer, callback: Pointer, passphrase: Uint8Array): Pointer;
  EVP_PKEY_free(key: Pointer): void;
  X509_free(certificate: Pointer): void;
  i2d_X509_bio(bio: Pointer, certificate: Pointer): number;
  X509_STORE_add_cert(store: Pointer, certificate: Pointer): number;
  X509_STORE_CTX_get0_cert(context: Pointer): Pointer;
  X509_STORE_CTX_get0_untrusted(context: Pointer): Pointer;
  X509_STORE_CTX_get_error(context: Pointer): number;
  X509_STORE_CTX_set_error(context: Pointer, error: number): void;
  X509_VERIFY_PARAM_set_flags(parameters: Pointer, flags: number): number;
  X509_VERIFY_PARAM_set_auth_level(parameters: Pointer, level: number): void;
  X509_VERIFY_PARAM_set1_ip_asc(parameters: Pointer, address: string): number;
  X509_verify_cert(context: Pointer): number;
  X509_verify_cert_error_string(error: number): string;
  OPENSSL_sk_num(stack: Pointer): number;
  OPENSSL_sk_value(stack: Pointer, index: number): Pointer;
  OBJ_nid2sn(nid: number): string | null;
  ERR_get_error(): number | bigint;
  ERR_clear_error(): void;
  ERR_reason_error_string(error: number | bigint): string | null;
}

const PROTOTYPES: Readonly<Record<keyof OpenSsl, string>> = {
  DTLS_client_method: 'void *()',
  DTLS_server_method: 'void *()',
  SSL_CTX_new: 'void *(void *)',
  SSL_CTX_free: 'void (void *)',
  SSL_CTX_ctrl: 'long (void *, int, long, void *)',
  SSL_CTX_set_options: 'uint64_t (void *, uint64_t)',
  SSL_CTX_clear_options: 'uint64_t (void *, uint64_t)',
  SSL_CTX_set_session_id_context: 'int (void *, const void *, unsigned int)',
  SSL_CTX_set_cipher_list: 'int (void *, const char *)',
  SSL_CTX_get_ciphers: 'void *(void *)',
  SSL_CTX_use_certificate: 'int (void *, void *)',
  SSL_CTX_use_PrivateKey: 'int (void *, void *)',
  SSL_CTX_check_private_key: 'int (void *)',
  SSL_CTX_get_cert_store: 'void *(void *)',
  SSL_CTX_get0_param: 'void *(void *)',
  SSL_CTX_set_verify: 'void (void *, int, void *)',
  SSL_CTX_set_cert_verify_callback: 'void (void *, void *, void *)',
  SSL_CTX_set_keylog_callback: 'void (void *, void *)',
  SSL_CTX_set_cookie_generate_cb: 'void (void *, void *)',
  SSL_CTX_set_cookie_verify_cb: 'void (void *, void *)',
  SSL_CTX_set_psk_client_callback: 'void (void *, void *)',
  SSL_CTX_set_psk_server_callback: 'void (void *, void *)',
  SSL_CTX_use_psk_identity_hint: 'int (void *, const char *)',
  SSL_new: 'void *(void *)',
  SSL_free: 'void (void *)',
  SSL_ctrl: 'long (void *, int, long, void *)',
  SSL_set_options: 'uint64_t (void *, uint64_t)',
  SSL_set_bio: 'void (void *, void *, void *)',
  SSL_set_connect_state: 'void (void *)',
  SSL_set_accept_state: 'void (void *)',
  SSL_set1_host: 'int (void *, const char *)',
  SSL_get0_param: 'void *(void *)',
  SSL_do_handshake: 'int (void *)',
  DTLSv1_listen: 'int (void *, void *)',
  SSL_read: 'int (void *, void *, int)',
  SSL_write: 'int (void *, const void *, int)',
  SSL_shutdown: 'int (void *)',
  SSL_get_error: 'int (void *, int)',
  SSL_get_version: 'const char *(void *)',
  SSL_get_current_cipher: 'void *(void *)',
  SSL_get_pending_cipher: 'void *(void *)',
  SSL_session_reused: 'int (void *)',
  SSL_get1_session: 'void *(void *)',
  SSL_set_session: 'int (void *, void *)',
  SSL_SESSION_free: 'void (void *)',
  SSL_get_servername: 'const char *(void *, int)',
  SSL_CIPHER_get_name: 'const char *(void *)',
  SSL_CIPHER_standard_name: 'const char *(void *)',
  BIO_s_mem: 'void *()',
  BIO_new: 'void *(void *)',
  BIO_free: 'int (void *)',
  BIO_read: 'int (void *, void *, int)',
  BIO_write: 'int (void *, const void *, int)',
  BIO_ctrl: 'long (void *, int, long, void *)',
  BIO_ADDR_new: 'void *()',
  BIO_ADDR_free: 'void (void *)',
  PEM_read_bio_X509: 'void *(void *, void *, void *, void *)',
  PEM_read_bio_PrivateKey: 'void *(void *, void *, void *, void *)',
  EVP_PKEY_free: 'void (void *)',
  X509_free: 'void (void *)',
  i2d_X509_bio: 'int (void *, void *)',
  X509_STORE_add_cert: 'int (void *, void *)',
  X509_STORE_CTX_get0_cert: 'void *(void *)',
  X509_STORE_CTX_get0_untrusted: 'void *(void *)',
  X509_STORE_CTX_get_error: 'int (void *)',
  X509_STORE_CTX_set_error: 'void (void *, int)',
  X509_VERIFY_PARAM_set_flags: 'int (void *, unsigned long)',
  X509_VERIFY_PARAM_set_auth_level: 'void (void *, int)',
  X509_VERIFY_PARAM_set1_ip_asc: 'int (void *, const char *)',
  X509_verify_cert: 'int (void *)',
  X509_verify_cert_error_string: 'const char *(long)',
  OPENSSL_sk_num: 'int (void *)',
  OPENSSL_sk_value: 'void *(void *, int)',
  OBJ_nid2sn: 'const char *(int)',
  ERR_get_error: 'unsigned long ()',
  ERR_clear_error: 'void ()',
  ERR_reason_error_string: 'const char *(unsigned long)',
};

/** Node's own first; some distributions build Node without one inside. */
const LIBRARIES = [null, 'libssl.so.3', 'libssl.3.dylib'] as const;

export interface Loaded {
  readonly koffi: Koffi;
  readonly ssl: OpenSsl;
}

/**
 * Looks the functions up; calls none.
 * @throws {Error} with a line for each library that was tried.
 */
export function loadOpenSsl(): Loaded {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const reasons: string[] = [];
  for (const library of LIBRARIES) {
    try {
      const native = koffi.load(library);
      const entries = Object.entries(PROTOTYPES).map(([name, prototype]) => [
        name,
        native.func(prototype.replace('(', `${name}(`)) as unknown,
      ]);
      return { koffi, ssl: Object.fromEntries(entries) as OpenSsl };
    } catch (error) {
      reasons.push(`${library ?? 'node'}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}

/** A C string. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}
