/** An eIM that answers by a script, and a device whose S_IPA talks to it. */
import { expect } from 'vitest';
import { concat, encode, hexToBytes, tlv, topLevel } from '../../../src/protocol/asn1/index.js';
import { AddInitialEimRequest } from '../../../src/protocol/types/es10.js';
import { createEuicc, type SEuicc } from '../../../src/simulators/euicc/index.js';
import { Ipa, linkCard, type IpaOptions } from '../../../src/simulators/ipa/index.js';
import { TestEim } from '../euicc/eim.js';
import { bytes, hex } from '../euicc/terminal.js';

export const NO_PACKAGE = bytes('BF4F03020101');

/** Answers GetEimPackage from a queue and acknowledges what a result holds, unless it is told otherwise. */
export class ScriptedEim {
  readonly packages: Uint8Array[] = [];
  /** All that came, hex. */
  readonly messages: string[] = [];
  /** Throws before it takes the next so many results. */
  failures = 0;
  /** Numbers in place of those in the result. */
  acknowledge: number[] | undefined;
  /** In place of any answer to a result. */
  answer: Uint8Array | undefined;

  constructor(readonly version: '1.0.1' | '1.2') {}

  /** An eIM Package in a GetEimPackageResponse. */
  offer(...packages: Uint8Array[]): void {
    this.packages.push(...packages.map((p) => tlv(0xbf4f, p)));
  }

  readonly esipa = async (message: Uint8Array): Promise<Uint8Array> => {
    const text = hex(message);
    if (text.startsWith('BF4F')) {
      this.messages.push(text);
      return this.packages.shift() ?? NO_PACKAGE;
    }
    if (this.failures-- > 0) throw new Error('the eIM is away');
    this.messages.push(text);
    if (text.startsWith('BF3D')) return new Uint8Array(0);
    expect(text).toMatch(/^BF50/);
    if (this.answer !== undefined) return this.answer;
    const numbers = this.acknowledge ?? numbersIn(message);
    if (numbers.length === 0) return this.version === '1.0.1' ? bytes('BF5000') : bytes('BF50023000');
    return tlv(0xbf50, tlv(0xbf53, concat(numbers.map((n) => Uint8Array.of(0x80, 1, n)))));
  };

  /** Results and notifications that came. */
  get results(): string[] {
    return this.messages.filter((m) => !m.startsWith('BF4F'));
  }
}

/** Sequence numbers of the signed result (`83`) and of the notifications (`BF2F .. 80`) in a message. */
export function numbersIn(message: Uint8Array): number[] {
  const found: number[] = [];
  const walk = (content: Uint8Array): void => {
    for (const element of topLevel(content)) {
      const tag = element.tag;
      if (tag === 0xbf2f) found.push(topLevel(element.content)[0]?.content[0] ?? -1);
      else if ([0xbf50, 0xbf51, 0xbf2b, 0xa0, 0xa1, 0xa2, 0xa3].includes(tag)) walk(element.content);
      else if (tag === 0x30) {
        const fields = topLevel(element.content);
        const isResult = fields[0]?.tag === 0x80 && fields.some((f) => f.tag === 0x83);
        if (isResult) found.push(fields.find((f) => f.tag === 0x83)?.content[0] ?? -1);
        else if (fields[0]?.tag !== 0x80) walk(element.content);
      }
    }
  };
  walk(message);
  return found;
}

export interface Device {
  readonly card: SEuicc;
  readonly ipa: Ipa;
  readonly eim: ScriptedEim;
  /** Signs packages. */
  readonly signer: TestEim;
  /** ES10 commands that went to the card, hex. */
  readonly es10: string[];
  readonly resets: number[];
  readonly ask: (command: string) => Promise<string>;
  /** Another IPA on the same card and eIM: the old one crashed. */
  readonly restarted: () => Ipa;
}

/** A device with an associated eIM `testeim1`. */
export async function device(more: Partial<IpaOptions> = {}, defects: string[] = []): Promise<Device> {
  const version = more.version ?? '1.2';
  const card = createEuicc({ sgp32Version: version, defects });
  const link = linkCard(card);
  const eim = new ScriptedEim(version);
  const signer = new TestEim();
  const es10: string[] = [];
  const resets: number[] = [];
  const options: IpaOptions = {
    version,
    eid: card.eid,
    es10: (command) => {
      es10.push(hex(command));
      return link.es10(command);
    },
    reset: async () => {
      resets.push(es10.length);
      await link.reset();
    },
    esipa: eim.esipa,
    ...more,
  };
  const request = { eimConfigurationDataList: [signer.configuration({ associationToken: -1 })] };
  expect(hex(await link.es10(encode(AddInitialEimRequest, request)))).toBe('BF5705A003840101');
  signer.token = 1;
  return {
    card,
    ipa: new Ipa(options),
    eim,
    signer,
    es10,
    resets,
    ask: async (command) => hex(await link.es10(hexToBytes(command) ?? expect.fail('not hex'))),
    restarted: () => new Ipa(options),
  };
}
