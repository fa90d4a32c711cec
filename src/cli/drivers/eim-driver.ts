/** An eIM under test: the built-in one, started for the run, or a vendor's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCoapChannel } from '../../../drivers/eim-coap/index.js';
import type {
  EimDriver,
  EsipaChannel,
  ManagementApi,
  NotificationListener,
} from '../../../drivers/eim-contract.js';
import { createHttpsChannel } from '../../../drivers/eim-https/index.js';
import { listenEs9 } from '../../../drivers/es9-listener/index.js';
import { createManagementApi } from '../../../drivers/management/index.js';
import type { Target } from '../../engine/load-target.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { sharedPkiFolder } from '../../protocol/pki/shared-folder.js';
import { serveEim, type ServedEim } from '../../simulators/eim/serve/index.js';
import { builtInOperator } from './built-in-operator.js';
import type { DriverContext } from './driver-for-target.js';
import { ciCertificates, EimDevices, pemOf } from './eim-devices.js';
import { eimSettings } from './eim-settings.js';
import type {
  BuiltInEimSettings,
  EimDriverSettings,
  EimKind,
  EimNotificationSettings,
} from './eim-settings-types.js';

/** FQDN of the SM-DP+ in the notifications of S_eUICC. */
export const SM_DP_FQDN = 'testsmdpplus1.example.com';
/** Its second name: the constant TEST_DP_ADDRESS2. */
export const SECOND_SM_DP = 'localhost';
/** Nobody listens there; nothing that the built-in eIM sends leaves the machine. */
const UNREACHABLE = { 'unreachable.example.com': '127.0.0.1:9' };

/** @throws {SuiteError} for the keys of the target. Nothing is started or sent before `open`. */
export function eimDriver(target: Target, context: DriverContext): EimDriver {
  return new TargetEim(target, context, eimSettings(target, context.root));
}

class TargetEim implements EimDriver {
  readonly kind = 'eIM';
  readonly #devices: EimDevices;
  #served: ServedEim | undefined;
  #store: string | undefined;
  #esipa: EsipaChannel | undefined;
  #overHttps: EsipaChannel | undefined;
  #management: ManagementApi | undefined;
  #notifications: NotificationListener | undefined;

  constructor(
    readonly target: Target,
    readonly context: DriverContext,
    readonly settings: EimDriverSettings,
  ) {
    this.#devices = new EimDevices({
      pki: context.pki,
      sgp32Version: target.sgp32Version,
      list: settings.devices.list,
      notificationAddress: this.notificationAddress,
    });
  }

  get identity(): { transport: string; reader?: string } {
    const url = this.#esipa?.url ?? this.settings.url;
    return {
      transport: `${this.settings.kind === 'eim-coap' ? 'CoAP/DTLS' : 'HTTPS'}, ${this.settings.binding === 'json' ? 'JSON' : 'ASN.1'} binding`,
      ...(url === undefined || this.settings.builtIn !== undefined ? {} : { reader: url }),
    };
  }

  get notificationAddress(): string | undefined {
    return this.settings.notifications?.address;
  }
  get esipa(): EsipaChannel {
    return opened(this.#esipa);
  }
  get esipaOverHttps(): EsipaChannel | undefined {
    return this.#overHttps;
  }
  get management(): ManagementApi {
    return opened(this.#management);
  }
  get notifications(): NotificationListener | undefined {
    return this.#notifications;
  }

  async open(): Promise<readonly []> {
    const { settings, context } = this;
    const listen = settings.notifications ?? (settings.builtIn === undefined ? undefined : LOCAL_LISTENER);
    if (listen !== undefined) this.#notifications = await listenEs9(this.#listenerOptions(listen));
    let url = settings.url;
    if (settings.builtIn !== undefined) {
      this.#served = await this.#serve(settings.builtIn);
      url = settings.kind === 'eim-coap' ? this.#served.coaps : this.#served.https;
    }
    if (url === undefined) throw new Sgp33Error('driver-setting', 'the driver has no url');
    this.#management = this.#managementApi(this.#served);
    const ca = ciCertificates(context.pki);
    this.#esipa = this.#channel(settings.kind, url, ca);
    const httpsUrl = settings.kind === 'eim-coap' ? (settings.httpsUrl ?? this.#served?.https) : undefined;
    if (httpsUrl !== undefined) this.#overHttps = this.#channel('eim-https', httpsUrl, ca);
    return [];
  }

  #managementApi(served: ServedEim | undefined): ManagementApi {
    const { management } = this.settings;
    if (management !== undefined)
      return createManagementApi(management, served?.api === undefined ? {} : { url: served.api });
    if (served === undefined) throw new Sgp33Error('driver-setting', 'the driver has no management');
    return builtInOperator({
      operator: () => served.eim.operator,
      restart: () => served.restart(),
    });
  }

  #channel(kind: EimKind, url: string, ca: string): EsipaChannel {
    const { settings, target } = this;
    const trust = settings.trust ?? { ca };
    const servername = settings.builtIn === undefined ? {} : { servername: 'localhost' };
    if (kind === 'eim-coap') return createCoapChannel({ url, trust, ...servername, ...settings.coap });
    // Of a target that speaks CoAP these are known; whatever else HTTP needs is as SGP.32 has it.
    const { deadlineMs, servername: name } = settings.coap;
    const known = {
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(name === undefined ? {} : { servername: name }),
    };
    return createHttpsChannel({
      url,
      binding: settings.binding,
      sgp32Version: target.sgp32Version,
      trust,
      ...servername,
      ...known,
      ...settings.https,
    });
  }

  #serve(builtIn: BuiltInEimSettings): Promise<ServedEim> {
    const { target, context, settings } = this;
    // What a restart must find again; gone with the run, unless the target names a folder.
    this.#store = mkdtempSync(join(tmpdir(), 'sgp33-eim-'));
    const free = { host: '127.0.0.1', port: 0 };
    const separate = builtIn.separate === undefined ? {} : { separate: builtIn.separate };
    const address = this.#notifications?.address;
    return serveEim({
      sgp32Version: target.sgp32Version,
      defects: context.defects,
      ...(context.defectObserver === undefined ? {} : { defectObserver: context.defectObserver }),
      retryMs: 50,
      strictHost: true,
      store: this.#store,
      // Nobody needs that folder after a power failure, and each write through costs milliseconds.
      durable: builtIn.store !== undefined,
      ...(context.pki === undefined ? {} : { pki: context.pki }),
      ...(address === undefined
        ? {}
        : { resolve: { [SM_DP_FQDN]: address, [SECOND_SM_DP]: address, ...UNREACHABLE } }),
      https: free,
      ...(settings.kind === 'eim-coap' ? { coaps: { ...free, ...separate } } : {}),
      ...(settings.management === undefined ? {} : { api: free }),
      ...builtIn,
    });
  }

  #listenerOptions(listen: EimNotificationSettings): Parameters<typeof listenEs9>[0] {
    const { host, port, tls, plain } = listen;
    if (plain) return { host, port, plain };
    if (tls !== undefined) return { host, port, tls };
    const { certificate, privateKey } = sharedPkiFolder(this.context.pki).identity('S_SM_DP_TLS');
    return {
      host,
      port,
      tls: {
        certificate: pemOf(certificate.der),
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      },
    };
  }

  takeDevice(ciPKId: string | undefined, signal?: AbortSignal): ReturnType<EimDevices['take']> {
    return this.#devices.take(ciPKId, signal);
  }

  releaseDevice(device: Parameters<EimDevices['release']>[0]): Promise<void> {
    return this.#devices.release(device);
  }

  async close(): Promise<void> {
    await this.#esipa?.close();
    await this.#overHttps?.close();
    await this.#management?.close();
    await this.#served?.close();
    await this.#notifications?.close();
    if (this.#store !== undefined) rmSync(this.#store, { recursive: true, force: true });
    this.#esipa = this.#overHttps = this.#management = this.#served = this.#notifications = undefined;
  }
}

const LOCAL_LISTENER: EimNotificationSettings = { host: '127.0.0.1', port: 0, plain: false };

function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Sgp33Error('driver-not-open', 'the driver is not open');
  return value;
}
