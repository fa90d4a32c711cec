/** One line for a trace. */
import { EMPTY_CODE, type CoapMessage, type CoapOption } from './message.js';
import { blockOf, optionName, optionUint, OPTION_NUMBERS } from './options.js';

const METHODS: Readonly<Record<string, string>> = {
  '0.01': 'GET',
  '0.02': 'POST',
  '0.03': 'PUT',
  '0.04': 'DELETE',
  '0.05': 'FETCH',
};

/** `CON 0.02 POST id 4711 token 0A0B /gsma/rsp2/asn1 Content-Format 42 Block1 0/more/64, 64 bytes`. */
export function describeMessage(message: CoapMessage): string {
  const { type, code, messageId, token, options, payload } = message;
  const parts = [type, code];
  const method = METHODS[code];
  if (method !== undefined) parts.push(method);
  parts.push(`id ${messageId}`);
  if (code === EMPTY_CODE) return parts.join(' ');
  parts.push(`token ${hex(token)}`);
  const segments = options.filter(({ number }) => number === OPTION_NUMBERS['Uri-Path']);
  if (segments.length > 0) parts.push(segments.map(({ value }) => `/${printable(value)}`).join(''));
  for (const one of options) {
    if (one.number !== OPTION_NUMBERS['Uri-Path']) parts.push(`${optionName(one.number)} ${valueText(one)}`);
  }
  return `${parts.join(' ')}, ${payload.length} bytes`;
}

function valueText(one: CoapOption): string {
  switch (optionName(one.number)) {
    case 'Block1':
    case 'Block2':
      return blockText(one);
    case 'Content-Format':
    case 'Accept':
    case 'Size1':
    case 'Size2':
    case 'Max-Age':
    case 'Uri-Port':
      return String(optionUint([one], optionName(one.number) as 'Accept') ?? hex(one.value));
    case 'Uri-Host':
    case 'Uri-Query':
      return printable(one.value);
    default:
      return hex(one.value);
  }
}

function blockText(one: CoapOption): string {
  try {
    const block = blockOf([one], optionName(one.number) as 'Block1' | 'Block2');
    return block === undefined
      ? hex(one.value)
      : `${block.num}/${block.more ? 'more' : 'last'}/${block.size}`;
  } catch {
    return hex(one.value);
  }
}

function hex(bytes: Uint8Array): string {
  return bytes.length === 0 ? '-' : Buffer.from(bytes).toString('hex').toUpperCase();
}

/** Text from a peer reaches terminals: no control characters. */
function printable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('utf8')
    .replaceAll(/[\p{C}\s]/gu, '?');
}
