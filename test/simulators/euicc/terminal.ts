/** The terminal's side of the tests: APDUs as a reader sends them, nothing but bytes. */
import { expect } from 'vitest';
import {
  bytesToHex,
  concat,
  decode,
  describeFinding,
  hexToBytes,
  type Asn1Type,
} from '../../../src/protocol/asn1/index.js';
import { createEuicc, type EuiccOptions, type SEuicc } from '../../../src/simulators/euicc/index.js';

export const ISD_R = 'A0000005591010FFFFFFFF8900000100';
export const EID = '89049032123451234512345678901235';
export const ICCID1 = '989209012143658709F5';
export const ICCID2 = '989209013254769810F9';
export const ICCID3 = '989209014365870921F5';
export const ICCID4 = '989209015476981032F9';
export const ICCID5 = '989209016587092143F5';

export const bytes = (hex: string): Uint8Array => hexToBytes(hex) ?? expect.fail(`not hex: ${hex}`);
export const hex = bytesToHex;

export interface Answer {
  readonly data: Uint8Array;
  /** Four hex digits. */
  readonly sw: string;
}

export class Terminal {
  channel = 1;

  constructor(
    readonly card: SEuicc,
    readonly protocol: 'T=0' | 'T=1' = 'T=0',
  ) {}

  /** One APDU, nothing followed. */
  send(command: string | Uint8Array): Answer {
    const answer = this.card.transmit(typeof command === 'string' ? bytes(command) : command);
    return { data: answer.subarray(0, -2), sw: hex(answer.subarray(-2)) };
  }

  /** One APDU and GET RESPONSE to the end. */
  exchange(command: string | Uint8Array): Answer {
    const first = typeof command === 'string' ? bytes(command) : command;
    let answer = this.send(first);
    const parts = [answer.data];
    const cla = (first[0] as number) & 0x7f;
    while (answer.sw.startsWith('61')) {
      answer = this.send(Uint8Array.of(cla, 0xc0, 0, 0, Number.parseInt(answer.sw.slice(2), 16)));
      parts.push(answer.data);
    }
    return { data: concat(parts), sw: answer.sw };
  }

  /** Cold reset, TERMINAL CAPABILITY of an IPAd, a channel, the ISD-R. Returns its FCI. */
  start(): Uint8Array {
    this.card.powerOff();
    this.card.powerOn();
    expect(this.send('80AA000005A903840101').sw).toBe('9000');
    const opened = this.send('0070000001');
    expect(opened.sw).toBe('9000');
    this.channel = opened.data[0] as number;
    const selected = this.exchange(concat([Uint8Array.of(this.channel), bytes(`A4040010${ISD_R}`), this.le]));
    expect(selected.sw).toBe('9000');
    return selected.data;
  }

  /** One ES10 function in STORE DATA blocks. */
  es10(request: Uint8Array | string, blockSize = 255): Answer {
    const data = typeof request === 'string' ? bytes(request) : request;
    let answer: Answer = { data: new Uint8Array(0), sw: '' };
    for (let at = 0, number = 0; at < data.length; at += blockSize, number++) {
      const block = data.subarray(at, at + blockSize);
      const last = at + blockSize >= data.length;
      const head = Uint8Array.of(0x80 | this.channel, 0xe2, last ? 0x91 : 0x11, number, block.length);
      answer = this.exchange(concat(last ? [head, block, this.le] : [head, block]));
      if (!last && answer.sw !== '9000') return answer;
    }
    return answer;
  }

  /** An ES10 function that is answered with 9000; the response as hex. */
  ask(request: Uint8Array | string): string {
    const answer = this.es10(request);
    expect(answer.sw).toBe('9000');
    return hex(answer.data);
  }

  /** As {@link ask}, decoded without any violation by the declared type. */
  read<T>(request: Uint8Array | string, type: Asn1Type<T>): T {
    return clean(type, bytes(this.ask(request)));
  }

  private get le(): Uint8Array {
    return this.protocol === 'T=1' ? Uint8Array.of(0) : new Uint8Array(0);
  }
}

/** Decodes; any finding of the codec, notes too, is a failure: the card writes plain DER. */
export function clean<T>(type: Asn1Type<T>, data: Uint8Array): T {
  const decoded = decode(type, data);
  expect(decoded.findings.map(describeFinding)).toEqual([]);
  return decoded.value ?? expect.fail('no value');
}

/** A card that has been started. */
export function started(options: EuiccOptions = {}): Terminal {
  const terminal = new Terminal(createEuicc(options), options.protocol);
  terminal.start();
  return terminal;
}
