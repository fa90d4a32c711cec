/**
 * What a CoAP request of an IPAd tells. SGP.32's CoAP binding is not fixed by what is public, so that what differs from
 * our defaults is a note; RFC 7252 and RFC 7959 are kept by whoever comes so far.
 */
import type { BindingFinding, FactMap } from '../../eim-contract.js';
import type { CoapServerRequest } from '../../../src/transport/coap/index.js';

/** application/octet-stream: no Content-Format is registered for ESipa. */
export const OCTET_STREAM = 42;
const PATH = 'gsma/rsp2/asn1';
const POST = '0.02';

export function coapFactsOf(request: CoapServerRequest): FactMap {
  const { code, type, contentFormat, payload, blocks, retransmissions } = request;
  return {
    code,
    path: pathOf(request),
    type,
    ...(contentFormat === undefined ? {} : { contentFormat: String(contentFormat) }),
    payloadLength: String(payload.length),
    blocks: String(blocks),
    retransmissions: String(retransmissions),
  };
}

export function coapFindingsOf(request: CoapServerRequest): BindingFinding[] {
  const { code, contentFormat, payload } = request;
  const findings: BindingFinding[] = [];
  if (code !== POST) findings.push(finding('note', 'coap-method', 'coap.code', `${POST} (POST)`, code));
  const path = pathOf(request);
  if (path !== `/${PATH}`) findings.push(finding('note', 'coap-path', 'coap.path', `/${PATH}`, path));
  if (contentFormat !== OCTET_STREAM) {
    const actual = contentFormat === undefined ? 'nothing' : String(contentFormat);
    findings.push(finding('note', 'coap-content-format', 'coap.contentFormat', String(OCTET_STREAM), actual));
  }
  if (payload.length === 0)
    findings.push(finding('violation', 'coap-payload', 'coap.payloadLength', 'an ESipa message', 'nothing'));
  return findings;
}

/** `/gsma/rsp2/asn1`; a peer's text, without control characters. */
function pathOf({ path, query }: CoapServerRequest): string {
  const text = `/${path.join('/')}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  return text.slice(0, 300).replaceAll(/\p{C}/gu, '?');
}

const finding = (
  severity: BindingFinding['severity'],
  code: string,
  path: string,
  expected: string,
  actual: string,
): BindingFinding => ({ severity, code, path, expected, actual });
