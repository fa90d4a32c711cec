/** What goes out over HTTP for a reply (SGP.32 6.1, 6.3, 6.4). */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Sgp33Error } from '../../src/protocol/errors.js';
import {
  ADMIN_PROTOCOL,
  answerToJson,
  MEDIA_TYPE,
  type EsipaBinding,
} from '../../src/protocol/esipa-json/index.js';
import type { Sgp32Version } from '../../src/protocol/types/versions.js';
import { withHeaders, type HeaderList } from '../eim-https/options.js';
import type { EsipaReply } from '../ipad-contract.js';

export interface HttpAnswer {
  readonly status: number;
  /** In order; names that are set to null are in `removed`. */
  readonly headers: HeaderList;
  /** In lower case: nothing may put them in. */
  readonly removed: readonly string[];
  readonly body: Uint8Array;
  /** The connection is reset after that many bytes of the body. */
  readonly cutAfter?: number;
  /** So many zeros at the end of the body say nothing, and are not traced. */
  readonly zeros: number;
}

const NOTHING = new Uint8Array(0);

/**
 * @throws {Sgp33Error} `not-in-json` for a message that the JSON binding can not carry, `listener-reply` for a status or
 *   headers that HTTP can not carry.
 */
export function httpAnswerOf(reply: EsipaReply, binding: EsipaBinding, version: Sgp32Version): HttpAnswer {
  const said = reply.body ?? bodyOf(reply.message, binding, version);
  const zeros = Math.max(0, (reply.http?.fillTo ?? 0) - said.length);
  const body = zeros === 0 ? said : Buffer.concat([said, Buffer.alloc(zeros)]);
  const { status = body.length > 0 ? 200 : 204, headers = {}, cutAfter } = reply.http ?? {};
  const list: HeaderList = [
    ['Date', new Date().toUTCString()],
    ['X-Admin-Protocol', ADMIN_PROTOCOL],
    ...(body.length > 0 ? [['Content-Type', MEDIA_TYPE[binding]] as const] : []),
    // RFC 9110 8.6: none with 204.
    ...(status === 204 ? [] : [['Content-Length', String(body.length)] as const]),
  ];
  validate(status, headers);
  return {
    status,
    headers: withHeaders(list, headers),
    removed: Object.entries(headers).flatMap(([name, value]) => (value === null ? [name.toLowerCase()] : [])),
    body,
    zeros,
    ...(cutAfter === undefined ? {} : { cutAfter }),
  };
}

function validate(status: number, headers: Readonly<Record<string, string | null>>): void {
  const expected = 'a status from 200 to 999, and headers as RFC 9110 5 has them';
  const trouble = (actual: string): Sgp33Error =>
    new Sgp33Error('listener-reply', 'No HTTP answer can be like this', { expected, actual });
  if (!Number.isInteger(status) || status < 200 || status > 999) throw trouble(`status ${status}`);
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      if (value !== null) validateHeaderValue(name, value);
    } catch {
      throw trouble(`header ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
    }
  }
}

function bodyOf(message: Uint8Array | undefined, binding: EsipaBinding, version: Sgp32Version): Uint8Array {
  if (message === undefined) return NOTHING;
  if (binding === 'asn1') return message;
  return new TextEncoder().encode(JSON.stringify(answerToJson(version, message).body));
}

/** For what nobody answers, and what is none. */
export function refusal(status: number, text: string, binding: EsipaBinding = 'asn1'): HttpAnswer {
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' };
  return httpAnswerOf({ body: new TextEncoder().encode(text), http: { status, headers } }, binding, '1.2');
}
