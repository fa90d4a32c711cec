/** The built-in eIM in this very process: no listener, no TLS, nothing on a disk. */
import type {
  EimDriver,
  EsipaChannel,
  ManagementApi,
  NotificationListener,
} from '../../../drivers/eim-contract.js';
import {
  createInProcessChannel,
  inProcessNotifications,
  type InProcessNotifications,
} from '../../../drivers/eim-in-process/index.js';
import type { Target } from '../../engine/load-target.js';
import { asMap, find, onlyKeys, type YMap } from '../../engine/yaml/nodes.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { sharedPkiFolder } from '../../protocol/pki/shared-folder.js';
import { createEim, type Eim, type EimOptions } from '../../simulators/eim/index.js';
import { builtInOperator } from './built-in-operator.js';
import type { DriverContext } from './driver-for-target.js';
import { devicesOf } from './eim-device-settings.js';
import { EimDevices } from './eim-devices.js';
import { SECOND_SM_DP, SM_DP_FQDN } from './eim-driver.js';
import { flagOf, textOf } from './settings.js';

export const EIM_IN_PROCESS_KEYS = ['kind', 'devices', 'builtIn'] as const;
export const EIM_IN_PROCESS_OPTIONS = [
  ...['eimId', 'eimFqdn', 'signingIdentity', 'transactionIds'],
  ...['indirectProfileDownload', 'autoRefresh', 'refuseNeedless'],
] as const;

/** @throws {SuiteError} for the keys of the target. Nothing is started before `open`. */
export function eimInProcessDriver(target: Target, context: DriverContext): EimDriver {
  const { settings } = target.driver;
  onlyKeys(settings, EIM_IN_PROCESS_KEYS, 'the driver eim-in-process');
  return new InProcessEim(target, context, optionsOf(settings));
}

function optionsOf(settings: YMap): EimOptions {
  const node = find(settings, 'builtIn');
  if (node === undefined) return {};
  const m = asMap(node, 'builtIn');
  onlyKeys(m, EIM_IN_PROCESS_OPTIONS, 'builtIn');
  const values = {
    eimId: textOf(m, 'eimId'),
    eimFqdn: textOf(m, 'eimFqdn'),
    signingIdentity: textOf(m, 'signingIdentity'),
    transactionIds: flagOf(m, 'transactionIds'),
    indirectProfileDownload: flagOf(m, 'indirectProfileDownload'),
    autoRefresh: flagOf(m, 'autoRefresh'),
    refuseNeedless: flagOf(m, 'refuseNeedless'),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

class InProcessEim implements EimDriver {
  readonly kind = 'eIM';
  readonly identity = { transport: 'none, in the process of the tool' };
  readonly notificationAddress = undefined;
  readonly esipa: EsipaChannel;
  readonly management: ManagementApi;
  readonly #devices: EimDevices;
  readonly #notifications: InProcessNotifications = inProcessNotifications([SM_DP_FQDN, SECOND_SM_DP]);
  #eim: Eim | undefined;

  constructor(
    readonly target: Target,
    readonly context: DriverContext,
    readonly options: EimOptions,
  ) {
    this.#devices = new EimDevices({
      pki: context.pki,
      sgp32Version: target.sgp32Version,
      list: devicesOf(find(target.driver.settings, 'devices'), context.root).list,
      notificationAddress: undefined,
    });
    this.esipa = createInProcessChannel((message, connection) => this.eim.handleEsipa(message, connection));
    this.management = builtInOperator({ operator: () => this.eim.operator });
  }

  get eim(): Eim {
    if (this.#eim === undefined) throw new Sgp33Error('driver-not-open', 'the driver is not open');
    return this.#eim;
  }

  get notifications(): NotificationListener {
    return this.#notifications;
  }

  async open(): Promise<readonly []> {
    const { target, context } = this;
    const { subjectAltName, der } = sharedPkiFolder(context.pki).certificate('EIM_TLS');
    const [fqdn] = subjectAltName.dns;
    this.#eim = await createEim({
      sgp32Version: target.sgp32Version,
      defects: context.defects,
      ...(context.defectObserver === undefined ? {} : { defectObserver: context.defectObserver }),
      ...(context.pki === undefined ? {} : { pki: context.pki }),
      retryMs: 50,
      forward: (address, data) => this.#notifications.deliver(address, data),
      // What the eIM with listeners tells eUICCs of itself.
      ...(fqdn === undefined ? {} : { eimFqdn: fqdn }),
      trustedCertificateTls: Buffer.from(der).toString('hex').toUpperCase(),
      ...this.options,
    });
    return [];
  }

  takeDevice(ciPKId: string | undefined, signal?: AbortSignal): ReturnType<EimDevices['take']> {
    return this.#devices.take(ciPKId, signal);
  }

  releaseDevice(device: Parameters<EimDevices['release']>[0]): Promise<void> {
    return this.#devices.release(device);
  }

  async close(): Promise<void> {
    await this.esipa.close();
    await this.#eim?.close();
    await this.#notifications.close();
    this.#eim = undefined;
  }
}
