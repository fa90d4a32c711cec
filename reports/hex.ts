/** Bytes and APDUs as text for a report. */
import { describeApdu, describeStatusWord } from '../src/protocol/apdu/describe.js';
import type { TimelineEvent } from '../src/engine/result.js';
import { clip, oneLine } from './text.js';

/** More than any APDU and any profile package segment; beyond it the timeline file has the rest. */
export const HEX_LIMIT = 64 * 1024;
const ROW = 64;

const isHex = (text: string): boolean => text.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(text);

/** Up to 64 bytes on one line to copy; more as rows of 32 bytes behind their offset. Text that is no hex is shown as it is. */
export function hexBlock(hex: string): string {
  if (!isHex(hex)) return clip(oneLine(hex), HEX_LIMIT);
  const upper = hex.toUpperCase();
  if (upper.length <= 2 * ROW) return upper;
  const rows: string[] = [];
  for (let at = 0; at < Math.min(upper.length, HEX_LIMIT); at += ROW)
    rows.push(`${(at / 2).toString(16).padStart(4, '0')}  ${upper.slice(at, at + ROW)}`);
  if (upper.length > HEX_LIMIT)
    rows.push(`... ${(upper.length - HEX_LIMIT) / 2} more bytes in timeline.jsonl`);
  return rows.join('\n');
}

/** The bytes at an offset, to be read beside an offset in a message; empty when there are none. */
export function bytesAt(hex: string | undefined, offset: number | undefined, count = 16): string {
  if (hex === undefined || offset === undefined || !Number.isInteger(offset) || offset < 0 || !isHex(hex))
    return '';
  const part = hex.slice(2 * offset, 2 * (offset + count)).toUpperCase();
  const more = hex.length > 2 * (offset + count) ? ' ...' : '';
  return part === '' ? '' : `${(part.match(/../g) ?? []).join(' ')}${more}`;
}

/** One line of a trace: time in milliseconds, direction, what it is, bytes. */
export function eventLine(event: TimelineEvent): string {
  const time = (Number.isFinite(event.at) ? event.at : 0).toFixed(3).padStart(12);
  const hex = event.hex === undefined ? '' : clip(oneLine(event.hex), HEX_LIMIT);
  const said =
    event.text === undefined ? describe(event) : `${named(event)}${clip(oneLine(event.text), 500)}`;
  return `${time}  ${arrow(event)}  ${[hex, said].filter((t) => t !== '').join('  ')}`;
}

/** What a text is, where it is not plain from the arrow. */
const named = ({ kind }: TimelineEvent): string => (/^(?:http|coap|api|tls)/.test(kind) ? `${kind}  ` : '');

const OUT: readonly string[] = [
  'c-apdu',
  'es10-request',
  'esipa-request',
  'http-request',
  'coap-out',
  'api-request',
];
const IN: readonly string[] = [
  'r-apdu',
  'es10-response',
  'esipa-response',
  'http-response',
  'coap-in',
  'api-response',
];

const arrow = ({ kind }: TimelineEvent): string =>
  OUT.includes(kind) ? '->' : IN.includes(kind) ? '<-' : '--';

function describe(event: TimelineEvent): string {
  const hex = event.hex ?? '';
  if (!isHex(hex)) return event.kind;
  if (event.kind === 'c-apdu') return describeApdu(Buffer.from(hex.slice(0, HEX_LIMIT), 'hex'));
  if (event.kind !== 'r-apdu') return event.kind;
  return hex.length < 4 ? 'no status word' : describeStatusWord(Number.parseInt(hex.slice(-4), 16));
}
