/** What a handshake shows: from the plaintext on the wire, and from OpenSSL. */
import { alertName } from './alerts.js';
import type { OpenSsl, Pointer } from './openssl.js';
import { HandshakeType, plaintextSigns, versionName } from './records.js';
import type { DtlsFacts } from './types.js';

const SSL_CTRL_GET_NEGOTIATED_GROUP = 134;
/** OpenSSL's mark on a group that it has no name for. */
const NAMELESS_GROUP = 0x100_0000;

/** What only the datagrams of the peer tell. */
export class HandshakeSigns {
  certificateRequested: boolean;
  cookieExchanged = false;
  /** The fatal alert that came. */
  alert: string | undefined;
  /** Of the ServerHello; undefined at a server. */
  serverVersion: string | undefined;
  pskIdentity: string | undefined;
  /** The body of the ClientHello, at a server. */
  clientHello: Uint8Array | undefined;
  /** The fatal alert that went out. */
  alertSent: string | undefined;
  readonly #role: 'client' | 'server';

  /** @param certificateRequested at a server: whether it asks. */
  constructor(role: 'client' | 'server', certificateRequested: boolean) {
    this.#role = role;
    this.certificateRequested = certificateRequested;
  }

  observe(datagram: Uint8Array): void {
    const { handshakes, fatalAlerts, serverVersion } = plaintextSigns(datagram);
    const [alert] = fatalAlerts;
    if (alert !== undefined) this.alert ??= alertName(alert);
    if (this.#role === 'server') return;
    if (serverVersion !== undefined) this.serverVersion ??= versionName(serverVersion);
    this.cookieExchanged ||= handshakes.includes(HandshakeType.helloVerifyRequest);
    this.certificateRequested ||= handshakes.includes(HandshakeType.certificateRequest);
  }

  /** A datagram of our own. */
  observeSent(datagram: Uint8Array): void {
    const [alert] = plaintextSigns(datagram).fatalAlerts;
    if (alert !== undefined) this.alertSent ??= alertName(alert);
  }

  /**
   * @param session an SSL that was not freed, or null.
   * @param open its handshake is done.
   * @param chain DER of the peer's certificates.
   */
  facts(ssl: OpenSsl, session: Pointer, open: boolean, chain: readonly Uint8Array[]): DtlsFacts {
    const certificates = chain.map(hexOf);
    const [certificate] = certificates;
    return {
      version: this.serverVersion ?? '',
      cipher: '',
      ...(certificate === undefined ? {} : { certificate }),
      chain: certificates,
      certificateRequested: this.certificateRequested,
      cookieExchanged: this.cookieExchanged,
      ...(this.alert === undefined ? {} : { alert: this.alert }),
      ...(this.alertSent === undefined ? {} : { alertSent: this.alertSent }),
      ...(this.clientHello === undefined ? {} : { clientHello: hexOf(this.clientHello) }),
      connectionId: false,
      resumed: false,
      ...(this.pskIdentity === undefined ? {} : { pskIdentity: this.pskIdentity }),
      ...(session !== null && (open || this.serverVersion !== undefined)
        ? this.#agreed(ssl, session, open)
        : {}),
    };
  }

  #agreed(ssl: OpenSsl, session: Pointer, open: boolean): Partial<DtlsFacts> {
    const cipher = open ? ssl.SSL_get_current_cipher(session) : ssl.SSL_get_pending_cipher(session);
    const group = ssl.SSL_ctrl(session, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, null);
    const servername = this.#role === 'server' ? ssl.SSL_get_servername(session, 0) : null;
    return {
      ...(open ? { version: ssl.SSL_get_version(session) } : {}),
      ...(cipher === null ? {} : { cipher: ssl.SSL_CIPHER_get_name(cipher) }),
      ...(group > 0 && group < NAMELESS_GROUP ? { group: ssl.OBJ_nid2sn(group) ?? `${group}` } : {}),
      resumed: ssl.SSL_session_reused(session) === 1,
      ...(servername === null ? {} : { servername }),
    };
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
