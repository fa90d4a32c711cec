/** One sequence on an IPAd under test: the eIMs that it meets, the card in its slot, and what makes it act. */
import type { CardFault, ServerPresentation } from '../../drivers/ipad-contract.js';
import { bytesToHex, decode, encode, fromText, type TextValue } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { parseCertificate, type Certificate } from '../protocol/pki/certificate.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';
import type { Personalisation } from './conditions.js';
import { EimBook } from './eim-book.js';
import { StateError } from './fingerprint.js';
import type { IpadSession } from './ipad-session.js';
import { IpadTraffic } from './ipad-traffic.js';
import { learn } from './learn.js';
import type { Target } from './load-target.js';
import type { SignatureKeys } from './match-signature.js';
import { prepareIpadOrder } from './party-ipad-order.js';
import { serveCard } from './party-ipad-card.js';
import { prepareInjection } from './party-ipad-injection.js';
import { serveEsipa } from './party-ipad-esipa.js';
import { prepareEuicc } from './party-euicc.js';
import type { Recorder } from './recorder.js';
import { rootScope, textOf, type Scope } from './scope.js';
import { unknownParty, type Prepared, type Seen, type Served, type Stage } from './stage.js';
import type { ExchangeStep, ReceiveStep, ServerStep, ServeStep, Suite } from './suite.js';
import { find, type YNode } from './yaml/nodes.js';

/** There is one device: whatever comes is its own. */
const EVERYTHING = (): boolean => true;

/** Whom an IPAd meets. */
export const IPAD_PARTIES: readonly string[] = ['S_eIM', 'S_eIM2', 'S_eUICC', 'S_SM-DP+'];

export class IpadStage implements Stage {
  readonly suite: Suite;
  readonly target: Target;
  readonly version: Sgp32Version;
  readonly pki: PkiFolder;
  readonly constants: Map<string, YNode>;
  readonly eims: EimBook;
  readonly traffic: IpadTraffic;
  /** By role: what the listener shows now. */
  readonly presented = new Map<string, ServerPresentation>();
  faults: CardFault[] = [];
  readonly #certificates = new Map<string, Certificate>();

  constructor(
    readonly session: IpadSession,
    readonly sequenceId: string,
    readonly recorder: Recorder,
  ) {
    this.suite = session.suite;
    this.target = session.target;
    this.version = session.version;
    this.pki = session.pki;
    this.constants = new Map(session.constants);
    this.eims = new EimBook(session.suite.eims);
    this.traffic = new IpadTraffic(session.driver, recorder, ({ kind, command, response }) => {
      if (kind === 'es10') learn(this, command, response);
    });
  }

  get driver(): IpadSession['driver'] {
    return this.session.driver;
  }

  keysOf(): SignatureKeys {
    return { eims: this.eims, euiccCertificate: (ci) => this.#certificates.get(ci?.toUpperCase() ?? '') };
  }

  prepare(step: ExchangeStep, scope: Scope): Prepared {
    if (step.from === 'operator') return prepareIpadOrder(this, step, scope);
    if (step.to === 'IPAd') return prepareInjection(this, step, scope);
    if (step.to !== 'S_eUICC') throw unknownParty(step.to, step.place, IPAD_PARTIES);
    const { card } = this.driver;
    if (card === undefined) throw this.noCard();
    return prepareEuicc(
      {
        knowledge: this,
        // Past the device: the tool looks at the card itself.
        exchange: async (request) => {
          if (request.kind !== 'es10')
            throw new Sgp33Error('ipad-card', 'the tool asks the card of an IPAd for ES10 functions only', {
              place: `${step.place.file}:${step.place.line}`,
            });
          const { data, sw } = await card.inspect(request.data);
          this.recorder.event({ kind: 'es10-request', hex: bytesToHex(request.data) });
          this.recorder.event({ kind: 'es10-response', hex: bytesToHex(data) });
          return { data, sw, events: [] };
        },
        resetAfterSwitch: false,
      },
      step,
      scope,
    );
  }

  serve(step: ServeStep, scope: Scope, signal: AbortSignal): Promise<Served> {
    if (/^S_eIM2?$/.test(step.to)) return serveEsipa(this, step, scope, signal);
    if (step.to === 'S_eUICC') return serveCard(this, step, scope, signal);
    throw unknownParty(step.to, step.place, IPAD_PARTIES);
  }

  async receive(step: ReceiveStep, scope: Scope, signal: AbortSignal): Promise<Seen> {
    const { notifications, patienceMs } = this.driver;
    if (notifications === undefined) throw this.#noListener();
    const within = find(step.answer, 'within');
    const deadline = within === undefined ? patienceMs : Number(textOf(within, scope, 'within'));
    const received = await notifications.next(() => true, deadline, signal);
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
    this.recorder.trace(received.events, this.recorder.now);
    return { data: received.data, facts: received.facts };
  }

  /** @throws {StateError} */
  async personalise(request: Personalisation): Promise<void> {
    const { card } = this.driver;
    if (card === undefined) throw new StateError(`${request.action}: ${this.noCard().message}`);
    try {
      await card.personalise(request);
    } catch (error) {
      if (error instanceof Sgp33Error && error.code.startsWith('personalisation-'))
        throw new StateError(`${request.action}: ${error.message}`);
      throw error;
    }
  }

  setServer({ state }: ServerStep): void {
    const { notifications } = this.driver;
    if (notifications === undefined) throw this.#noListener();
    notifications.setState(state, EVERYTHING);
  }

  /** What came to the S_SM-DP+ before is gone, and it listens. */
  async clearNotifications(): Promise<void> {
    const { notifications } = this.driver;
    notifications?.setState('listening', EVERYTHING);
    while (notifications !== undefined && notifications.waiting > 0) await notifications.next(EVERYTHING, 0);
  }

  #noListener(): Sgp33Error {
    return new Sgp33Error('notifications-unavailable', 'the target has no listener for ES9+', {
      place: this.target.file,
      repair: 'Add `notifications:` to the driver of the target.',
    });
  }

  spoil(): void {
    // Every sequence begins with a card as new.
  }

  /** ES10 by the tool itself, by its types. @throws {StateError} without a card that the tool can look at. */
  async call(
    requestType: string,
    value: TextValue,
    responseType: string,
  ): Promise<{ request: Uint8Array; answer: Uint8Array; value: unknown }> {
    const { card } = this.driver;
    if (card === undefined) throw new StateError(this.noCard().message);
    const type = typeByName(this.version, requestType);
    const request = encode(type, fromText(type, value, requestType));
    const { data } = await card.inspect(request);
    return { request, answer: data, value: decode(typeByName(this.version, responseType), data).value };
  }

  /** The certificates of the card against which signatures are checked. */
  async readCertificates(): Promise<void> {
    const info = await this.call('GetEuiccInfo1Request', {}, 'EUICCInfo1');
    const list =
      (info.value as { euiccCiPKIdListForSigning?: Uint8Array[] } | undefined)?.euiccCiPKIdListForSigning ??
      [];
    for (const ci of list.map(bytesToHex)) {
      const { value } = await this.call('GetCertsRequest', { euiccCiPKId: ci }, 'GetCertsResponse');
      const der = (value as { certs?: { euiccCertificate?: Uint8Array } } | undefined)?.certs
        ?.euiccCertificate;
      if (der === undefined) continue;
      const certificate = parseCertificate(der);
      this.#certificates.set(ci, certificate);
      if (!this.#certificates.has('')) this.#certificates.set('', certificate);
    }
  }

  noCard(): Sgp33Error {
    return new Sgp33Error('ipad-card', 'the eUICC of the device is none that the tool can look at', {
      place: this.target.file,
      repair: 'Give the device an S_eUICC: `card:` of the driver.',
    });
  }

  /** For what is evaluated outside of any step. */
  get scope(): Scope {
    return rootScope(this.constants, new Map());
  }
}
