/** ESipa over HTTPS: TLS, HTTP and the two bindings put together. */
import type { PkiFolder } from '../../../protocol/pki/folder.js';
import type { ServeDefects } from './defects.js';
import { esipaHttp } from './esipa-http.js';
import { listenHttp } from './http-listener.js';
import type { OpenListener } from './listen.js';
import type { EsipaHandler, HttpLimits, ListenAt, ServeEimOptions } from './options.js';
import { tlsSettings, type ServerIdentity } from './tls-settings.js';

export const DEFAULT_LIMITS: HttpLimits = {
  bodyBytes: 1 << 20,
  headerBytes: 16 << 10,
  bodyMs: 20_000,
  headerMs: 10_000,
  idleMs: 60_000,
  connections: 2000,
};

export interface EsipaListenerOptions extends Pick<
  ServeEimOptions,
  'http2' | 'strictHost' | 'jsonErrorForm' | 'limits'
> {
  readonly at: ListenAt;
  readonly identity: ServerIdentity;
  readonly pki: PkiFolder;
  readonly defects: ServeDefects;
  readonly eim: () => EsipaHandler;
  readonly log: (line: string) => void;
}

/** @throws {Sgp33Error} `eim-listener` when the address can not be had. */
export function listenEsipa(options: EsipaListenerOptions): Promise<OpenListener> {
  const { at, identity, pki, defects, eim, log } = options;
  return listenHttp({
    at,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    tls: tlsSettings(identity, pki, defects),
    http2: options.http2 ?? false,
    plainToo: defects.has('plain-http-answered'),
    service: esipaHttp({
      eim,
      defects,
      log,
      jsonErrorForm: options.jsonErrorForm ?? 'header',
      ...(options.strictHost === true ? { names: identity.parsed.subjectAltName.dns } : {}),
    }),
  });
}
