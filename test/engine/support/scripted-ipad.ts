/** An IPAd driver whose device is a function of the test: it speaks and listens without any socket. The card is a real S_eUICC. */
import type { EsipaChannel, FactMap, NotificationListener } from '../../../drivers/eim-contract.js';
import type {
  CardCommand,
  CardFault,
  EsipaArrival,
  EsipaListener,
  EsipaReply,
  IpadDriver,
  IpadTriggerName,
  ListenerArrival,
  ServerPresentation,
  TriggerEnd,
  WatchedCard,
} from '../../../drivers/ipad-contract.js';
import type { PersonalisationRequest } from '../../../drivers/contract.js';
import { TransportError } from '../../../drivers/contract.js';
import { IPAD_TRIGGERS } from '../../../drivers/ipad-contract.js';
import { bytesToHex, hexToBytes } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';

/** What a device of a test can do. */
export interface ScriptedDevice {
  /** Sends a message in hex and waits for what it is answered, in hex; `silence`, `close` and `empty` for those. */
  say(hex: string, facts?: FactMap): Promise<string>;
  /** Gives its card a command, as if it had been answered so. */
  command(hex: string, response?: string, more?: Partial<CardCommand>): void;
  /** A connection that came to nothing. */
  refuse(facts?: FactMap): void;
}

export const exited = (exitCode: number, output = ''): TriggerEnd => ({
  how: 'exited',
  exitCode,
  output,
  outputBytes: output.length,
  events: [],
});

class Queue<T> {
  readonly #waiting: T[] = [];
  #wake: (() => void) | undefined;

  put(value: T): void {
    this.#waiting.push(value);
    this.#wake?.();
  }

  async next(deadlineMs: number, signal?: AbortSignal): Promise<T | undefined> {
    if (this.#waiting.length === 0)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, deadlineMs);
        this.#wake = wake;
        signal?.addEventListener('abort', wake, { once: true });
      });
    if (signal?.aborted === true) throw new TransportError('aborted', 'aborted');
    return this.#waiting.shift();
  }
}

export class ScriptedIpad implements IpadDriver {
  readonly kind = 'IPAd';
  readonly identity = { transport: 'scripted' };
  notifications: NotificationListener | undefined;
  readonly notificationAddress = undefined;
  injection: EsipaChannel | undefined;
  readonly surroundings = { cardPort: '1' };
  readonly fired: [IpadTriggerName, FactMap][] = [];
  readonly presented: ServerPresentation[] = [];
  readonly renewed: (readonly PersonalisationRequest[])[] = [];
  faults: readonly CardFault[] = [];
  settled = 0;
  death: TriggerEnd | undefined;
  /** What the device does when it is triggered; its end, where it has one. */
  act: (device: ScriptedDevice) => Promise<TriggerEnd | undefined> = () => Promise.resolve(undefined);
  /** Without it the device has a real card. */
  withCard = true;
  readonly #arrivals = new Queue<ListenerArrival>();
  readonly #commands = new Queue<CardCommand>();
  readonly #euicc = createEuicc({});

  constructor(
    readonly patienceMs = 2_000,
    readonly quietMs = 20,
  ) {}

  readonly #listener: EsipaListener = {
    transport: 'https',
    address: '127.0.0.1:1',
    serverName: 'testeim1.example.com',
    trustAnchor: () => loadPkiFolder().certificate('CI_ECDSA_NIST').der,
    present: async (presentation) => {
      this.presented.push(presentation);
      this.#closeConnections();
    },
    next: (deadlineMs, signal) => this.#arrivals.next(deadlineMs, signal),
    clear: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  readonly eims = new Map([['S_eIM', this.#listener]]);

  readonly triggers: IpadDriver['triggers'] = {
    mapped: new Set(IPAD_TRIGGERS),
    alive: undefined,
    fire: (name, parameters) => {
      this.fired.push([name, parameters]);
      const done = this.act(this.#device);
      const end = this.ends ? done.then((e) => e ?? exited(0)) : undefined;
      return Promise.resolve({ ended: end, events: [] });
    },
    takeDeath: () => {
      const { death } = this;
      this.death = undefined;
      return death;
    },
    settle: () => {
      this.settled += 1;
      return Promise.resolve([]);
    },
    close: () => Promise.resolve(),
  };
  /** The end of what a trigger started can be seen. */
  ends = true;

  get card(): WatchedCard | undefined {
    return this.withCard ? this.#card : undefined;
  }

  readonly #card: WatchedCard = {
    eid: this.#euicc.eid,
    place: 'scripted',
    openChannels: [],
    renew: async (actions) => {
      this.renewed.push(actions);
      this.#euicc.applyPersonalisation('reset', {});
      for (const { action, parameters } of actions) this.#euicc.applyPersonalisation(action, parameters);
    },
    personalise: async ({ action, parameters }) => this.#euicc.applyPersonalisation(action, parameters),
    inspect: (request) => Promise.resolve(this.#euicc.es10(request)),
    fault: (faults) => void (this.faults = faults),
    pull: () => Promise.resolve(),
    insert: () => Promise.resolve(),
    next: (deadlineMs, signal) => this.#commands.next(deadlineMs, signal),
    clear: () => undefined,
    close: () => Promise.resolve(),
  };

  /** Those that said something and were not answered yet. */
  readonly #unanswered = new Set<(answer: string) => void>();

  #closeConnections(): void {
    for (const end of this.#unanswered) end('closed');
    this.#unanswered.clear();
  }

  readonly #device: ScriptedDevice = {
    say: (hex, facts = {}) =>
      new Promise((resolve) => {
        this.#unanswered.add(resolve);
        const answered = (reply: EsipaReply): void => {
          this.#unanswered.delete(resolve);
          resolve(shown(reply));
        };
        this.#arrivals.put(arrival(hex, facts, answered));
      }),
    command: (hex, response = '', more = {}) =>
      this.#commands.put({
        at: 0,
        kind: 'es10',
        channel: 1,
        command: bytes(hex),
        response: bytes(response),
        sw: 0x9000,
        facts: {},
        events: [],
        ...more,
      }),
    refuse: (facts = {}) =>
      this.#arrivals.put({ kind: 'handshake-failed', at: 0, connection: 1, facts, events: [] }),
  };

  open(): Promise<[]> {
    return Promise.resolve([]);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const bytes = (hex: string): Uint8Array => hexToBytes(hex) ?? new Uint8Array(0);

const arrival = (hex: string, facts: FactMap, answer: (reply: EsipaReply) => void): EsipaArrival => ({
  kind: 'message',
  at: 0,
  connection: 1,
  binding: 'asn1',
  data: bytes(hex),
  facts,
  findings: [],
  events: [],
  reply: (reply) => {
    answer(reply);
    return Promise.resolve({ events: [], facts: { coap: { retransmissions: '0' } } });
  },
});

function shown(reply: EsipaReply): string {
  if (reply.silence === true) return 'silence';
  if (reply.close === true) return 'close';
  if (reply.message !== undefined) return bytesToHex(reply.message);
  if (reply.body !== undefined) return bytesToHex(reply.body);
  return reply.http?.status === undefined ? 'empty' : `HTTP ${reply.http.status}`;
}
