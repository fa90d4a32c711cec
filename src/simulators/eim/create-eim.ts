/** S_eIM: an SGP.32 eIM made of software, reached by ESipa messages and by what its operator orders. */
import { sharedPkiFolder } from '../../protocol/pki/shared-folder.js';
import { isFqdn } from './check-eim-configuration.js';
import type { EimCore } from './core.js';
import { defectsOf } from './defects.js';
import { addDevice, deviceView, deviceViews, removeDevice } from './devices.js';
import { handleEsipa, type Connections } from './esipa.js';
import { Forwarder } from './forwarder.js';
import type { EimOptions } from './options.js';
import { OrderIndex } from './order-index.js';
import { orderView, takeOrder } from './queue.js';
import { deviceKey } from './records.js';
import { SigningKeys } from './signing-keys.js';
import { EimStore } from './store.js';
import { Trust } from './trust.js';
import type { Eim, EimOperator } from './types.js';
import { Work } from './work.js';
import { ownEimConfiguration } from './write-eim-configuration.js';

/**
 * Makes an eIM; with a store, the one that was there when it last ran, however that ended.
 * @throws {Sgp33Error} `unknown-defect`, `pki-folder`, `pki-missing` and the other errors of the PKI folder;
 *   {StoreFailure} `eim-store`.
 */
export async function createEim(options: EimOptions = {}): Promise<Eim> {
  const core = await makeCore(options);
  if (core.defects.has('counter-starts-again')) await forgetCounters(core);
  core.forwarder.start();
  const connections: Connections = new WeakMap();
  return {
    eimId: core.eimId,
    sgp32Version: core.version,
    operator: operatorOf(core),
    handleEsipa: (message, connection) => handleEsipa(core, connections, message, connection),
    close: async () => {
      await core.forwarder.close();
      await core.store.close();
    },
  };
}

async function makeCore(options: EimOptions): Promise<EimCore> {
  const { eimId = 'testeim1', now = () => new Date(), retryMs = 1000, forward } = options;
  const defects = defectsOf(options.defects ?? [], options.defectObserver);
  const pki = sharedPkiFolder(options.pki);
  const keys = new SigningKeys(pki, options.signingIdentity ?? 'S_EIMsign_ECDSA_NIST');
  const trust = new Trust(pki, defects, now);
  const store = await EimStore.open(options.store, options.durable);
  const index = new OrderIndex(store);
  const eimFqdn = options.eimFqdn ?? (isFqdn(eimId) ? '' : 'eim.example.com');
  return {
    eimId,
    eimFqdn: eimFqdn === '' ? undefined : eimFqdn,
    version: options.sgp32Version ?? '1.2',
    transactionIds: options.transactionIds ?? true,
    indirectProfileDownload: options.indirectProfileDownload ?? false,
    trustedCertificateTls: options.trustedCertificateTls,
    autoRefresh: options.autoRefresh ?? true,
    refuseNeedless: options.refuseNeedless ?? false,
    defects,
    store,
    index,
    keys,
    trust,
    deliveredOn: new Map(),
    forwarder: new Forwarder({ store, index, defects, forward, retryMs }),
  };
}

function operatorOf(core: EimCore): EimOperator {
  return {
    addDevice: (device) => addDevice(core, device),
    removeDevice: (eid) => removeDevice(core, eid),
    device: async (eid) => deviceView(core, eid),
    devices: async () => deviceViews(core),
    order: (eid, request) => takeOrder(core, eid, request),
    orderView: async (id) => orderView(core, id),
    eimConfiguration: () => ownEimConfiguration(core),
  };
}

/** What an eIM does that keeps its counters in memory. */
async function forgetCounters(core: EimCore): Promise<void> {
  const work = new Work(core);
  for (const key of core.store.keys(deviceKey(''))) {
    const device = work.device(key.slice(deviceKey('').length));
    if (device !== undefined) device.counterValue = device.initialCounterValue;
  }
  await work.commit();
}
