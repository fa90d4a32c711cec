/** One sequence on an eIM under test: its devices, its orders, what S_IPA says and what the SM-DP+ gets. */
import { TransportError, type Observation, type TraceEvent } from '../../drivers/contract.js';
import type {
  EimDevice,
  EimDriver,
  EimObservation,
  EuiccChain,
  EsipaChannel,
  EsipaRequest,
  FactMap,
  ManagementAnswer,
  ManagementOperation,
  NotificationListener,
} from '../../drivers/eim-contract.js';
import { bytesToHex, hexToBytes } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { parseCertificate, type Certificate } from '../protocol/pki/certificate.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import type { Sgp32Version } from '../protocol/types/index.js';
import type { Personalisation } from './conditions.js';
import { EimBook } from './eim-book.js';
import type { EimIdentity, EimSession } from './eim-session.js';
import { StateError } from './fingerprint.js';
import type { Target } from './load-target.js';
import type { SignatureKeys } from './match-signature.js';
import { prepareEsipa } from './party-esipa.js';
import { prepareEuicc } from './party-euicc.js';
import { prepareOperation, type OperatorParty } from './party-operator.js';
import type { Recorder } from './recorder.js';
import { textOf, type Scope } from './scope.js';
import { unknownParty, type Knowledge, type Prepared, type Seen, type Stage } from './stage.js';
import type { ExchangeStep, ReceiveStep, ServerStep, ServeStep, Suite } from './suite.js';
import { find, literalNode, SuiteError, type YNode } from './yaml/nodes.js';

/** Milliseconds for which a notification to the SM-DP+ is waited for, where a step does not say. */
const NOTIFICATION_DEADLINE = 5_000;
const ROLES = ['eIM', 'S_eUICC', 'S_eUICC2'];

/** A device of the sequence, with what its eUICC has stored about eIMs. */
export interface StagedDevice extends Knowledge {
  readonly number: string;
  readonly device: EimDevice;
  /** Of the CI that the eIM's configuration chooses. */
  readonly chain: EuiccChain;
  readonly operator: OperatorParty;
  readonly known: { certificate?: Certificate };
  /** The eIM under test was told of it. */
  added: boolean;
}

export class EimStage implements Stage {
  readonly suite: Suite;
  readonly target: Target;
  readonly version: Sgp32Version;
  readonly pki: PkiFolder;
  readonly constants: Map<string, YNode>;
  readonly signers = new Map<string, (data: Uint8Array) => Uint8Array>();
  readonly #devices = new Map<string, StagedDevice>();

  constructor(
    readonly session: EimSession,
    readonly identity: EimIdentity,
    readonly recorder: Recorder,
  ) {
    this.suite = session.suite;
    this.target = session.target;
    this.version = session.version;
    this.pki = session.pki;
    this.constants = new Map(session.constants);
  }

  get devices(): readonly StagedDevice[] {
    return [...this.#devices.values()];
  }

  /** The first device's. */
  get eims(): EimBook {
    return this.device('1').eims;
  }

  /** @throws {SuiteError} for a device that no initial condition names. */
  device(number: string): StagedDevice {
    const found = this.#devices.get(number);
    if (found !== undefined) return found;
    throw new SuiteError(
      'unknown-role',
      `the sequence has no device ${number}`,
      { file: this.target.file, line: 1, column: 1 },
      { repair: `Name it in an initial condition: { eIM: associated, device: '${number}' }.` },
    );
  }

  /** A device of its own for this sequence; `$EID1`, `$EID2` are theirs. */
  async take(number: string, signal: AbortSignal): Promise<StagedDevice> {
    const present = this.#devices.get(number);
    if (present !== undefined) return present;
    const ci = this.identity.fields['euiccCiPKId'];
    const ciPKId = typeof ci === 'string' ? ci : undefined;
    const device = await this.session.driver.takeDevice(ciPKId, signal);
    const { suite, target, version, pki, signers } = this;
    const eims = new EimBook(suite.eims);
    const operator: OperatorParty = {
      knowledge: { suite, target, version, pki, eims, signers },
      eid: device.eid,
      lastOrder: undefined,
      call: (operation, parameters, s) => this.call(operation, parameters, s),
      tells: (operation) => this.session.driver.management.tells?.(operation),
    };
    const chain = device.chain(ciPKId);
    const known = { suite, target, version, pki, eims, signers };
    const staged: StagedDevice = { ...known, number, device, chain, operator, known: {}, added: false };
    this.#devices.set(number, staged);
    this.signers.set(number === '1' ? 'S_eUICC' : `S_eUICC${number}`, (data) => chain.sign(data));
    const place = { file: target.file, line: 1, column: 1 };
    this.constants.set(`EID${number}`, literalNode(device.eid, place));
    this.constants.set(`CERT_EUICC${number}`, literalNode(chain.euiccCertificate, place));
    this.constants.set(`CERT_EUM${number}`, literalNode(chain.eumCertificate, place));
    this.#trace(await device.card.open(signal));
    return staged;
  }

  prepare(step: ExchangeStep, scope: Scope): Prepared {
    const { from, to } = step;
    const number = /\d$/.exec(to === 'eIM' ? from : to)?.[0] ?? '1';
    if (!ROLES.includes(to)) throw unknownParty(to, step.place, ROLES);
    const staged = this.device(number);
    if (to !== 'eIM')
      return prepareEuicc(
        {
          knowledge: staged,
          exchange: (request, signal) =>
            this.#recorded(
              () => staged.device.card.exchange(request, signal),
              (o: Observation) => o.events,
            ),
          resetAfterSwitch: true,
        },
        step,
        scope,
      );
    if (from === 'operator') return prepareOperation(staged.operator, step, scope);
    return prepareEsipa(
      {
        knowledge: staged,
        device: staged.device.eid,
        trustedPublicKeyDataTls: this.identity.fields['trustedPublicKeyDataTls'],
        exchange: (r, signal) => this.esipa(r, signal),
      },
      step,
      scope,
    );
  }

  async receive(step: ReceiveStep, scope: Scope, signal: AbortSignal): Promise<Seen> {
    const notifications = this.#listener();
    const within = find(step.answer, 'within');
    const deadline = within === undefined ? NOTIFICATION_DEADLINE : Number(textOf(within, scope, 'within'));
    const received = await notifications.next(this.isOurs, deadline, signal);
    if (received === undefined)
      return {
        data: new Uint8Array(0),
        fault: {
          kind: 'timeout',
          path: 'HandleNotification',
          expected: 'a notification at the SM-DP+',
          actual: `none in ${deadline} ms`,
        },
      };
    this.#trace(received.events);
    return { data: received.data, facts: received.facts };
  }

  /** By the EID: in the certificate as text, or where a sequence put it as bytes. */
  readonly isOurs = (data: Uint8Array): boolean => {
    const bytes = Buffer.from(data);
    return this.devices.some(
      ({ device: { eid } }) => bytes.includes(eid, 0, 'latin1') || bytes.includes(Buffer.from(eid, 'hex')),
    );
  };

  setServer({ state }: ServerStep): void {
    this.#listener().setState(state, this.isOurs);
  }

  #listener(): NotificationListener {
    const { notifications } = this.session.driver;
    if (notifications !== undefined) return notifications;
    throw new Sgp33Error('notifications-unavailable', 'the target has no listener for ES9+', {
      place: this.target.file,
      repair: 'Add `notifications:` to the driver of the target.',
    });
  }

  async personalise(request: Personalisation, signal?: AbortSignal): Promise<void> {
    await this.personaliseDevice('1', request, signal);
  }

  async personaliseDevice(number: string, request: Personalisation, signal?: AbortSignal): Promise<void> {
    try {
      await this.device(number).device.card.personalise(request, signal);
    } catch (error) {
      if (error instanceof Sgp33Error && error.code.startsWith('personalisation-'))
        throw new StateError(`${request.action}: ${error.message}`);
      throw error;
    }
  }

  spoil(): void {
    // Every sequence has devices of its own.
  }

  keysFor(number: string): SignatureKeys {
    const { chain, eims, known } = this.device(number);
    // Parsed once, and only where a signature of the eUICC is looked at.
    const certificate = (): Certificate =>
      (known.certificate ??= parseCertificate(hexToBytes(chain.euiccCertificate) ?? new Uint8Array(0)));
    return { eims, euiccCertificate: certificate, eimPublicKey: this.identity.publicKey };
  }

  keysOf(step: ExchangeStep | ReceiveStep | ServeStep): SignatureKeys {
    const role = step.kind === 'exchange' && step.to === 'eIM' ? step.from : step.to;
    return this.keysFor(/\d$/.exec(role)?.[0] ?? '1');
  }

  /** @throws {TransportError}; {Sgp33Error} `operation-not-mapped`, `management-*`. */
  async call(
    operation: ManagementOperation,
    parameters: FactMap,
    signal: AbortSignal,
  ): Promise<ManagementAnswer> {
    // Nobody keeps a connection over a restart of the other side; an IPA would have to find that out first.
    if (operation === 'restart') await closeEsipa(this.session.driver);
    return this.#recorded(
      () => this.session.driver.management.call(operation, parameters, signal),
      (a) => a.events,
    );
  }

  async esipa(request: EsipaRequest, signal: AbortSignal): Promise<EimObservation> {
    if (request.message !== undefined)
      this.recorder.event({ kind: 'esipa-request', hex: bytesToHex(request.message) });
    const seen = await this.#recorded(
      () => this.#channelFor(request).exchange(request, signal),
      (o) => o.events,
    );
    if (seen.data.length > 0) this.recorder.event({ kind: 'esipa-response', hex: bytesToHex(seen.data) });
    return seen;
  }

  #channelFor({ over }: EsipaRequest): EsipaChannel {
    const { esipa, esipaOverHttps } = this.session.driver;
    if (over === undefined) return esipa;
    if (esipaOverHttps !== undefined) return esipaOverHttps;
    throw new Sgp33Error('no-https-too', 'the target does not say where the eIM is reached over HTTPS', {
      place: this.target.file,
      repair: 'Add `https:` to the driver of the target; P_RUN_HTTPS_TOO then lets the sequence apply.',
    });
  }

  #trace(events: readonly TraceEvent[]): void {
    this.recorder.trace(events, this.recorder.now);
  }

  async #recorded<T>(work: () => Promise<T>, eventsOf: (done: T) => readonly TraceEvent[]): Promise<T> {
    const began = this.recorder.now;
    try {
      const done = await work();
      this.recorder.trace(eventsOf(done), began);
      return done;
    } catch (error) {
      if (error instanceof TransportError) {
        this.recorder.trace(error.events ?? [], began);
        this.recorder.event({ kind: 'note', text: error.message });
      }
      throw error;
    }
  }
}

/** Over both transports. @param device its EID; undefined: all. */
export async function closeEsipa({ esipa, esipaOverHttps }: EimDriver, device?: string): Promise<void> {
  await Promise.all([esipa.close(device), esipaOverHttps?.close(device)]);
}
