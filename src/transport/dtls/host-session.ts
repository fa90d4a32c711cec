/** One DTLS session over memory BIOs: datagrams in, datagrams and messages out. It owns timers, no socket. */
import { HandshakeSigns } from './host-facts.js';
import type { HostError, HostTrust } from './host-protocol.js';
import type { OpenSslHost } from './openssl-context.js';
import { queuedErrors, type QueuedErrors } from './openssl-errors.js';
import type { Answers } from './openssl-callbacks.js';
import type { Pointer } from './openssl.js';
import { clientHelloBody, packRecords } from './records.js';
import { SeenRecords } from './seen-records.js';
import { PeerCertificates } from './host-trust.js';
import type { DtlsFacts } from './types.js';

const BIO_CTRL_RESET = 1;
const BIO_CTRL_PENDING = 10;
const BIO_SET_MEM_EOF_RETURN = 130;
const SSL_CTRL = { setMtu: 17, getTimeout: 73, handleTimeout: 74 } as const;
const SSL_OP_NO_QUERY_MTU = 0x1000;
const SSL_ERROR = { ssl: 1, wantRead: 2, wantWrite: 3, syscall: 5, zeroReturn: 6 } as const;
/** A record of 2^14 bytes with header and all expansion (RFC 6347 4.1). Longer datagrams are no DTLS of ours. */
export const MAX_DATAGRAM = 18_432;
/** struct timeval: Windows has long, of 32 bits. */
const TIMEVAL_64 = process.platform !== 'win32';

export interface SessionHooks {
  /** A datagram for the peer. */
  transmit(datagram: Uint8Array): void;
  opened(): void;
  message(data: Uint8Array): void;
  /** Once, and nothing after it. */
  ended(error?: HostError): void;
}

export interface SessionSetup {
  readonly host: OpenSslHost;
  readonly context: Pointer;
  readonly role: 'client' | 'server';
  readonly trust: HostTrust;
  readonly mtu: number;
  readonly answers: Omit<Answers, 'verify'>;
  /** Servers: a CertificateRequest goes out. */
  readonly requestCertificate?: boolean;
  /** A record that comes again ends the session. */
  readonly replayEndsSession?: boolean;
}

export class HostSession {
  readonly certificates: PeerCertificates;
  readonly #setup: SessionSetup;
  readonly #ssl: Pointer;
  readonly #in: Pointer;
  readonly #out: Pointer;
  #answers: Answers;
  #hooks: SessionHooks | undefined;
  #state: 'handshake' | 'open' | 'over' = 'handshake';
  #timer: NodeJS.Timeout | undefined;
  #lastRecord: Uint8Array | undefined;
  readonly #signs: HandshakeSigns;
  readonly #records = new SeenRecords();

  constructor(setup: SessionSetup) {
    const { ssl } = setup.host;
    this.#setup = setup;
    this.certificates = new PeerCertificates(ssl, setup.trust);
    this.#signs = new HandshakeSigns(setup.role, setup.requestCertificate ?? false);
    const find = setup.answers.serverPsk;
    this.#answers = {
      ...setup.answers,
      verify: (storeContext) => this.certificates.verify(storeContext),
      serverPsk: (identity) => {
        const key = find?.(identity);
        if (key !== undefined) this.#signs.pskIdentity = identity;
        return key;
      },
    };
    this.#ssl = ssl.SSL_new(setup.context);
    this.#in = ssl.BIO_new(ssl.BIO_s_mem());
    this.#out = ssl.BIO_new(ssl.BIO_s_mem());
    // An empty BIO means: nothing yet, not: the end.
    for (const bio of [this.#in, this.#out]) ssl.BIO_ctrl(bio, BIO_SET_MEM_EOF_RETURN, -1, null);
    ssl.SSL_set_bio(this.#ssl, this.#in, this.#out);
    ssl.SSL_set_options(this.#ssl, SSL_OP_NO_QUERY_MTU);
    ssl.SSL_ctrl(this.#ssl, SSL_CTRL.setMtu, setup.mtu, null);
    if (setup.role === 'server') ssl.SSL_set_accept_state(this.#ssl);
    else ssl.SSL_set_connect_state(this.#ssl);
  }

  get open(): boolean {
    return this.#state === 'open';
  }
  get over(): boolean {
    return this.#state === 'over';
  }
  /** For options that OpenSSL keeps at the session; before `start`. */
  get pointer(): Pointer {
    return this.#ssl;
  }

  /**
   * Servers, before `start`: looks whether a ClientHello has a valid cookie, and asks for one if not. Nothing of a
   * hello without is kept.
   * @returns `verified`: this session is now that client's. `refused`: do not use this session again.
   */
  listen(
    datagram: Uint8Array,
    peer: string,
    address: Pointer,
    transmit: (d: Uint8Array) => void,
  ): ListenResult {
    const { ssl } = this.#setup.host;
    ssl.BIO_ctrl(this.#in, BIO_CTRL_RESET, 0, null);
    ssl.BIO_write(this.#in, datagram, datagram.length);
    ssl.ERR_clear_error();
    // The handshake looks at the cookie once more.
    this.#answers = { ...this.#answers, peer };
    const result = this.#serving(() => ssl.DTLSv1_listen(this.#ssl, address));
    for (const answer of this.#written()) transmit(answer);
    if (result < 0) ssl.ERR_clear_error();
    if (result <= 0) return result === 0 ? 'unverified' : 'refused';
    this.#signs.cookieExchanged = true;
    // SSL_clear inside DTLSv1_listen forgets it.
    ssl.SSL_ctrl(this.#ssl, SSL_CTRL.setMtu, this.#setup.mtu, null);
    return 'verified';
  }

  /** @param clientHello servers: the datagram that the session begins with. */
  start(hooks: SessionHooks, clientHello?: Uint8Array): void {
    this.#hooks = hooks;
    this.#signs.clientHello = clientHello && clientHelloBody(clientHello);
    this.#advance();
  }

  receive(datagram: Uint8Array): void {
    if (this.over || datagram.length > MAX_DATAGRAM) return;
    if (this.#state === 'handshake') this.#signs.observe(datagram);
    else if (this.#setup.replayEndsSession === true && this.#records.repeats(datagram)) return this.close();
    const { ssl } = this.#setup.host;
    // What OpenSSL did not take of the last datagram must not run into this one.
    ssl.BIO_ctrl(this.#in, BIO_CTRL_RESET, 0, null);
    ssl.BIO_write(this.#in, datagram, datagram.length);
    this.#advance();
  }

  /** One record. @returns why it cannot be sent, or undefined. */
  send(data: Uint8Array): string | undefined {
    if (!this.open) return 'the session is not open';
    const { ssl } = this.#setup.host;
    ssl.ERR_clear_error();
    if (ssl.SSL_write(this.#ssl, data, data.length) !== data.length) {
      return queuedErrors(ssl).text || 'OpenSSL took no data';
    }
    const datagrams = this.#written();
    this.#lastRecord = datagrams.at(-1) ?? this.#lastRecord;
    for (const datagram of datagrams) this.#hooks?.transmit(datagram);
    return undefined;
  }

  /** The last record of `send`, unchanged. @returns false when there was none. */
  replay(): boolean {
    if (!this.open || this.#lastRecord === undefined) return false;
    this.#hooks?.transmit(this.#lastRecord);
    return true;
  }

  /** Sends close_notify, if there is anybody to tell, and ends. */
  close(error?: HostError): void {
    if (this.over) return;
    const { ssl } = this.#setup.host;
    ssl.ERR_clear_error();
    if (this.open) ssl.SSL_shutdown(this.#ssl);
    this.#flush();
    this.#end(error);
  }

  /** Ends without a word to the peer. */
  abandon(error?: HostError): void {
    this.#end(error);
  }

  facts(): DtlsFacts {
    const pointer = this.over ? null : this.#ssl;
    return this.#signs.facts(this.#setup.host.ssl, pointer, this.open, this.certificates.chain);
  }

  #serving<T>(call: () => T): T {
    return this.#setup.host.callbacks.serving(this.#answers, call);
  }

  #advance(): void {
    const { ssl } = this.#setup.host;
    if (this.#state === 'handshake') {
      ssl.ERR_clear_error();
      const result = this.#serving(() => ssl.SSL_do_handshake(this.#ssl));
      const error = result === 1 ? 0 : ssl.SSL_get_error(this.#ssl, result);
      this.#flush();
      if (result === 1) {
        this.#state = 'open';
        this.#hooks?.opened();
      } else if (error !== SSL_ERROR.wantRead && error !== SSL_ERROR.wantWrite) {
        this.#fail(queuedErrors(ssl));
      }
    }
    if (this.open) this.#read();
    this.#arm();
  }

  #read(): void {
    const { ssl } = this.#setup.host;
    for (;;) {
      ssl.ERR_clear_error();
      const length = this.#serving(() => ssl.SSL_read(this.#ssl, READ_BUFFER, READ_BUFFER.length));
      if (length > 0) {
        this.#hooks?.message(READ_BUFFER.slice(0, length));
        if (this.over) return;
        continue;
      }
      const error = ssl.SSL_get_error(this.#ssl, length);
      this.#flush();
      if (error === SSL_ERROR.zeroReturn) this.close();
      else if (error === SSL_ERROR.ssl || error === SSL_ERROR.syscall) this.#fail(queuedErrors(ssl));
      return;
    }
  }

  /** Retransmission (RFC 6347 4.2.4): OpenSSL knows when. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (this.over) return;
    const { ssl } = this.#setup.host;
    const timeval = Buffer.alloc(16);
    if (ssl.SSL_ctrl(this.#ssl, SSL_CTRL.getTimeout, 0, timeval) !== 1) return;
    const seconds = TIMEVAL_64 ? Number(timeval.readBigInt64LE(0)) : timeval.readInt32LE(0);
    const micros = TIMEVAL_64 ? Number(timeval.readBigInt64LE(8)) : timeval.readInt32LE(4);
    this.#timer = setTimeout(
      () => {
        ssl.ERR_clear_error();
        const result = this.#serving(() => ssl.SSL_ctrl(this.#ssl, SSL_CTRL.handleTimeout, 0, null));
        this.#flush();
        if (result < 0) this.#fail(queuedErrors(ssl));
        else this.#advance();
      },
      Math.max(1, seconds * 1000 + Math.ceil(micros / 1000)),
    );
  }

  #fail(errors: QueuedErrors): void {
    if (this.over) return;
    this.#signs.alert ??= errors.alert;
    const facts = this.facts();
    const actual = errors.text || 'an end without a reason';
    const { refusal } = this.certificates;
    if (this.open) this.#end({ code: 'dtls-closed', what: 'The DTLS session broke', actual, facts });
    else if (refusal !== undefined)
      this.#end({ code: 'dtls-certificate', what: 'The certificate is not trusted', ...refusal, facts });
    else if (errors.noCipher)
      this.#end({ code: 'dtls-configuration', what: 'No cipher suite fits these versions', actual, facts });
    else this.#end({ code: 'dtls-handshake', what: 'The DTLS handshake failed', actual, facts });
  }

  #end(error?: HostError): void {
    if (this.over) return;
    this.#state = 'over';
    clearTimeout(this.#timer);
    // With its BIOs.
    this.#setup.host.ssl.SSL_free(this.#ssl);
    this.#hooks?.ended(error);
  }

  #flush(): void {
    for (const datagram of this.#written()) {
      if (this.#state === 'handshake') this.#signs.observeSent(datagram);
      this.#hooks?.transmit(datagram);
    }
  }

  #written(): Uint8Array[] {
    const { ssl } = this.#setup.host;
    const pending = ssl.BIO_ctrl(this.#out, BIO_CTRL_PENDING, 0, null);
    if (pending <= 0) return [];
    const bytes = new Uint8Array(pending);
    ssl.BIO_read(this.#out, bytes, pending);
    return packRecords(bytes, this.#setup.mtu);
  }
}

export type ListenResult = 'unverified' | 'refused' | 'verified';

/** One for all: what is read is copied at once. */
const READ_BUFFER = new Uint8Array(16_384 + 1024);
