/**
 * Where an answer is not as it should be although it could be read. Violations are what RFC 7252 and RFC 7959 demand;
 * SGP.32's CoAP binding is not fixed by what is public, so that what differs from our defaults is a note.
 */
import { isSuccess } from '../../src/transport/coap/message.js';
import { RESPONSE_OPTIONS } from '../../src/transport/coap/client-exchange.js';
import { optionName, sortOptions } from '../../src/transport/coap/options.js';
import type { CoapResponse } from '../../src/transport/coap/index.js';
import type { BindingFinding } from '../eim-contract.js';

const OCTET_STREAM = 42;
/** Changed; Content is what some servers answer to POST as well. */
const CODES_OF_RESULTS = ['2.04', '2.05'];

/** @param contentFormat of the requests; an answer may repeat it. */
export function findingsOf(response: CoapResponse, contentFormat: number | null): BindingFinding[] {
  const { code, tokenEcho, block1Codes } = response;
  const findings: BindingFinding[] = [];
  // RFC 7252 5.3.1.
  if (!tokenEcho) {
    findings.push(
      finding('violation', 'coap-token', 'coap.tokenEcho', 'the token of the request', 'another'),
    );
  }
  // RFC 7959 2.9.1; a server that takes each block for itself may answer otherwise (2.3).
  const other = block1Codes.find((one) => one !== '2.31' && one !== '4.13');
  if (other !== undefined) {
    findings.push(finding('note', 'coap-continue', 'coap.block1.codes', '2.31 (Continue)', other));
  }
  // A client must reject them (RFC 7252 5.4.1), unless they are its own, given back.
  const [critical] = sortOptions(response.options, RESPONSE_OPTIONS).rejected;
  if (critical !== undefined) {
    const actual = optionName(critical.number);
    findings.push(finding('note', 'coap-critical-option', 'coap.options', 'no critical option', actual));
  }
  if (!isSuccess(code)) return findings;
  if (!CODES_OF_RESULTS.includes(code)) {
    findings.push(finding('note', 'coap-code', 'coap.code', CODES_OF_RESULTS.join(' or '), code));
  }
  const format = response.contentFormat;
  const fits = format === undefined || format === OCTET_STREAM || format === contentFormat;
  if (response.payload.length > 0 && !fits) {
    const expected = String(contentFormat ?? OCTET_STREAM);
    findings.push(finding('note', 'coap-content-format', 'coap.contentFormat', expected, String(format)));
  }
  return findings;
}

function finding(
  severity: BindingFinding['severity'],
  code: string,
  path: string,
  expected: string,
  actual: string,
): BindingFinding {
  return { severity, code, path, expected, actual };
}
