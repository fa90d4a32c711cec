/** An SSL_CTX: what all sessions of one endpoint share. */
import { HostFailure } from './host-error.js';
import type { HostClientOptions, HostOptions, HostServerOptions } from './host-protocol.js';
import { cString, type Loaded, type OpenSsl, type Pointer } from './openssl.js';
import type { Callbacks } from './openssl-callbacks.js';
import { queuedErrors } from './openssl-errors.js';

export interface OpenSslHost extends Loaded {
  readonly callbacks: Callbacks;
}

const CTRL = {
  mode: 33,
  setSessionCacheMode: 44,
  setMaxCertList: 51,
  addChainCertificate: 89,
  setGroupsList: 92,
  setSignatureAlgorithmsList: 98,
  setMinimum: 123,
  setMaximum: 124,
} as const;
const VERSION = { DTLSv1: 0xfeff, 'DTLSv1.2': 0xfefd } as const;
const OPTION = { cookieExchange: 0x2000, noTicket: 0x4000, noRenegotiation: 0x4000_0000 } as const;
/** The chain goes out as it was given, without what the trust store could add; idle sessions hold no buffers. */
const MODE = { noAutoChain: 0x8, releaseBuffers: 0x10 } as const;
const SESSION_CACHE_SERVER = 2;
const VERIFY_PEER = 1;
const X509_V_FLAG_PARTIAL_CHAIN = 0x80000;
const X509_V_FLAG_NO_CHECK_TIME = 0x200000;
/** Bytes of a certificate list that a server takes: bounds what a stranger can make OpenSSL buffer. */
const SERVER_MAX_CERT_LIST = 32_768;

/** @throws {HostFailure} `dtls-configuration`. */
export function clientContext(host: OpenSslHost, options: HostClientOptions): Pointer {
  const { ssl, callbacks } = host;
  return build(host, ssl.DTLS_client_method(), options, (context) => {
    setVersions(ssl, context, options.versions);
    const { trust, signatureAlgorithms } = options;
    if (trust.kind === 'ca') trustAll(ssl, context, trust.certificates);
    if (options.withoutClock)
      ssl.X509_VERIFY_PARAM_set_flags(ssl.SSL_CTX_get0_param(context), X509_V_FLAG_NO_CHECK_TIME);
    if (signatureAlgorithms.length > 0) {
      const list = signatureAlgorithms.join(':');
      check(
        ssl,
        ssl.SSL_CTX_ctrl(context, CTRL.setSignatureAlgorithmsList, 0, cString(list)),
        'No such signature algorithm',
        list,
      );
    }
    ssl.SSL_CTX_set_verify(context, VERIFY_PEER, null);
    ssl.SSL_CTX_set_cert_verify_callback(context, callbacks.verify, null);
    if (options.psk !== undefined) ssl.SSL_CTX_set_psk_client_callback(context, callbacks.pskClient);
  });
}

/** @throws {HostFailure} `dtls-configuration`. */
export function serverContext(host: OpenSslHost, options: HostServerOptions): Pointer {
  const { ssl, callbacks } = host;
  return build(host, ssl.DTLS_server_method(), options, (context) => {
    setVersions(ssl, context, options.versions);
    if (options.resumption) resumeSessions(ssl, context);
    ssl.SSL_CTX_ctrl(context, CTRL.setMaxCertList, SERVER_MAX_CERT_LIST, null);
    if (options.cookies !== false) {
      ssl.SSL_CTX_set_options(context, OPTION.cookieExchange);
      ssl.SSL_CTX_set_cookie_generate_cb(context, callbacks.cookieGenerate);
      ssl.SSL_CTX_set_cookie_verify_cb(context, callbacks.cookieVerify);
    }
    if (options.requestCertificate) {
      ssl.SSL_CTX_set_verify(context, VERIFY_PEER, null);
      ssl.SSL_CTX_set_cert_verify_callback(context, callbacks.verify, null);
    }
    if (options.psks.size > 0) ssl.SSL_CTX_set_psk_server_callback(context, callbacks.pskServer);
    if (options.pskHint !== undefined) {
      check(ssl, ssl.SSL_CTX_use_psk_identity_hint(context, options.pskHint), 'The PSK hint is too long');
    }
  });
}

/** What `build` left out. The name keeps sessions of a server that asks for certificates apart from others. */
function resumeSessions(ssl: OpenSsl, context: Pointer): void {
  ssl.SSL_CTX_ctrl(context, CTRL.setSessionCacheMode, SESSION_CACHE_SERVER, null);
  ssl.SSL_CTX_clear_options(context, OPTION.noTicket);
  const name = cString('sgp33');
  ssl.SSL_CTX_set_session_id_context(context, name, name.length);
}

function build(
  { ssl, callbacks }: OpenSslHost,
  method: Pointer,
  options: HostOptions,
  role: (context: Pointer) => void,
): Pointer {
  ssl.ERR_clear_error();
  const context = ssl.SSL_CTX_new(method);
  if (context === null) throw misconfigured(ssl, 'OpenSSL made no context');
  try {
    // Every handshake is a full one: what it shows is then always there.
    ssl.SSL_CTX_ctrl(context, CTRL.setSessionCacheMode, 0, null);
    ssl.SSL_CTX_set_options(context, OPTION.noTicket | OPTION.noRenegotiation);
    ssl.SSL_CTX_ctrl(context, CTRL.mode, MODE.noAutoChain | MODE.releaseBuffers, null);
    setCiphers(ssl, context, options.ciphers);
    const groups = options.groups.join(':');
    check(ssl, ssl.SSL_CTX_ctrl(context, CTRL.setGroupsList, 0, cString(groups)), 'No such group', groups);
    if (options.identity !== undefined) {
      useIdentity(ssl, context, options.identity.certificates, options.identity.privateKey);
    }
    if (options.keyLog) ssl.SSL_CTX_set_keylog_callback(context, callbacks.keyLog);
    role(context);
    return context;
  } catch (error) {
    ssl.SSL_CTX_free(context);
    throw error;
  }
}

function setVersions(ssl: OpenSsl, context: Pointer, names: HostClientOptions['versions']): void {
  const versions = names.map((name) => VERSION[name]);
  // DTLS counts its versions down.
  ssl.SSL_CTX_ctrl(context, CTRL.setMinimum, Math.max(...versions), null);
  ssl.SSL_CTX_ctrl(context, CTRL.setMaximum, Math.min(...versions), null);
}

/** OpenSSL passes over names that it does not know; here they are an error. */
function setCiphers(ssl: OpenSsl, context: Pointer, ciphers: readonly string[]): void {
  const known = (suiteNames ??= readSuiteNames(ssl, context));
  const names = ciphers.map((cipher) => {
    const name = known.get(cipher);
    if (name === undefined) throw misconfigured(ssl, 'No such cipher suite', cipher);
    return name;
  });
  // Level 1 refuses DTLS 1.0, and newer versions of OpenSSL refuse CCM_8 with it, which CoAP wants.
  const list = `${names.join(':')}:@SECLEVEL=0`;
  check(ssl, ssl.SSL_CTX_set_cipher_list(context, list), 'No usable cipher suite', list);
  // The level is for suites and versions; certificates are judged as by default.
  ssl.X509_VERIFY_PARAM_set_auth_level(ssl.SSL_CTX_get0_param(context), 1);
}

/** OpenSSL's names by themselves and by IANA's. */
let suiteNames: ReadonlyMap<string, string> | undefined;

function readSuiteNames(ssl: OpenSsl, context: Pointer): Map<string, string> {
  ssl.SSL_CTX_set_cipher_list(context, 'ALL:COMPLEMENTOFALL:@SECLEVEL=0');
  const names = new Map<string, string>();
  const stack = ssl.SSL_CTX_get_ciphers(context);
  for (let index = 0; index < ssl.OPENSSL_sk_num(stack); index++) {
    const cipher = ssl.OPENSSL_sk_value(stack, index);
    const name = ssl.SSL_CIPHER_get_name(cipher);
    names.set(name, name);
    names.set(ssl.SSL_CIPHER_standard_name(cipher) ?? name, name);
  }
  return names;
}

function useIdentity(ssl: OpenSsl, context: Pointer, certificates: readonly string[], key: string): void {
  certificates.forEach((pem, index) => {
    withCertificate(ssl, pem, (certificate) => {
      const result =
        index === 0
          ? ssl.SSL_CTX_use_certificate(context, certificate)
          : // 1: OpenSSL takes a reference of its own.
            ssl.SSL_CTX_ctrl(context, CTRL.addChainCertificate, 1, certificate);
      check(ssl, result, 'The certificate cannot be used');
    });
  });
  withMemory(ssl, key, (bio) => {
    const parsed = ssl.PEM_read_bio_PrivateKey(bio, null, null, NO_PASSPHRASE);
    if (parsed === null) throw misconfigured(ssl, 'The private key cannot be used');
    const result = ssl.SSL_CTX_use_PrivateKey(context, parsed);
    ssl.EVP_PKEY_free(parsed);
    check(ssl, result, 'The private key cannot be used');
  });
  check(ssl, ssl.SSL_CTX_check_private_key(context), 'The private key is not that of the certificate');
}

/** An intermediate CA, or the server's own certificate, may be what is trusted. */
function trustAll(ssl: OpenSsl, context: Pointer, certificates: readonly string[]): void {
  const store = ssl.SSL_CTX_get_cert_store(context);
  for (const pem of certificates) {
    withCertificate(ssl, pem, (certificate) => {
      check(ssl, ssl.X509_STORE_add_cert(store, certificate), 'The CA certificate cannot be used');
    });
  }
  ssl.X509_VERIFY_PARAM_set_flags(ssl.SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
}

/** Without it OpenSSL would ask at the terminal. */
const NO_PASSPHRASE = cString('');

function withCertificate(ssl: OpenSsl, pem: string, use: (certificate: Pointer) => void): void {
  withMemory(ssl, pem, (bio) => {
    const certificate = ssl.PEM_read_bio_X509(bio, null, null, NO_PASSPHRASE);
    if (certificate === null) throw misconfigured(ssl, 'The certificate cannot be used');
    try {
      use(certificate);
    } finally {
      ssl.X509_free(certificate);
    }
  });
}

function withMemory(ssl: OpenSsl, text: string, use: (bio: Pointer) => void): void {
  const bytes = Buffer.from(text);
  const bio = ssl.BIO_new(ssl.BIO_s_mem());
  try {
    ssl.BIO_write(bio, bytes, bytes.length);
    use(bio);
  } finally {
    ssl.BIO_free(bio);
  }
}

function check(ssl: OpenSsl, result: number, what: string, actual?: string): void {
  if (result <= 0) throw misconfigured(ssl, what, actual);
}

function misconfigured(ssl: OpenSsl, what: string, actual?: string): HostFailure {
  const reason = queuedErrors(ssl).text;
  return new HostFailure({
    code: 'dtls-configuration',
    what,
    actual: [actual, reason].filter(Boolean).join(': ') || undefined,
  });
}
