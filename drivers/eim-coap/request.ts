/** The CoAP request of a step: as the binding has it, or as the step deviates. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import { option, type CoapOption, type CoapRequest } from '../../src/transport/coap/index.js';
import type { CoapDeviation, EsipaRequest } from '../eim-contract.js';
import { uriHostOf, type Settings } from './options.js';

/**
 * @param replay sends the last DTLS record once more.
 * @throws {Sgp33Error} `coap-option-value` for an additional option whose value is no hex.
 */
export function requestOf(
  { message, body, coap = {} }: EsipaRequest,
  settings: Settings,
  replay: () => Promise<void>,
): CoapRequest {
  const format = coap.contentFormat === undefined ? settings.contentFormat : coap.contentFormat;
  const host = uriHostOf(settings);
  return {
    // POST, of which the answer is 2.04 (Changed).
    code: coap.code ?? '0.02',
    path: coap.path ?? settings.path,
    contentFormat: format ?? undefined,
    payload: body ?? message ?? new Uint8Array(0),
    options: [...(host === undefined ? [] : [option('Uri-Host', host)]), ...additional(coap)],
    blockSize: coap.blockSize,
    blocksOutOfOrder: coap.blocksOutOfOrder,
    duplicate: coap.duplicate,
    countAnswers: coap.replayRecord,
    onLastSent: coap.replayRecord === true ? replay : undefined,
    maxPayload: settings.maxPayload,
  };
}

function additional({ options = [] }: CoapDeviation): CoapOption[] {
  return options.map(({ number, value }) => {
    if (!/^(?:[0-9A-Fa-f]{2})*$/.test(value)) {
      throw new Sgp33Error('coap-option-value', 'The value of a CoAP option is given in hex', {
        place: `option ${number}`,
        expected: 'pairs of hexadecimal digits',
        actual: value.slice(0, 40),
      });
    }
    return { number, value: Uint8Array.from(Buffer.from(value, 'hex')) };
  });
}
