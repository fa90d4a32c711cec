/** What goes out over CoAP for a reply, and what becomes of it. */
import { Sgp33Error } from '../../../src/protocol/errors.js';
import type { CoapOption, CoapProgress, CoapServerResponse } from '../../../src/transport/coap/index.js';
import type { FactMap } from '../../eim-contract.js';
import type { CoapReplyDeviation, EsipaReply } from '../../ipad-contract.js';
import { OCTET_STREAM } from './request.js';

const RESPONSE_CODE = /^[245]\.(?:[012]\d|3[01])$/;
const MAX_OPTION_NUMBER = 0xffff;
/** Greater ones leave no room for a block in a datagram. */
const MAX_OPTION_BYTES = 8192;

/** @throws {Sgp33Error} `listener-reply` for what CoAP can not carry. */
export function coapAnswerOf(reply: EsipaReply): CoapServerResponse {
  const { coap = {} } = reply;
  const payload = reply.body ?? reply.message ?? new Uint8Array(0);
  const { code = '2.04', contentFormat = payload.length > 0 ? OCTET_STREAM : null } = coap;
  if (!RESPONSE_CODE.test(code)) throw trouble(`the code ${code}`);
  if (contentFormat !== null && !inRange(contentFormat, 0, 0xffff))
    throw trouble(`the Content-Format ${contentFormat}`);
  const { blockSize, missingBlock, separate, loseFirst, reset } = coap;
  if (blockSize !== undefined && !inRange(blockSize, 16, 1024)) throw trouble(`blocks of ${blockSize} bytes`);
  if (missingBlock !== undefined && !inRange(missingBlock, 0, 0xfffff))
    throw trouble(`the block ${missingBlock}`);
  return {
    code,
    payload,
    options: optionsOf(coap.options ?? []),
    ...(contentFormat === null ? {} : { contentFormat }),
    delivery: { blockSize, missingBlock, separate, loseFirst, reset },
  };
}

function optionsOf(options: NonNullable<CoapReplyDeviation['options']>): CoapOption[] {
  const made = options.map(({ number, value }) => {
    if (!inRange(number, 0, MAX_OPTION_NUMBER) || !/^(?:[0-9A-Fa-f]{2})*$/.test(value))
      throw trouble(`the option ${number} with ${value}`);
    return { number, value: Uint8Array.from(Buffer.from(value, 'hex')) };
  });
  const length = made.reduce((sum, { value }) => sum + value.length, 0);
  if (length > MAX_OPTION_BYTES) throw trouble(`options of ${length} bytes`);
  return made;
}

const inRange = (number: number, least: number, most: number): boolean =>
  Number.isInteger(number) && number >= least && number <= most;

function trouble(actual: string): Sgp33Error {
  return new Sgp33Error('listener-reply', 'No CoAP answer can be like this', {
    expected:
      'a code of class 2, 4 or 5, Content-Format and option numbers to 65535, blocks of 16 to 1024 bytes',
    actual,
  });
}

/** What the transport tells of one answer, until there is nothing more to wait for. */
export class AnswerProgress {
  readonly #separate: boolean;
  readonly #lost: boolean;
  readonly #reset: boolean;
  #retransmissions = 0;
  #blocks = 0;
  #complete = false;
  #missing = false;
  #end: 'acknowledged' | 'unacknowledged' | undefined;

  constructor({ separate, loseFirst, reset }: CoapReplyDeviation) {
    this.#reset = reset === true;
    this.#separate = separate === true;
    this.#lost = loseFirst === true;
  }

  take(progress: CoapProgress): void {
    if (progress.kind === 'repeated') this.#retransmissions += 1;
    else if (progress.kind === 'missing') this.#missing = true;
    else if (progress.kind === 'block' && !this.#reset) {
      this.#blocks += 1;
      this.#complete ||= !progress.more;
    } else if (progress.kind !== 'block') this.#end = progress.kind;
  }

  /** Nothing more is to come by itself. */
  get over(): boolean {
    if (this.#missing) return true;
    const showed = this.#separate ? this.#end !== undefined : !this.#lost || this.#retransmissions > 0;
    return this.#complete && showed;
  }

  /** `coap` of a {@link ReplyOutcome}. */
  get facts(): FactMap {
    return {
      retransmissions: String(this.#retransmissions),
      blocks: String(this.#blocks),
      complete: String(this.#complete),
      ...(this.#separate ? { acknowledged: String(this.#end === 'acknowledged') } : {}),
    };
  }
}
