/**
 * An IPAd between a watched card and eIMs that a script answers for, and everything it does as a transcript: two IPAds
 * that behave alike have the same transcripts. What is random (signatures) or the machine's (ports) is masked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { offerCard, type OfferedCard } from '../../../drivers/ipad-card/index.js';
import { listenEsipa } from '../../../drivers/esipa-listener/index.js';
import type {
  EsipaArrival,
  EsipaListener,
  EsipaReply,
  ListenerArrival,
  TrustKind,
} from '../../../drivers/ipad-contract.js';
import { bitsOf, encode, tlv } from '../../../src/protocol/asn1/index.js';
import type { FactMap } from '../../../drivers/eim-contract.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { AddInitialEimRequest } from '../../../src/protocol/types/es10.js';
import type { EimConfigurationData } from '../../../src/protocol/types/es10-data.js';
import {
  Device,
  Ipad,
  socketCard,
  type IpadOptions,
  type Trigger,
} from '../../../src/simulators/ipad/index.js';
import { numbersIn } from '../ipa/scripted-eim.js';
import { TestEim } from '../euicc/eim.js';
import { bytes, hex } from '../euicc/terminal.js';

export const pki = loadPkiFolder();
export const NO_PACKAGE = bytes('BF4F03020101');
export const FQDN = 'eim.example.com';
export const FQDN2 = 'eim2.example.com';

/** Milliseconds, for tests. */
export const TIMINGS = {
  deadlineMs: 10_000,
  retries: 2,
  retryDelayMs: 1,
  maxRetryDelayMs: 20,
  maxAskedDelayMs: 5000,
  rollbackAfterMs: 0,
  ackTimeoutMs: 2000,
};

/** What an eIM says. undefined: what a good eIM says. */
export type Script = (message: string, arrival: EsipaArrival) => EsipaReply | undefined;

/** One eIM: a listener, a signer, packages that wait. */
export class ScriptedEim {
  readonly packages: Uint8Array[] = [];
  script: Script = () => undefined;
  /** Other arrivals, as they came. */
  readonly others: ListenerArrival[] = [];
  /** Of every message, hex. */
  readonly messages: string[] = [];
  readonly facts: FactMap[] = [];
  #going = true;
  #loop: Promise<void> = Promise.resolve();

  private constructor(
    readonly listener: EsipaListener,
    readonly signer: TestEim,
    private readonly say: (line: string) => void,
  ) {
    this.#loop = this.#serve();
  }

  static async open(signer: TestEim, serverName: string, say: (line: string) => void): Promise<ScriptedEim> {
    const identity = serverName === FQDN ? 'EIM_TLS' : 'EIM2_TLS';
    const listener = await listenEsipa({
      transport: 'https',
      serverName,
      pki,
      identity,
      sgp32Version: '1.2',
    });
    return new ScriptedEim(listener, signer, say);
  }

  get port(): number {
    return Number(this.listener.address.split(':').at(-1));
  }

  /** eIM Packages (`BF51`, `BF52`, `BF54`). */
  offer(...packages: Uint8Array[]): void {
    this.packages.push(...packages);
  }

  /** EimConfigurationData that leads here. */
  configuration(
    trust: TrustKind | undefined,
    more: Partial<EimConfigurationData> = {},
  ): EimConfigurationData {
    return this.signer.configuration({
      associationToken: -1,
      eimFqdn: this.listener.serverName,
      eimSupportedProtocol: bitsOf([0]),
      ...(trust === undefined ? {} : { trustedPublicKeyDataTls: anchorOf(this.listener, trust) }),
      ...more,
    });
  }

  /** Waits until so many arrivals of that kind came. */
  async seen(kind: ListenerArrival['kind'], count: number): Promise<void> {
    const there = (): number => this.others.filter((other) => other.kind === kind).length;
    const deadline = Date.now() + 10_000;
    while (there() < count && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    this.#going = false;
    await this.listener.close();
    await this.#loop;
  }

  async #serve(): Promise<void> {
    while (this.#going) {
      const next = await this.listener.next(200);
      if (next === undefined) continue;
      if (next.kind !== 'message') {
        this.others.push(next);
        continue;
      }
      const message = hex(next.data);
      this.messages.push(message);
      this.facts.push(next.facts);
      this.say(`${this.signer.eimId} #${String(next.connection)} ${httpLine(next)} ${masked(message)}`);
      await next.reply(this.script(message, next) ?? this.#good(message));
    }
  }

  #good(message: string): EsipaReply {
    if (message.startsWith('BF4F')) {
      const offered = this.packages.shift();
      return { message: offered === undefined ? NO_PACKAGE : tlv(0xbf4f, offered) };
    }
    if (message.startsWith('BF3D')) return {};
    return { message: acknowledging(numbersIn(bytes(message))) };
  }
}

/** ProvideEimPackageResultResponse. */
export function acknowledging(numbers: readonly number[]): Uint8Array {
  if (numbers.length === 0) return bytes('BF50023000');
  return tlv(0xbf50, tlv(0xbf53, Buffer.concat(numbers.map((n) => Uint8Array.of(0x80, 1, n)))));
}

function anchorOf(
  listener: EsipaListener,
  trust: TrustKind,
): NonNullable<EimConfigurationData['trustedPublicKeyDataTls']> {
  const der = listener.trustAnchor(trust);
  return trust === 'public-key' ? { trustedEimPkTls: der } : { trustedCertificateTls: der };
}

function httpLine({ facts, findings }: EsipaArrival): string {
  const http = facts['http'] as { method: string; path: string; headers: Record<string, string> };
  const { headers } = http;
  return [
    http.method,
    http.path,
    headers['content-type'] ?? '-',
    headers['x-admin-protocol'] ?? '-',
    headers['user-agent'] ?? '-',
    ...findings.map(({ code }) => code),
  ].join(' ');
}

/** Signatures of the eUICC differ each time. */
export const masked = (message: string): string =>
  message
    .replace(/5F3740[0-9A-F]{128}/g, '5F37<64>')
    .replace(/5F3746[0-9A-F]{140}|5F374[578][0-9A-F]+/g, '<other signature>');

export interface BenchOptions {
  readonly defects?: readonly string[];
  readonly options?: Partial<IpadOptions>;
  readonly trust?: TrustKind | 'none';
  readonly configuration?: Partial<EimConfigurationData>;
  /** A second eIM. */
  readonly two?: boolean;
  /** No eIM is associated. */
  readonly alone?: boolean;
  readonly boot?: 'poll' | 'start-up';
  /** Of the card. */
  readonly cardDefects?: readonly string[];
  /** There is a state file. */
  readonly remembers?: boolean;
}

export class Bench {
  readonly lines: string[] = [];
  readonly log: string[] = [];
  readonly device: Device;
  readonly #stateFile: string | undefined;
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(
    readonly card: OfferedCard,
    readonly eim: ScriptedEim,
    readonly eim2: ScriptedEim,
    private readonly options: BenchOptions,
    /** What eIMs and receivers got. */
    readonly net: string[],
  ) {
    this.#closing.push(
      () => card.close(),
      () => eim.close(),
      () => eim2.close(),
    );
    this.#stateFile = options.remembers === true ? this.temporaryFile() : undefined;
    this.device = this.makeDevice();
  }

  static async open(options: BenchOptions = {}): Promise<Bench> {
    const net: string[] = [];
    const say = (line: string): void => void net.push(line);
    const card = await offerCard({
      offer: { kind: 'socket' },
      euicc: { defects: options.cardDefects ?? [] },
    });
    const eim = await ScriptedEim.open(new TestEim(), FQDN, say);
    const eim2 = await ScriptedEim.open(new TestEim('testeim2', 'S_EIMsign2_ECDSA_NIST'), FQDN2, say);
    const bench = new Bench(card, eim, eim2, options, net);
    await bench.#associate();
    return bench;
  }

  /** Runs at the end, before what was opened earlier. */
  atEnd(close: () => Promise<void>): void {
    this.#closing.unshift(close);
  }

  /** Another device on the same card, as after a crash: what it remembers is in the state file. */
  makeDevice(more: Partial<IpadOptions> = {}): Device {
    const { defects = [], options = {}, boot } = this.options;
    const stateFile = this.#stateFile;
    const device = new Device({
      make: () =>
        new Ipad({
          version: '1.2',
          port: socketCard({ host: '127.0.0.1', port: this.card.port, deadlineMs: 2000 }),
          resolve: {
            [FQDN]: `127.0.0.1:${String(this.eim.port)}`,
            [FQDN2]: `127.0.0.1:${String(this.eim2.port)}`,
          },
          timings: TIMINGS,
          defects,
          log: (line) => this.log.push(line),
          ...(stateFile === undefined ? {} : { stateFile }),
          ...options,
          ...more,
        }),
      ...(boot === undefined ? {} : { boot }),
    });
    this.atEnd(() => device.close());
    return device;
  }

  /** A file that is not there yet. */
  temporaryFile(): string {
    const folder = mkdtempSync(join(tmpdir(), 'ipad-'));
    this.#closing.push(async () => rmSync(folder, { recursive: true, force: true }));
    return join(folder, 'state.json');
  }

  /** Fires a trigger, and writes down how it ended and what happened on all sides. */
  async fire(trigger: Trigger = 'poll', device = this.device): Promise<void> {
    let end = 'done';
    try {
      await device.fire(trigger);
    } catch (error) {
      const { code, fault } = error as { code?: string; fault?: string };
      end = `${code ?? String(error)}${fault === undefined ? '' : ` ${fault}`}`;
    }
    this.lines.push(`${trigger}: ${end}`);
    await this.note();
  }

  /** Until the device has done all that it was told. */
  async settled(): Promise<void> {
    while (this.device.busy) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Writes down what happened until now. */
  async note(): Promise<void> {
    for (let next = await this.card.next(0); next !== undefined; next = await this.card.next(0)) {
      const what = next.kind === 'es10' ? masked(hex(next.command)) : apduText(next.facts);
      const sw = next.sw === null ? '-' : next.sw.toString(16);
      this.lines.push(
        `card ${String(next.channel)} ${next.kind} ${what} ${sw} ${textOf(next.facts['blocks'])}`,
      );
    }
    this.lines.push(...this.net.splice(0).map((line) => `net ${masked(line)}`));
    this.lines.push(`channels ${this.card.openChannels.join(' ')}`);
    this.lines.push(...this.log.splice(0).filter((line) => line.startsWith('httpParams')));
  }

  /** Writes down what the eIMs saw of TLS sessions, and of handshakes that failed (waited for, where some must). */
  async sessions(failures = 0): Promise<void> {
    for (const eim of [this.eim, this.eim2]) {
      await eim.seen('handshake-failed', failures);
      for (const { kind, facts } of eim.others) {
        const tls = facts['tls'] as FactMap | undefined;
        if (kind === 'closed' || tls === undefined) continue;
        const { version, cipher, alert, clientCertificate, resumed, resumptionOffered, servername } = tls;
        const offer = [tls['versionsOffered'], tls['ciphersOffered'], tls['groupsOffered']];
        this.say(`${eim.signer.eimId} ${kind}`, [
          ...[version, cipher, alert, clientCertificate, resumed, resumptionOffered, servername],
          ...offer,
        ]);
      }
      if (this.options.two !== true) break;
    }
  }

  say(what: string, value: unknown): void {
    this.lines.push(`${what}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }

  async close(): Promise<string[]> {
    for (const close of this.#closing.splice(0)) await close();
    return this.lines;
  }

  async #associate(): Promise<void> {
    const { trust = 'ca', configuration, two = false, alone = false } = this.options;
    if (alone) return;
    const kind = trust === 'none' ? undefined : trust;
    const list = [this.eim.configuration(kind, configuration)];
    if (two) list.push(this.eim2.configuration(kind));
    const request = encode(AddInitialEimRequest, { eimConfigurationDataList: list });
    await this.card.inspect(request);
    this.eim.signer.token = 1;
    this.eim2.signer.token = 2;
  }
}

const apduText = (facts: FactMap): string =>
  ['name', 'how', 'cla', 'p1', 'p2', 'data', 'fault'].map((key) => textOf(facts[key])).join(' ');

const textOf = (fact: FactMap[string] | undefined): string => (typeof fact === 'string' ? fact : '');
