/** What the steps of one sequence play on: the parties that take requests, and what is known of keys and constants. */
import type { BindingFinding, ChannelFault, FactMap } from '../../drivers/eim-contract.js';
import type { TextValue } from '../protocol/asn1/index.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import type { Sgp32Version } from '../protocol/types/index.js';
import type { Personalisation } from './conditions.js';
import type { EimBook } from './eim-book.js';
import type { Target } from './load-target.js';
import type { SignatureKeys } from './match-signature.js';
import type { Message, Note, SourcePlace } from './result.js';
import type { Scope } from './scope.js';
import type { ExchangeStep, ReceiveStep, ServerStep, ServeStep, Suite } from './suite.js';
import { SuiteError, type YNode } from './yaml/nodes.js';

/** What a message is built from. */
export interface Knowledge {
  readonly suite: Suite;
  readonly target: Target;
  readonly version: Sgp32Version;
  readonly pki: PkiFolder;
  readonly eims: EimBook;
  /** Signs `r || s` for a party whose key is in no PKI folder: a generated S_eUICC. */
  readonly signers?: ReadonlyMap<string, (data: Uint8Array) => Uint8Array>;
}

/** Everything that a request brought back and that an expectation can be about. */
export interface Seen {
  /** Answer of an ES10 function or ESipa message; empty when there was none. */
  readonly data: Uint8Array;
  /** Status word of a card; null: none came. Undefined: not a card. */
  readonly sw?: number | null;
  /** An R-APDU of less than 2 bytes. */
  readonly malformed?: Uint8Array;
  /** Answer to reset of the last reset in this exchange. */
  readonly atr?: Uint8Array;
  /** What a transport or a management API told. */
  readonly facts?: FactMap;
  /** Of an order: whether it was taken. */
  readonly accepted?: boolean;
  readonly fault?: ChannelFault;
  readonly findings?: readonly BindingFinding[];
  /** What else is worth telling. */
  readonly notes?: readonly Note[];
}

/** What the IUT did at a party that the tool plays, and how it is answered once it was judged. */
export interface Served {
  readonly seen: Seen;
  /** What a card has answered already. */
  readonly response?: Seen;
  /** The answer that the step writes. @throws {SuiteError} for one that can not be built. */
  reply(scope: Scope): Promise<SentReply | undefined>;
  /** What a good party answers: the step did not pass, and nobody is left waiting. */
  refuse(): Promise<void>;
}
export interface SentReply {
  readonly title: string;
  /** What became of it: `answered` of the step. */
  readonly facts: FactMap;
  readonly message: Message | undefined;
  readonly variables: ReadonlyMap<string, TextValue>;
}

export interface Prepared {
  readonly title: string;
  /** For the report; undefined where nothing with bytes is sent. */
  readonly message: Message | undefined;
  /** @throws {TransportError} */
  send(signal: AbortSignal): Promise<Seen>;
  /** Variables that the exchange binds whatever the answer is worth, and what has to follow it. */
  after(seen: Seen): Aftermath;
}

export interface Aftermath {
  readonly variables: ReadonlyMap<string, TextValue>;
  /** A step of its own: the reset that a device does on REFRESH. */
  readonly then?: {
    readonly title: string;
    readonly direction: string;
    run(signal: AbortSignal): Promise<unknown>;
  };
}

export const NO_AFTERMATH: Aftermath = { variables: new Map() };

/** One sequence's view of the run. */
export interface Stage extends Knowledge {
  readonly constants: ReadonlyMap<string, YNode>;
  /** Keys against which what this step brings is checked. */
  keysOf(step: ExchangeStep | ReceiveStep | ServeStep): SignatureKeys;
  /** @throws {SuiteError} for a request that can not be built. */
  prepare(step: ExchangeStep, scope: Scope): Prepared;
  /** Waits for what the IUT sends by itself. */
  receive(step: ReceiveStep, scope: Scope, signal: AbortSignal): Promise<Seen>;
  /** Waits for what an IUT does at a party; only the stage of an IPAd has such. */
  serve?(step: ServeStep, scope: Scope, signal: AbortSignal): Promise<Served>;
  /** @throws {StateError} when the personaliser can not. */
  personalise(request: Personalisation, signal?: AbortSignal): Promise<void>;
  /** @throws {Sgp33Error} `notifications-unavailable` where the target has no such server. */
  setServer(step: ServerStep): void;
  /** Nothing is known of the IUT any more. */
  spoil(): void;
}

/** For a step that names a role which this IUT's stage does not have. */
export const unknownParty = (role: string, place: SourcePlace, known: readonly string[]): SuiteError =>
  new SuiteError('unknown-role', `nobody here is '${role}'`, place, { expected: known.join(', ') });
