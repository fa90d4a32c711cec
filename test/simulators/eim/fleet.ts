/** Devices in great number: each has its own EID, keys, S_eUICC, S_IPA and TLS connection, and remembers what it saw. */
import { Agent, request } from 'node:https';
import { tlv, topLevel } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import {
  createEuicc,
  issueEuiccIdentity,
  newEid,
  type EuiccIdentity,
} from '../../../src/simulators/euicc/index.js';
import { Ipa, linkCard } from '../../../src/simulators/ipa/index.js';
import { hex } from '../euicc/terminal.js';

const pki = loadPkiFolder();
const ca = `-----BEGIN CERTIFICATE-----\n${Buffer.from(pki.certificate('CI_ECDSA_NIST').der).toString('base64')}\n-----END CERTIFICATE-----\n`;

/** Where the eIM is, and when it is back. */
export interface EimAddress {
  readonly port: () => number;
  /** Resolves at once unless the eIM is known to be away. */
  readonly available: () => Promise<void>;
  /** A result is on its way. */
  readonly onResult: () => void;
}

/** Answers that arrive at the modem, and never at the IPA. */
export interface Losses {
  /** The first eUICC Package. */
  readonly package?: boolean;
  /** The first acknowledgement. */
  readonly acknowledgement?: boolean;
  /** Before the device goes on after a loss. */
  readonly wait?: () => Promise<void>;
}

export class FleetDevice {
  readonly identity: EuiccIdentity = issueEuiccIdentity(pki, newEid(), ['NIST']);
  /** eUICC Packages by their counterValue, as they were delivered: one form each. */
  readonly delivered = new Map<string, Set<string>>();
  /** How often the eUICC executed each. */
  readonly executed = new Map<string, number>();
  /** Answers of the eUICC other than a signed result. */
  readonly errors: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, ca, servername: 'eim.example.com' });
  readonly #link = linkCard(createEuicc({ identity: this.identity }));
  readonly #ipa: Ipa;

  readonly #lost = new Set<string>();

  constructor(
    private readonly eim: EimAddress,
    private readonly losses: Losses = {},
  ) {
    this.#ipa = new Ipa({
      version: '1.2',
      eid: this.identity.eid,
      reset: this.#link.reset,
      es10: async (command) => {
        const answer = await this.#link.es10(command);
        if (hex(command.subarray(0, 2)) === 'BF51') this.#remember(command, answer);
        return answer;
      },
      esipa: async (message) => {
        if (hex(message.subarray(0, 2)) === 'BF50') this.eim.onResult();
        const answer = await this.#post(message);
        this.#see(answer);
        await this.#lose(answer);
        return answer;
      },
    });
  }

  get eid(): string {
    return this.identity.eid;
  }

  /** AddInitialEim. @returns the associationToken. */
  async associate(eimConfigurationData: Uint8Array): Promise<number | undefined> {
    const answer = hex(await this.#link.es10(tlv(0xbf57, tlv(0xa0, eimConfigurationData))));
    const token = /^BF57..A0..84..(.+)$/.exec(answer)?.[1];
    return token === undefined ? undefined : Number.parseInt(token, 16);
  }

  /** Polls until there is no package, however often the eIM goes away. @returns how often it did. */
  async pollUntilEmpty(): Promise<number> {
    for (let failures = 0; ; failures++) {
      await this.eim.available();
      try {
        await this.#ipa.pollUntilEmpty(100);
        return failures;
      } catch (error) {
        if (!isConnectionLoss(error)) throw error;
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #lose(answer: Uint8Array): Promise<void> {
    const kind = /^BF4F(?:8[12])?(?:..){1,3}BF51/.test(hex(answer.subarray(0, 8)))
      ? 'package'
      : /^BF50..BF53/.test(hex(answer.subarray(0, 5)))
        ? 'acknowledgement'
        : undefined;
    if (kind === undefined || this.losses[kind] !== true || this.#lost.has(kind)) return;
    this.#lost.add(kind);
    await this.losses.wait?.();
    throw Object.assign(new Error('lost on the way'), { code: 'ECONNRESET' });
  }

  /** What was lost, for the test to be sure of it. */
  get lost(): readonly string[] {
    return [...this.#lost];
  }

  #remember(command: Uint8Array, answer: Uint8Array): void {
    const arm = topLevel(topLevel(answer)[0]?.content ?? new Uint8Array(0))[0]?.tag;
    if (arm !== 0xa0) return void this.errors.push(hex(answer));
    const name = hex(command);
    this.executed.set(name, (this.executed.get(name) ?? 0) + 1);
  }

  #see(answer: Uint8Array): void {
    const arm = topLevel(topLevel(answer)[0]?.content ?? new Uint8Array(0))[0];
    if (topLevel(answer)[0]?.tag !== 0xbf4f || arm?.tag !== 0xbf51) return;
    const signed = topLevel(topLevel(arm.content)[0]?.content ?? new Uint8Array(0));
    const counter = hex(signed.find(({ tag }) => tag === 0x81)?.content ?? new Uint8Array(0));
    this.delivered.set(counter, (this.delivered.get(counter) ?? new Set()).add(hex(arm.raw)));
  }

  #post(message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          host: '127.0.0.1',
          port: this.eim.port(),
          method: 'POST',
          path: '/gsma/rsp2/asn1',
          headers: {
            host: 'eim.example.com',
            'content-type': 'application/x-gsma-rsp-asn1',
            'x-admin-protocol': 'gsma/rsp/v2.1.0',
            'user-agent': 'gsma-rsp-ipad',
            'content-length': message.length,
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('aborted', () => reject(Object.assign(new Error('cut off'), { code: 'ECONNRESET' })));
          response.on('end', () => {
            const { statusCode = 0 } = response;
            if (statusCode === 200 || statusCode === 204) resolve(Buffer.concat(parts));
            else reject(new Error(`HTTP ${String(statusCode)} ${Buffer.concat(parts).toString('utf8')}`));
          });
        },
      );
      sent.on('error', reject);
      sent.end(message);
    });
  }
}

const LOSSES = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET'];

export const isConnectionLoss = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && LOSSES.includes(String(error.code));
