/** ESipa over CoAP: one resource, POST only, DER in and DER out (SGP.32 3.1.2.2). */
import { EsipaRefusal } from '../../refusals.js';
import { Malformed } from '../../../tlv/reader.js';
import { unhex } from '../../../tlv/writer.js';
import type { CoapHandler, CoapServerRequest, CoapServerResponse } from '../../../../transport/coap/index.js';
import type { ServeDefects } from '../defects.js';
import type { EsipaHandler } from '../options.js';

/** application/octet-stream: no Content-Format is registered for ESipa. */
export const OCTET_STREAM = 42;
const PATH = 'gsma/rsp2/asn1';
/** An emptyResponse, where nothing is to be answered. */
const NEEDLESS = unhex('BF50023000');

export interface CoapServiceOptions {
  readonly eim: () => EsipaHandler;
  readonly defects: ServeDefects;
  readonly log: (line: string) => void;
}

/** @param connection stands for the session: see `Eim.handleEsipa`. */
export function coapService({ eim, defects, log }: CoapServiceOptions, connection: object): CoapHandler {
  return async (request) => {
    const response = await answer(request);
    log(`coap ${request.code} ${String(request.payload.length)} -> ${response.code}`);
    return response;
  };

  async function answer({
    code,
    path,
    contentFormat,
    payload,
  }: CoapServerRequest): Promise<CoapServerResponse> {
    if (path.join('/') !== PATH && !defects.has('coap-any-resource'))
      return { code: defects.has('coap-not-found-as-bad-request') ? '4.00' : '4.04' };
    if (code !== '0.02' && !(code === '0.01' && defects.has('coap-get-accepted'))) return { code: '4.05' };
    // Without the option the format is for the receiver to say (RFC 7252 5.5.1).
    if ((contentFormat ?? OCTET_STREAM) !== OCTET_STREAM && !defects.has('coap-content-format-ignored'))
      return { code: '4.15' };
    try {
      return answerOf(await eim().handleEsipa(payload, connection), defects);
    } catch (error) {
      if (!(error instanceof EsipaRefusal || error instanceof Malformed)) {
        log(`fault: ${error instanceof Error ? error.message : String(error)}`);
        return { code: '5.00' };
      }
      return { code: defects.has('coap-undecodable-as-server-error') ? '5.00' : '4.00' };
    }
  }
}

function answerOf(answer: Uint8Array | undefined, defects: ServeDefects): CoapServerResponse {
  if (answer === undefined)
    return defects.has('coap-notification-with-payload') ? changed(NEEDLESS) : { code: '2.04' };
  return defects.has('coap-payload-missing') ? { code: '2.04' } : changed(answer);
}

const changed = (payload: Uint8Array): CoapServerResponse => ({
  code: '2.04',
  contentFormat: OCTET_STREAM,
  payload,
});
