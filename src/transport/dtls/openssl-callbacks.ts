/**
 * The functions that OpenSSL calls back. There is one of each in a process, for all contexts: every call into
 * OpenSSL is synchronous, so the one that is being served now is known.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Loaded, Pointer } from './openssl.js';

/** What a call into OpenSSL may ask for while it runs. */
export interface Answers {
  readonly keyLog?: ((line: string) => void) | undefined;
  /** Address and port of the peer, for the cookie. */
  readonly peer?: string | undefined;
  /** Any cookie is a good one. */
  readonly anyCookie?: boolean | undefined;
  readonly clientPsk?: { readonly identity: string; readonly key: Uint8Array } | undefined;
  readonly serverPsk?: ((identity: string) => Uint8Array | undefined) | undefined;
  /** Judges the peer's certificates: 0 takes them, otherwise a number of X509_V_ERR_*. */
  readonly verify?: ((storeContext: Pointer) => number) | undefined;
}

export interface Callbacks {
  readonly keyLog: bigint;
  readonly cookieGenerate: bigint;
  readonly cookieVerify: bigint;
  readonly pskClient: bigint;
  readonly pskServer: bigint;
  readonly verify: bigint;
  /** Runs `call`, with these answers to what OpenSSL asks meanwhile. */
  serving<T>(answers: Answers, call: () => T): T;
}

const X509_V_OK = 0;
const X509_V_ERR_APPLICATION_VERIFICATION = 50;

/** Registers the functions; once in a process, for their types have names. */
export function registerCallbacks({ koffi, ssl }: Loaded): Callbacks {
  const cookieKey = randomBytes(32);
  let current: Answers = {};
  const cookie = (): Buffer =>
    createHmac('sha256', cookieKey)
      .update(current.peer ?? '')
      .digest();
  const write = (target: Pointer, bytes: Uint8Array): void =>
    koffi.encode(target, koffi.array('uint8_t', bytes.length, 'Typed'), bytes);
  const register = (prototype: string, call: (...parameters: never[]) => unknown): bigint =>
    koffi.register(call, koffi.pointer(koffi.proto(prototype)));

  return {
    keyLog: register('void DtlsKeyLog(void *, const char *)', (_ssl: Pointer, line: string) => {
      current.keyLog?.(line);
    }),
    // OpenSSL gives 255 bytes (DTLS1_COOKIE_LENGTH).
    cookieGenerate: register(
      'int DtlsCookieGenerate(void *, void *, void *)',
      (_ssl: Pointer, target: Pointer, length: Pointer) => {
        if (current.peer === undefined) return 0;
        const bytes = cookie();
        write(target, bytes);
        koffi.encode(length, 'unsigned int', bytes.length);
        return 1;
      },
    ),
    cookieVerify: register(
      'int DtlsCookieVerify(void *, void *, unsigned int)',
      (_ssl: Pointer, offered: Pointer, length: number) => {
        if (current.anyCookie === true) return 1;
        const expected = cookie();
        if (current.peer === undefined || length !== expected.length) return 0;
        const bytes = Uint8Array.from(
          koffi.decode(offered, koffi.array('uint8_t', length, 'Typed')) as Uint8Array,
        );
        return timingSafeEqual(bytes, expected) ? 1 : 0;
      },
    ),
    pskClient: register(
      'unsigned int DtlsPskClient(void *, void *, void *, unsigned int, void *, unsigned int)',
      (
        _ssl: Pointer,
        _hint: Pointer,
        identity: Pointer,
        identityRoom: number,
        key: Pointer,
        keyRoom: number,
      ) => {
        const psk = current.clientPsk;
        if (psk === undefined) return 0;
        const name = Buffer.from(`${psk.identity}\0`);
        if (name.length > identityRoom || psk.key.length > keyRoom) return 0;
        write(identity, name);
        write(key, psk.key);
        return psk.key.length;
      },
    ),
    pskServer: register(
      'unsigned int DtlsPskServer(void *, const char *, void *, unsigned int)',
      (_ssl: Pointer, identity: string | null, key: Pointer, room: number) => {
        const found = current.serverPsk?.(identity ?? '');
        if (found === undefined || found.length > room) return 0;
        write(key, found);
        return found.length;
      },
    ),
    verify: register('int DtlsVerify(void *, void *)', (storeContext: Pointer) => {
      const error = current.verify?.(storeContext) ?? X509_V_ERR_APPLICATION_VERIFICATION;
      // Sets the alert that goes out, and what SSL_get_verify_result tells.
      ssl.X509_STORE_CTX_set_error(storeContext, error);
      return error === X509_V_OK ? 1 : 0;
    }),
    serving(answers, call) {
      const outer = current;
      current = answers;
      try {
        return call();
      } finally {
        current = outer;
      }
    },
  };
}
