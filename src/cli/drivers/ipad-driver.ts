/** An IPAd under test: the built-in one in a process of its own, or a vendor's device. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TraceEvent } from '../../../drivers/contract.js';
import type { EsipaChannel, FactMap, NotificationListener } from '../../../drivers/eim-contract.js';
import { listenEs9 } from '../../../drivers/es9-listener/index.js';
import { listenEsipa } from '../../../drivers/esipa-listener/index.js';
import { offerCard, type OfferedCard } from '../../../drivers/ipad-card/index.js';
import type { EsipaListener, IpadDriver, IpadTriggers } from '../../../drivers/ipad-contract.js';
import { createIpadTriggers } from '../../../drivers/ipad-trigger/index.js';
import { targetFolder, type Target } from '../../engine/load-target.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { sharedPkiFolder } from '../../protocol/pki/shared-folder.js';
import { pemOf } from './eim-devices.js';
import { builtInIpadArguments, builtInIpadTriggers } from './built-in-ipad.js';
import type { DriverContext } from './driver-for-target.js';
import { IpadInProcess } from './ipad-in-process.js';
import { injectionInto } from './ipad-injection.js';
import { ipadSettings, type IpadEimSettings, type IpadSettings } from './ipad-settings.js';

/** A device in this process tells when it is at work: what it said last has only to come through the sockets. */
const IN_PROCESS_QUIET_MS = 50;

/** notificationAddress in fixtures/profiles. */
const RECEIVER = 'testsmdpplus1.example.com';

/** @throws {SuiteError} for the keys of the target. Nothing is started before `open`. */
export function ipadDriver(target: Target, context: DriverContext): IpadDriver {
  return new TargetIpad(target, context, ipadSettings(target, context.root));
}

class TargetIpad implements IpadDriver {
  readonly kind = 'IPAd';
  readonly #eims = new Map<string, EsipaListener>();
  #triggers: IpadTriggers | undefined;
  #card: OfferedCard | undefined;
  #notifications: NotificationListener | undefined;
  #injection: { readonly channel: EsipaChannel; readonly port: number } | undefined;

  constructor(
    readonly target: Target,
    readonly context: DriverContext,
    readonly settings: IpadSettings,
  ) {}

  get identity(): { transport: string; eid?: string } {
    const { transport, binding } = this.settings;
    return {
      transport:
        transport === 'coap'
          ? 'CoAP/DTLS, ASN.1 binding'
          : `HTTPS, ${binding === 'json' ? 'JSON' : 'ASN.1'} binding`,
      ...(this.#card === undefined ? {} : { eid: this.#card.eid }),
    };
  }
  get eims(): ReadonlyMap<string, EsipaListener> {
    return this.#eims;
  }
  get triggers(): IpadTriggers {
    if (this.#triggers === undefined) throw new Sgp33Error('driver-not-open', 'the driver is not open');
    return this.#triggers;
  }
  get card(): OfferedCard | undefined {
    return this.#card;
  }
  get notifications(): NotificationListener | undefined {
    return this.#notifications;
  }
  get notificationAddress(): string | undefined {
    return this.settings.notifications?.address ?? this.#notifications?.address;
  }
  get injection(): EsipaChannel | undefined {
    return this.#injection?.channel;
  }
  get surroundings(): FactMap {
    const { card } = this.settings;
    return {
      ...(this.#card === undefined ? {} : { cardPort: String(this.#card.port) }),
      ...(card?.reader === undefined ? {} : { reader: card.reader }),
      ...(this.#injection === undefined ? {} : { injectionPort: String(this.#injection.port) }),
    };
  }
  get quietMs(): number {
    const { quietMs } = this.settings;
    return this.#triggers instanceof IpadInProcess ? Math.min(quietMs, IN_PROCESS_QUIET_MS) : quietMs;
  }
  get patienceMs(): number {
    return this.settings.patienceMs;
  }

  async open(signal?: AbortSignal): Promise<readonly TraceEvent[]> {
    try {
      await this.#open(signal);
    } catch (error) {
      await this.close();
      throw error;
    }
    return [];
  }

  async #open(signal?: AbortSignal): Promise<void> {
    const { settings, context, target } = this;
    this.#eims.set('S_eIM', await this.#listen(settings.eim, 'EIM_TLS'));
    if (settings.eim2 !== undefined) this.#eims.set('S_eIM2', await this.#listen(settings.eim2, 'EIM2_TLS'));
    const listen = settings.notifications ?? { host: '127.0.0.1', port: 0, plain: false };
    this.#notifications = await listenEs9(this.#es9(listen));
    if (settings.card !== undefined) {
      const { kind, host, port, protocol, personalisation } = settings.card;
      this.#card = await offerCard(
        {
          offer: {
            kind,
            ...(port === undefined ? {} : { port }),
            ...(kind === 'vpcd' && host !== undefined ? { host } : {}),
          },
          euicc: {
            ...(context.pki === undefined ? {} : { pki: context.pki }),
            ...(protocol === undefined ? {} : { protocol }),
            sgp32Version: target.sgp32Version,
            ...(personalisation === undefined
              ? {}
              : { personalisation: resolve(targetFolder(target, context.root), personalisation) }),
          },
        },
        signal,
      );
    }
    if (settings.injection !== undefined)
      this.#injection = await injectionInto(settings.injection, target.sgp32Version, settings.patienceMs);
    this.#triggers = this.#makeTriggers();
  }

  #makeTriggers(): IpadTriggers {
    const { settings, context, target } = this;
    if (settings.triggers !== undefined) return createIpadTriggers(settings.triggers);
    const options = {
      options: [...(settings.builtIn ?? []), ...this.#receiverOptions()],
      transport: settings.transport,
      binding: settings.binding,
      sgp32Version: target.sgp32Version,
      card: settings.card,
      eim2: settings.eim2 !== undefined,
      injection: settings.injection !== undefined,
      defects: context.defects,
    };
    // Only in this process it can tell what it asks for.
    return context.defectObserver === undefined
      ? createIpadTriggers(builtInIpadTriggers(CLI, options))
      : new IpadInProcess(builtInIpadArguments(options), context.defectObserver);
  }

  /** Where the target has a listener for ES9+ the built-in IPAd finds it under the address of S_eUICC's Notifications. */
  #receiverOptions(): string[] {
    const { notifications } = this.settings;
    if (notifications === undefined) return [];
    const { dir } = sharedPkiFolder(this.context.pki);
    return [
      ...['--trust', join(dir, 'CERT_CI_ECDSA_NIST.pem')],
      ...['--resolve', `${RECEIVER}={notificationAddress}`],
    ];
  }

  #listen(eim: IpadEimSettings, identity: string): Promise<EsipaListener> {
    const { host, port, name, http2 } = eim;
    return listenEsipa({
      transport: this.settings.transport,
      host,
      port,
      serverName: name,
      pki: sharedPkiFolder(this.context.pki),
      identity,
      sgp32Version: this.target.sgp32Version,
      http2,
    });
  }

  #es9({
    host,
    port,
    tls,
    plain,
  }: {
    host: string;
    port: number;
    plain: boolean;
    tls?: { certificate: string; privateKey: string };
  }): Parameters<typeof listenEs9>[0] {
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

  async close(): Promise<void> {
    await this.#triggers?.close();
    await this.#card?.close();
    for (const listener of this.#eims.values()) await listener.close();
    await this.#notifications?.close();
    await this.#injection?.channel.close();
    this.#eims.clear();
    this.#triggers = this.#card = this.#notifications = this.#injection = undefined;
  }
}

/** This very program: its command line starts the built-in device. In a checkout that is not built yet tsx reads it. */
const SOURCE = import.meta.url.endsWith('.ts');
const CLI = [
  ...(SOURCE ? ['--import', 'tsx'] : []),
  join(dirname(fileURLToPath(import.meta.url)), '..', SOURCE ? 'main.ts' : 'main.js'),
];
