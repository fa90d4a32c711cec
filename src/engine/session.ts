/** What one run knows about one IUT across its sequences. */
import {
  TransportError,
  type EuiccDriver,
  type EuiccRequest,
  type Observation,
  type TraceEvent,
} from '../../drivers/contract.js';
import {
  bytesToHex,
  decode,
  encode,
  fromText,
  type Decoded,
  type TextValue,
} from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { parseCertificate, type Certificate } from '../protocol/pki/certificate.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';
import { personalise, type Personalisation } from './conditions.js';
import { settledConstants } from './constants.js';
import { EimBook } from './eim-book.js';
import type { Fingerprint } from './fingerprint.js';
import type { Target } from './load-target.js';
import type { SignatureKeys } from './match-signature.js';
import { prepareEuicc } from './party-euicc.js';
import type { Recorder } from './recorder.js';
import type { Scope } from './scope.js';
import { unknownParty, type Prepared, type Seen, type Stage } from './stage.js';
import type { ExchangeStep, ReceiveStep, ServerStep, Suite } from './suite.js';
import { literalNode, type YNode } from './yaml/nodes.js';

export interface SessionOptions {
  readonly suite: Suite;
  readonly target: Target;
  readonly driver: EuiccDriver;
  readonly pki: PkiFolder;
}

/** An answer of an ES10 function that the engine itself asked for. */
export interface Called {
  readonly observation: Observation;
  readonly decoded: Decoded<unknown>;
  readonly request: Uint8Array;
}

export class Session implements Stage {
  readonly kind = 'eUICC';
  readonly suite: Suite;
  readonly target: Target;
  readonly driver: EuiccDriver;
  readonly pki: PkiFolder;
  readonly version: Sgp32Version;
  readonly eims: EimBook;
  /** Constants of suite and target together, tags carried out. */
  readonly constants: Map<string, YNode>;
  /** State to which every sequence returns; read once the card is open. */
  baseline: Fingerprint | undefined;
  /** The card may be anywhere: the next sequence begins with a cold reset. */
  dirty = true;
  /** Of the sequence that is running. */
  recorder: Recorder | undefined;
  #certificates = new Map<string, { euicc: Certificate; eum: Certificate }>();
  #firstCi: string | undefined;
  #opened = false;

  constructor(options: SessionOptions) {
    this.suite = options.suite;
    this.target = options.target;
    this.driver = options.driver;
    this.pki = options.pki;
    this.version = options.target.sgp32Version;
    this.eims = new EimBook(options.suite.eims);
    this.constants = settledConstants(options);
  }

  /** Opens the driver and reads who is there. Called again after the card was gone. */
  async open(signal?: AbortSignal): Promise<void> {
    await this.#traced(
      () => this.driver.open(signal),
      (events) => events,
    );
    const eid = this.driver.identity.eid;
    if (eid !== undefined)
      this.constants.set('IUT_EID', literalNode(eid, { file: this.target.file, line: 1, column: 1 }));
    this.dirty = false;
    if (!this.#opened) await this.#readCertificates(signal);
    this.#opened = true;
  }

  /** An ES10 function by its types. Nothing is judged here. */
  async call(
    requestType: string,
    value: TextValue,
    responseType: string,
    signal?: AbortSignal,
  ): Promise<Called> {
    const type = typeByName(this.version, requestType);
    const request = encode(type, fromText(type, value, requestType));
    const observation = await this.exchange({ kind: 'es10', data: request }, signal);
    return {
      request,
      observation,
      decoded: decode(typeByName(this.version, responseType), observation.data),
    };
  }

  /** Every exchange of the engine goes through here. */
  async exchange(request: EuiccRequest, signal?: AbortSignal): Promise<Observation> {
    return this.#traced(
      () => this.driver.exchange(request, signal),
      (observation) => observation.events,
    );
  }

  /** Puts what went over the wire on the timeline of the sequence that is running, trouble included. */
  async #traced<T>(work: () => Promise<T>, eventsOf: (done: T) => readonly TraceEvent[]): Promise<T> {
    const { recorder } = this;
    const began = recorder?.now ?? 0;
    try {
      const done = await work();
      recorder?.trace(eventsOf(done), began);
      return done;
    } catch (error) {
      if (error instanceof TransportError) {
        recorder?.trace(error.events ?? [], began);
        recorder?.event({ kind: 'note', text: error.message });
      }
      throw error;
    }
  }

  keysOf(): SignatureKeys {
    return { eims: this.eims, euiccCertificate: (ci) => this.euiccCertificate(ci) };
  }

  prepare(step: ExchangeStep, scope: Scope): Prepared {
    if (step.to !== 'eUICC') throw unknownParty(step.to, step.place, ['eUICC']);
    return prepareEuicc(
      {
        knowledge: this,
        exchange: (request, signal) => this.exchange(request, signal),
        resetAfterSwitch: this.target.resetAfterSwitch,
        setDirty: (dirty) => (this.dirty = dirty),
      },
      step,
      scope,
    );
  }

  receive(step: ReceiveStep): Promise<Seen> {
    throw unknownParty(step.to, step.place, ['eUICC']);
  }

  setServer(step: ServerStep): void {
    throw unknownParty(step.role, step.place, ['eUICC']);
  }

  personalise(request: Personalisation, signal?: AbortSignal): Promise<void> {
    return personalise(this, request, signal);
  }

  spoil(): void {
    this.dirty = true;
  }

  /** Certificate of the eUICC under a CI; undefined where the card gave none. */
  euiccCertificate(ciPKId: string | undefined): Certificate | undefined {
    return this.#certificates.get(ciPKId?.toUpperCase() ?? this.#firstCi ?? '')?.euicc;
  }

  /** The eUICC's certificate out of the PKI folder, when it holds one for this EID and CI: a card can not talk it away. */
  #known(ciPKId: string): { euicc: Certificate; eum: Certificate } | undefined {
    for (const name of this.pki.identities) {
      if (!name.startsWith('EUICC')) continue;
      const euicc = this.pki.certificate(name);
      if (euicc.eid !== this.driver.identity.eid || euicc.akiHex === undefined) continue;
      const eum = this.pki.bySki(euicc.akiHex);
      if (eum?.akiHex === ciPKId) return { euicc, eum };
    }
    return undefined;
  }

  /**
   * The certificates against which signatures are checked. A card that does not give them is not refused here:
   * the sequences that need them say what is missing.
   */
  async #readCertificates(signal?: AbortSignal): Promise<void> {
    const info = await this.call('GetEuiccInfo1Request', {}, 'EUICCInfo1', signal);
    const list =
      (info.decoded.value as { euiccCiPKIdListForSigning?: Uint8Array[] } | undefined)
        ?.euiccCiPKIdListForSigning ?? [];
    this.#firstCi = list[0] === undefined ? undefined : bytesToHex(list[0]);
    for (const ci of list.slice(0, 16)) {
      const known = this.#known(bytesToHex(ci));
      if (known !== undefined) {
        this.#certificates.set(bytesToHex(ci), known);
        continue;
      }
      try {
        const { decoded } = await this.call(
          'GetCertsRequest',
          { euiccCiPKId: bytesToHex(ci) },
          'GetCertsResponse',
          signal,
        );
        const certs = (
          decoded.value as
            { certs?: { eumCertificate?: Uint8Array; euiccCertificate?: Uint8Array } } | undefined
        )?.certs;
        if (certs?.eumCertificate === undefined || certs.euiccCertificate === undefined) continue;
        this.#certificates.set(bytesToHex(ci), {
          euicc: parseCertificate(certs.euiccCertificate),
          eum: parseCertificate(certs.eumCertificate),
        });
      } catch (error) {
        // A CI identifier that is none, a certificate that is none: said by the sequences about them.
        if (error instanceof TransportError || !(error instanceof Sgp33Error)) throw error;
      }
    }
  }
}
