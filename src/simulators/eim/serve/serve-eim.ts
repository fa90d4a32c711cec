/** S_eIM as a server: ESipa over HTTPS and over CoAP, the management API, and its way to the SM-DP+. */
import type { PkiFolder } from '../../../protocol/pki/folder.js';
import { certificatePem } from '../../../protocol/pki/pem.js';
import { sharedPkiFolder } from '../../../protocol/pki/shared-folder.js';
import { isFqdn } from '../check-eim-configuration.js';
import { createEim } from '../index.js';
import type { Eim } from '../types.js';
import { apiService } from './api/service.js';
import { listenCoaps } from './coap/listener.js';
import { splitDefects, type ServeDefects } from './defects.js';
import { createEs9Sender } from './es9-sender.js';
import { DEFAULT_LIMITS, listenEsipa, type EsipaListenerOptions } from './esipa-listener.js';
import { listenHttp } from './http-listener.js';
import type { OpenListener } from './listen.js';
import type { ListenAt, ServedEim, ServeEimOptions } from './options.js';
import { serverIdentity, type ServerIdentity } from './tls-settings.js';
import { ownIdentity } from './wrong-identity.js';

type Face = 'https' | 'coaps' | 'api';
type Listeners = Partial<Record<Face, OpenListener>>;

/** What stays the same over a restart. */
interface Setting {
  readonly options: ServeEimOptions;
  readonly pki: PkiFolder;
  readonly identity: ServerIdentity;
  readonly defects: ServeDefects;
  readonly core: readonly string[];
}

/**
 * Opens what the options name; nothing is open when it rejects. Without `eimFqdn` and `trustedCertificateTls` the
 * exported EimConfigurationData names host and certificate of the HTTPS listener.
 * @throws {Sgp33Error} `eim-listener`, those of {@link createEim} and of the PKI folder.
 */
export async function serveEim(options: ServeEimOptions): Promise<ServedEim> {
  const pki = sharedPkiFolder(options.pki);
  const { serve: defects, core } = splitDefects(options.defects ?? [], options.defectObserver);
  const identity = ownIdentity(serverIdentity(options, pki), pki, defects);
  const served = new Served({ options, pki, identity, defects, core });
  await served.open();
  options.signal?.addEventListener('abort', () => void served.close(), { once: true });
  if (options.signal?.aborted === true) await served.close();
  return served;
}

class Served implements ServedEim {
  #eim: Eim | undefined;
  #listeners: Listeners = {};
  /** Ports that were given out: a restart takes them again. */
  readonly #ports: Partial<Record<Face, number>> = {};
  #closing: Promise<void> | undefined;

  constructor(private readonly setting: Setting) {}

  get eim(): Eim {
    if (this.#eim === undefined) throw new TypeError('the eIM is not open');
    return this.#eim;
  }

  get https(): string | undefined {
    return this.#urlOf('https', 'https');
  }

  get coaps(): string | undefined {
    return this.#urlOf('coaps', 'coaps');
  }

  get api(): string | undefined {
    return this.#urlOf('api', 'http');
  }

  async open(): Promise<void> {
    const { options, core } = this.setting;
    this.#eim = await createEim({ ...this.#coreOptions(options), defects: core });
    try {
      await this.#openFaces();
    } catch (error) {
      await this.#closeAll();
      throw error;
    }
  }

  async restart(): Promise<void> {
    if (this.#closing !== undefined) throw new TypeError('a closed eIM can not be restarted');
    const { api, ...faces } = this.#listeners;
    // The API is another service: it tells when the eIM runs again.
    this.#listeners = api === undefined ? {} : { api };
    await this.#closeEim(faces);
    await this.open();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll());
  }

  #closeAll(): Promise<void> {
    const open = this.#listeners;
    this.#listeners = {};
    return this.#closeEim(open);
  }

  async #closeEim(listeners: Listeners): Promise<void> {
    await Promise.all(Object.values(listeners).map((listener) => listener.close()));
    const eim = this.#eim;
    this.#eim = undefined;
    await eim?.close();
  }

  #coreOptions(options: ServeEimOptions): ServeEimOptions {
    const { identity, pki } = this.setting;
    // An eimId that is an FQDN is its own address.
    const named = isFqdn(options.eimId ?? '');
    const eimFqdn = named ? undefined : identity.parsed.subjectAltName.dns[0];
    return {
      forward: createEs9Sender({
        trust: options.smdpTrust ?? trustOf(pki),
        resolve: options.resolve ?? {},
        plain: options.smdpPlain ?? false,
        binding: options.smdpBinding ?? 'json',
      }),
      ...(eimFqdn === undefined ? {} : { eimFqdn }),
      trustedCertificateTls: Buffer.from(identity.parsed.der).toString('hex').toUpperCase(),
      ...options,
    };
  }

  async #openFaces(): Promise<void> {
    const { options } = this.setting;
    const { https, coaps, api } = options;
    if (https !== undefined)
      await this.#openFace('https', https, (at) => listenEsipa({ ...options, ...this.#esipa(), at }));
    if (coaps !== undefined)
      await this.#openFace('coaps', coaps, (at) => listenCoaps({ ...coaps, ...this.#esipa(), at }));
    if (api !== undefined && this.#listeners.api === undefined)
      await this.#openFace('api', api, (at) => this.#listenApi(at));
  }

  async #openFace(face: Face, at: ListenAt, open: (at: ListenAt) => Promise<OpenListener>): Promise<void> {
    const listener = await open({ ...at, port: this.#ports[face] ?? at.port });
    this.#listeners[face] = listener;
    this.#ports[face] = listener.port;
  }

  #urlOf(face: Face, scheme: string): string | undefined {
    const listener = this.#listeners[face];
    return listener === undefined ? undefined : `${scheme}://${listener.address}`;
  }

  #esipa(): Pick<EsipaListenerOptions, 'identity' | 'pki' | 'defects' | 'eim' | 'log'> {
    const { pki, identity, defects } = this.setting;
    return { pki, identity, defects, eim: () => this.eim, log: this.#log };
  }

  #listenApi(at: ListenAt): Promise<OpenListener> {
    return listenHttp({
      at,
      limits: { ...DEFAULT_LIMITS, ...this.setting.options.limits },
      service: apiService({
        eim: () => this.eim,
        restart: () => this.restart(),
        server: () => this.api ?? '',
        log: this.#log,
      }),
    });
  }

  readonly #log = (line: string): void => this.setting.options.log?.(line);
}

/** The CIs of the folder, as OpenSSL takes them. */
const trustOf = (pki: PkiFolder): string =>
  pki.identities
    .filter((name) => name.startsWith('CI_'))
    .map((name) => certificatePem(pki.certificate(name).der))
    .join('');
