/** What a response code of CoAP means to the IPAd (RFC 7252 5.9). */
import { option, type CoapResponse } from '../../../transport/coap/index.js';
import type { IpadDefects } from '../defects.js';
import { EsipaError } from './esipa-error.js';

/** Request Entity Incomplete: the blocks can be sent once more (RFC 7959 2.9.2). */
const INCOMPLETE = '4.08';
const SERVICE_UNAVAILABLE = '5.03';
const MAX_AGE = option('Max-Age', 0).number;

/** Undefined for success. */
export function codeFault({ code, options }: CoapResponse, defects: IpadDefects): EsipaError | undefined {
  if (code.startsWith('2.') || defects.has('coap-code-ignored')) return undefined;
  const repeats = code.startsWith('5.') || code === INCOMPLETE || defects.has('coap-client-error-repeated');
  const maxAge = options.find(({ number }) => number === MAX_AGE)?.value;
  const told = code === SERVICE_UNAVAILABLE && !defects.has('coap-max-age-ignored') ? maxAge : undefined;
  return new EsipaError('status', 'the eIM refused the request', {
    expected: 'code 2.04 or 2.05',
    actual: code,
    again: repeats,
    afterMs: told === undefined ? undefined : seconds(told) * 1000,
  });
}

const seconds = (value: Uint8Array): number =>
  value.length === 0 ? 0 : Number(BigInt(`0x${Buffer.from(value).toString('hex')}`));
