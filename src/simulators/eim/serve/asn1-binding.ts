/** ESipa in ASN.1: the body is one DER message, and so is the answer (SGP.32 6.3). */
import { EsipaRefusal } from '../index.js';
import { Malformed, readElement, readOne } from '../../tlv/reader.js';
import { hex, unhex, wrap } from '../../tlv/writer.js';
import { ASN1_TYPE, type Binding, type EsipaHttpOptions } from './binding.js';
import { NO_BODY, textAnswer, type HttpAnswer } from './http-types.js';
import type { ServeDefects } from './defects.js';

/** An emptyResponse, for a function that has no response at all. */
const NEEDLESS_BODY = unhex('BF50023000');
const NO_PACKAGE = 'BF4F03020101';

export function asn1Binding({ eim, defects, log }: EsipaHttpOptions): Binding {
  return {
    mediaType: ASN1_TYPE,
    async answer(_path, body, connection) {
      if (body.length === 0)
        return defects.has('empty-body-accepted')
          ? answerOf(NO_BODY, defects)
          : textAnswer(400, 'Empty body');
      try {
        return answerTo(await eim().handleEsipa(oneMessage(body, defects), connection), defects);
      } catch (error) {
        return faultAnswer(error, defects, log);
      }
    },
  };
}

const oneMessage = (body: Uint8Array, defects: ServeDefects): Uint8Array =>
  defects.has('trailing-bytes-accepted') ? readElement(body, 0).raw : body;

function answerTo(answer: Uint8Array | undefined, defects: ServeDefects): HttpAnswer {
  if (answer === undefined) {
    if (defects.has('notification-answer-with-body')) return answerOf(NEEDLESS_BODY, defects);
    return { status: 204, headers: {}, body: NO_BODY };
  }
  if (hex(answer) === NO_PACKAGE && defects.has('no-package-as-204'))
    return { status: 204, headers: {}, body: NO_BODY };
  if (isFunctionError(answer) && defects.has('error-as-http-status'))
    return { ...answerOf(answer, defects), status: 404 };
  return answerOf(answer, defects);
}

function answerOf(answer: Uint8Array, defects: ServeDefects): HttpAnswer {
  const type = defects.has('content-type-octet-stream') ? 'application/octet-stream' : ASN1_TYPE;
  return {
    status: defects.has('created-in-place-of-ok') ? 201 : 200,
    headers: defects.has('content-type-missing') ? {} : { 'Content-Type': type },
    body: disguised(answer, defects),
  };
}

function disguised(answer: Uint8Array, defects: ServeDefects): Uint8Array {
  if (defects.has('answer-in-base64')) return Buffer.from(Buffer.from(answer).toString('base64'));
  if (defects.has('answer-in-es9-envelope')) return wrap(0xa2, answer);
  return answer;
}

/** eimPackageError or provideEimPackageResultError: an INTEGER in the outermost element. */
function isFunctionError(answer: Uint8Array): boolean {
  try {
    return readOne(readOne(answer).content).tag === 0x02;
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

/** What is no ESipa message is a fault of the transport (SGP.32 6.1.1): 400; trouble of our own is 500. */
export function faultAnswer(error: unknown, defects: ServeDefects, log: (line: string) => void): HttpAnswer {
  if (error instanceof EsipaRefusal || error instanceof Malformed) {
    if (defects.has('undecodable-body-closes')) return { ...textAnswer(400, ''), connection: 'reset' };
    if (defects.has('undecodable-body-server-error')) return textAnswer(500, 'Internal Server Error');
    if (defects.has('undecodable-body-accepted')) return answerOf(NO_BODY, defects);
    return textAnswer(400, `Not an ESipa message: ${error.message}`);
  }
  log(`fault: ${error instanceof Error ? error.message : String(error)}`);
  return textAnswer(500, 'Internal Server Error');
}
