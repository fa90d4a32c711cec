/** An eIM driver whose answers a test writes; the devices have a real S_eUICC. */
import type {
  EimDevice,
  EimDriver,
  EimObservation,
  EsipaChannel,
  EsipaRequest,
  FactMap,
  ManagementAnswer,
  ManagementOperation,
  ReceivedNotification,
} from '../../../drivers/eim-contract.js';
import { MANAGEMENT_OPERATIONS } from '../../../drivers/eim-contract.js';
import { EimDevices } from '../../../src/cli/drivers/eim-devices.js';
import { bytesToHex, encode, fromText, hexToBytes } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { typeByName } from '../../../src/protocol/types/index.js';

const SPKI = bytesToHex(loadPkiFolder().certificate('S_EIMsign_ECDSA_NIST').spki);
const CONFIGURATION = {
  eimId: 'testeim1',
  counterValue: '1',
  eimPublicKeyData: { eimPublicKey: SPKI },
};

export const observed = (more: Partial<EimObservation> = {}): EimObservation => ({
  data: new Uint8Array(0),
  facts: {},
  findings: [],
  events: [],
  ...more,
});

/** An ESipa answer in hex. */
export const answered = (hex: string, more: Partial<EimObservation> = {}): EimObservation =>
  observed({ data: hexToBytes(hex) ?? new Uint8Array(0), ...more });

export class ScriptedEim implements EimDriver {
  readonly kind = 'eIM';
  readonly identity = { transport: 'scripted' };
  readonly notificationAddress = undefined;
  readonly sent: EsipaRequest[] = [];
  readonly called: [ManagementOperation, FactMap][] = [];
  readonly released: string[] = [];
  /** Devices whose connections were closed. */
  readonly closed: string[] = [];
  /** Devices that are out at this moment, and the most that ever were. */
  out = 0;
  most = 0;
  answer: (request: EsipaRequest) => Promise<EimObservation> | EimObservation = () => observed();
  manage: (
    operation: ManagementOperation,
    parameters: FactMap,
  ) => Promise<ManagementAnswer> | ManagementAnswer = () => ({ accepted: true, facts: {}, events: [] });
  received: ReceivedNotification | undefined;
  readonly #devices: EimDevices;

  /** @param eids devices that the eIM is prepared for; none: any. */
  constructor(eids: readonly string[] = []) {
    this.#devices = new EimDevices({
      pki: undefined,
      sgp32Version: '1.2',
      list: eids.map((eid) => ({ eid })),
      notificationAddress: undefined,
    });
  }

  esipaOverHttps: EsipaChannel | undefined;

  readonly esipa = {
    transport: 'https' as const,
    binding: 'asn1' as const,
    url: 'https://localhost',
    exchange: async (request: EsipaRequest): Promise<EimObservation> => {
      this.sent.push(request);
      return this.answer(request);
    },
    close: async (device?: string): Promise<void> => {
      this.closed.push(device ?? 'all');
    },
  };

  readonly management = {
    operations: new Set(MANAGEMENT_OPERATIONS),
    tells: (): ReadonlySet<string> | undefined => undefined,
    call: async (operation: ManagementOperation, parameters: FactMap): Promise<ManagementAnswer> => {
      this.called.push([operation, parameters]);
      if (operation !== 'exportEimConfiguration') return this.manage(operation, parameters);
      const type = typeByName('1.2', 'EimConfigurationData');
      const der = bytesToHex(encode(type, fromText(type, CONFIGURATION)));
      return { accepted: true, facts: { eimConfigurationData: der }, events: [] };
    },
    close: async (): Promise<void> => {},
  };

  readonly notifications = {
    address: '127.0.0.1:1',
    waiting: 0,
    states: [] as string[],
    setState(state: string): void {
      this.states.push(state);
    },
    next: async (): Promise<ReceivedNotification | undefined> => this.received,
    close: async (): Promise<void> => {},
  };

  async open(): Promise<[]> {
    return [];
  }

  async takeDevice(): Promise<EimDevice> {
    this.out += 1;
    this.most = Math.max(this.most, this.out);
    return this.#devices.take(undefined);
  }

  async releaseDevice(device: EimDevice): Promise<void> {
    this.out -= 1;
    this.released.push(device.eid);
    await this.#devices.release(device);
  }

  async close(): Promise<void> {}
}
