/** Sessions of clients that a later handshake may resume, the last one of each place. */
import type { OpenSsl, Pointer } from './openssl.js';

const MAX_PLACES = 64;

export class KeptSessions {
  readonly #sessions = new Map<string, Pointer>();

  /** @param client an SSL whose handshake is done. */
  keep(ssl: OpenSsl, place: string, client: Pointer): void {
    this.#drop(ssl, place);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_PLACES && oldest !== undefined) this.#drop(ssl, oldest);
    this.#sessions.set(place, ssl.SSL_get1_session(client));
  }

  /** @param client an SSL before its handshake. */
  offer(ssl: OpenSsl, place: string, client: Pointer): void {
    const session = this.#sessions.get(place);
    if (session !== undefined) ssl.SSL_set_session(client, session);
  }

  #drop(ssl: OpenSsl, place: string): void {
    const session = this.#sessions.get(place);
    if (session !== undefined) ssl.SSL_SESSION_free(session);
    this.#sessions.delete(place);
  }
}
