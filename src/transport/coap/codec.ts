/** The bytes of a CoAP message (RFC 7252 3). coap-packet reads and writes them; what it lets through is checked here. */
import { generate, parse, type ParsedPacket } from 'coap-packet';
import { CoapError } from './errors.js';
import { EMPTY_CODE, type CoapMessage, type CoapOption, type CoapType } from './message.js';
import { OPTION_NUMBERS } from './options.js';

const TYPES: readonly CoapType[] = ['CON', 'NON', 'ACK', 'RST'];
const MAX_TOKEN = 8;
const MAX_OPTION_NUMBER = 0xffff;
const MAX_DATAGRAM = 0xffff;

/**
 * @returns one datagram; the options are put in order.
 * @throws {CoapError} `coap-unencodable` when a part has no encoding.
 */
export function encodeMessage(message: CoapMessage): Uint8Array {
  const { type, code, messageId, token, options, payload } = message;
  if (!/^[0-7]\.(?:[012]\d|3[01])$/.test(code)) throw unencodable('code', '0.00 to 7.31', code);
  if (!Number.isInteger(messageId) || messageId < 0 || messageId > 0xffff)
    throw unencodable('messageId', '0 to 65535', String(messageId));
  if (token.length > MAX_TOKEN) throw unencodable('token', 'at most 8 bytes', `${token.length} bytes`);
  if (code === EMPTY_CODE && token.length + options.length + payload.length > 0)
    throw unencodable('code', 'nothing in an empty message', 'a token, an option or a payload');
  for (const { number } of options) {
    if (!Number.isInteger(number) || number < 0 || number > MAX_OPTION_NUMBER)
      throw unencodable('options', 'an option number from 0 to 65535', String(number));
  }
  try {
    const bytes = generate(
      {
        code,
        messageId,
        token: bufferOf(token),
        payload: bufferOf(payload),
        options: options.map(({ number, value }) => ({ name: number, value: bufferOf(value) })),
        confirmable: type === 'CON',
        ack: type === 'ACK',
        reset: type === 'RST',
      },
      MAX_DATAGRAM,
    );
    return Uint8Array.from(bytes);
  } catch (cause) {
    throw new CoapError('coap-unencodable', 'a message that does not fit into a datagram', { cause });
  }
}

/**
 * @param bytes one datagram.
 * @throws {CoapError} `coap-malformed` for everything that RFC 7252 3 calls a message format error; `place` says which
 *   part. Nothing else is thrown.
 */
export function decodeMessage(bytes: Uint8Array): CoapMessage {
  if (bytes.length < 4) throw malformed('header', 'at least 4 bytes', `${bytes.length} bytes`);
  const first = bytes[0] ?? 0;
  if (first >> 6 !== 1) throw malformed('version', '1', String(first >> 6));
  if ((first & 15) > MAX_TOKEN) throw malformed('tokenLength', 'at most 8', String(first & 15));
  const packet = parsed(bytes);
  const message: CoapMessage = {
    type: TYPES[(first >> 4) & 3] ?? 'CON',
    code: packet.code,
    messageId: packet.messageId,
    token: Uint8Array.from(packet.token),
    options: packet.options.map(({ name, value }) => optionOf(String(name), value)),
    payload: Uint8Array.from(packet.payload),
  };
  if (message.options.some(({ number }) => number > MAX_OPTION_NUMBER))
    throw malformed('options', 'numbers up to 65535', 'a greater one');
  // CoAP has one encoding for each message, and coap-packet reads over a cut option or an empty payload.
  const again = Buffer.from(encodeMessage(message));
  if (!again.equals(bytes)) {
    throw malformed(
      'options',
      'whole options, and a payload behind the marker',
      'a cut option, or a marker at the end',
    );
  }
  return message;
}

function parsed(bytes: Uint8Array): ParsedPacket {
  try {
    return parse(bufferOf(bytes));
  } catch (cause) {
    const actual = cause instanceof Error ? cause.message : String(cause);
    throw new CoapError('coap-malformed', 'bytes that are no CoAP message', {
      place: 'options',
      expected: 'a message as RFC 7252 3 says',
      actual,
      cause,
    });
  }
}

function optionOf(name: string, value: Uint8Array): CoapOption {
  const known = Object.entries(OPTION_NUMBERS).find(([one]) => one === name);
  return { number: known?.[1] ?? Number(name), value: Uint8Array.from(value) };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function malformed(place: string, expected: string, actual: string): CoapError {
  return new CoapError('coap-malformed', 'bytes that are no CoAP message', { place, expected, actual });
}

function unencodable(place: string, expected: string, actual: string): CoapError {
  return new CoapError('coap-unencodable', 'a message that has no encoding', { place, expected, actual });
}
