/**
 * Walks through everything that an eIM shows, as transcripts: two eIMs that behave alike walk alike. What is random
 * (signatures, transaction ids, order ids) is replaced by what can be said about it.
 */
import { verify } from 'node:crypto';
import { topLevel } from '../../../src/protocol/asn1/index.js';
import { issueEuiccIdentity, type EuiccIdentity } from '../../../src/protocol/pki/issue-euicc.js';
import { createEim, type Eim, type EimOptions } from '../../../src/simulators/eim/index.js';
import { newEid } from '../../../src/simulators/euicc/identity.js';
import { bytes, Device, hex, pki } from './bench.js';

/** Cards of fixed numbers: certificates are made once a process. */
const cards = new Map<number, EuiccIdentity>();
export function cardOf(seed: number): EuiccIdentity {
  const known = cards.get(seed);
  if (known !== undefined) return known;
  const made = issueEuiccIdentity(pki, newEid(seed), ['NIST']);
  cards.set(seed, made);
  return made;
}

/** What one walk has in hand. */
export class Walk {
  readonly lines: string[] = [];
  readonly #secrets = new Map<string, string>();
  readonly #eims: Eim[] = [];
  readonly sent: string[] = [];

  constructor(readonly defects: readonly string[]) {}

  async eim(options: EimOptions = {}): Promise<Eim> {
    const eim = await createEim({ defects: this.defects, ...options });
    this.#eims.push(eim);
    return eim;
  }

  device(eim: Eim, seed: number, more: object = {}): Promise<Device> {
    const identity = cardOf(seed);
    return Device.of(eim, { eid: identity.eid, identity, ...more });
  }

  say(what: string, value: unknown): void {
    let text = typeof value === 'string' ? value : JSON.stringify(value);
    for (const [secret, name] of this.#secrets) text = text.replaceAll(secret, name);
    this.lines.push(`${what}: ${text}`);
  }

  /** The answer to a poll: contents, the form of its secrets, and which input its signature fits. */
  async poll(device: Device, extra = ''): Promise<void> {
    const answer = await device.send(`BF4F${length(`5A10${device.eid}${extra}`)}5A10${device.eid}${extra}`);
    device.takePackage(answer);
    const inner = topLevel(topLevel(bytes(answer))[0]?.content ?? new Uint8Array(0))[0];
    const parts = inner === undefined ? [] : topLevel(inner.content);
    const transactions = [parts, parts[0]?.tag === 0x30 ? topLevel(parts[0].content) : []]
      .flat()
      .filter(({ tag, content }) => content.length >= 16 && [0x82, 0x83].includes(tag));
    for (const { content } of transactions)
      if (content.length === 16 || content.length === 17)
        this.#hide(hex(content), `transaction of ${content.length}`);
    const signature = parts.find(({ tag }) => tag === 0x5f37);
    if (signature !== undefined)
      this.#hide(hex(signature.raw), signatureText(parts[0]!.raw, signature.content));
    this.say('poll', answer);
  }

  async tell(device: Device, arm: string, eid?: string | null): Promise<void> {
    this.say('told', await device.provide(arm, eid).catch((error: unknown) => codeOf(error)));
  }

  async attempt(what: string, work: () => Promise<unknown> | undefined): Promise<void> {
    try {
      this.say(what, (await work()) === undefined ? 'done' : 'answered');
    } catch (error) {
      this.say(what, codeOf(error));
    }
  }

  async state(device: Device): Promise<void> {
    this.say('state', await device.view());
  }

  async status(eim: Eim, id: string): Promise<void> {
    const { status, error, results, authenticated } = await eim.operator.orderView(id);
    this.say('order', { status, error, results, authenticated });
  }

  async end(): Promise<string[]> {
    await Promise.all(this.#eims.map((eim) => eim.close()));
    return this.lines;
  }

  /** A second time the same transaction id is the same line only if it was one and the same. */
  #hide(secret: string, name: string): void {
    if (this.#secrets.has(secret)) return;
    this.#secrets.set(secret, `<${name} nr ${this.#secrets.size}>`);
  }
}

const length = (body: string): string => (body.length / 2).toString(16).padStart(2, '0').toUpperCase();

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** Who signed what: name of the key and the token in the input. */
function signatureText(signed: Uint8Array, signature: Uint8Array): string {
  for (const name of ['S_EIMsign_ECDSA_NIST', 'S_EIMsign2_ECDSA_NIST', 'S_EIMsign_ECDSA_BRP'])
    for (const token of ['', '840100', '840107', '8402012C'])
      for (const dsaEncoding of ['ieee-p1363', 'der'] as const) {
        const key = { key: pki.certificate(name).publicKey, dsaEncoding };
        if (verify('sha256', bytes(hex(signed) + token), key, signature))
          return `${name} ${token} ${dsaEncoding}`;
      }
  return 'no signature';
}
