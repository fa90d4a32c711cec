/** What was seen, as the plain texts of an observation. */
import { isSuccess } from '../../src/transport/coap/message.js';
import type { CoapError, CoapResponse } from '../../src/transport/coap/index.js';
import type { DtlsFacts } from '../../src/transport/dtls/index.js';
import type { FactMap } from '../eim-contract.js';

/** `tls` of an observation: as over HTTPS, and `cookieExchanged`, `connectionId`. */
export function tlsFacts(facts: DtlsFacts): FactMap {
  const { version, cipher, group, certificate, chain, certificateRequested, resumed, alert } = facts;
  return {
    version,
    cipher,
    ...(group === undefined ? {} : { group }),
    ...(certificate === undefined ? {} : { certificate }),
    chain,
    certificateRequested: String(certificateRequested),
    cookieExchanged: String(facts.cookieExchanged),
    connectionId: String(facts.connectionId ?? false),
    resumed: String(resumed),
    ...(alert === undefined ? {} : { alert }),
  };
}

/**
 * `coap` of an observation: { code, type, contentFormat, payloadLength, blocks, separate, tokenEcho }, and where it
 * applies `block1` { blocks, size, codes }, `block2` { size, etag, size2 }, `duplicate` { acknowledgements, responses,
 * identical } and `diagnostic`, the text of an error (RFC 7252 5.5.2).
 */
export function coapFacts(response: CoapResponse): FactMap {
  const { code, type, contentFormat, payload, blocks, separate, tokenEcho } = response;
  const { block1Blocks, block1Size, block1Codes, block2Size, etag, size2, duplicateAnswers } = response;
  const facts: Record<string, FactMap[string]> = {
    code,
    type,
    payloadLength: String(payload.length),
    blocks: String(blocks),
    separate: String(separate),
    tokenEcho: String(tokenEcho),
  };
  if (contentFormat !== undefined) facts['contentFormat'] = String(contentFormat);
  if (block1Blocks > 0) {
    facts['block1'] = { blocks: String(block1Blocks), size: String(block1Size), codes: block1Codes };
  }
  if (block2Size !== undefined) {
    facts['block2'] = {
      size: String(block2Size),
      ...(etag === undefined ? {} : { etag }),
      ...(size2 === undefined ? {} : { size2: String(size2) }),
    };
  }
  if (duplicateAnswers !== undefined) {
    const { acknowledgements, responses, identical } = duplicateAnswers;
    facts['duplicate'] = {
      acknowledgements: String(acknowledgements),
      responses: String(responses),
      identical: String(identical),
    };
  }
  if (!isSuccess(code) && payload.length > 0) facts['diagnostic'] = diagnosticOf(payload);
  return facts;
}

/** `coap` of an exchange that failed: what the peer had answered until then. */
export function coapFactsOfFailure({ seen }: CoapError): FactMap | undefined {
  if (seen?.code === undefined) return undefined;
  return {
    code: seen.code,
    ...(seen.blocks === undefined ? {} : { blocks: String(seen.blocks) }),
    ...(seen.payloadLength === undefined ? {} : { payloadLength: String(seen.payloadLength) }),
  };
}

/** Text from a peer reaches terminals: no control characters. */
function diagnosticOf(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(0, 200)).toString('utf8').replaceAll(/\p{C}/gu, '?');
}
