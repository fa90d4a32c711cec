/** ESipa in JSON: one resource a function, translated to and from the ASN.1 messages (SGP.32 6.4). */
import { EsipaRefusal } from '../index.js';
import { Malformed } from '../../tlv/reader.js';
import type { ServeDefects } from './defects.js';
import { JSON_PATH, JSON_TYPE, type Binding, type EsipaHttpOptions } from './binding.js';
import { jsonAnswer, NO_BODY, textAnswer, type HttpAnswer } from './http-types.js';
import { answerToJson } from './json/answers.js';
import { JSON_FUNCTIONS, requestFromJson } from './json/requests.js';
import { parseObject } from './json/values.js';

export function jsonBinding(options: EsipaHttpOptions): Binding {
  const { eim, defects } = options;
  return {
    mediaType: 'application/json',
    async answer(path, body, connection) {
      if (defects.has('json-not-implemented')) return textAnswer(501, 'Not Implemented');
      const name = functionOf(path, defects);
      if (name === undefined) return textAnswer(404, 'No such function');
      const { sgp32Version: version } = eim();
      let answer: Uint8Array | undefined;
      try {
        const message = requestFromJson(name, parseObject(body), { version, defects });
        answer = await eim().handleEsipa(message, connection);
      } catch (error) {
        return faultOf(error, options);
      }
      if (answer === undefined) return withoutBody(defects);
      const json = answerToJson(name, answer, { version, defects, errorForm: options.jsonErrorForm });
      return jsonAnswer(200, json, defects.has('json-content-type-text') ? 'text/plain' : JSON_TYPE);
    },
  };
}

function functionOf(path: string, defects: ServeDefects): string | undefined {
  const name = path.slice(JSON_PATH.length);
  if (Object.hasOwn(JSON_FUNCTIONS, name)) return name;
  return defects.has('json-any-function') ? 'getEimPackage' : undefined;
}

function withoutBody(defects: ServeDefects): HttpAnswer {
  if (!defects.has('json-notification-answered')) return { status: 204, headers: {}, body: NO_BODY };
  return jsonAnswer(200, { header: { functionExecutionStatus: { status: 'Executed-Success' } } }, JSON_TYPE);
}

/** Bad JSON and members that are not what they must be are faults of the transport: 400. */
function faultOf(error: unknown, { defects, log }: EsipaHttpOptions): HttpAnswer {
  if (error instanceof EsipaRefusal || error instanceof Malformed)
    return defects.has('json-malformed-server-error')
      ? textAnswer(500, 'Internal Server Error')
      : textAnswer(400, `Not a request of this function: ${error.message}`);
  log(`fault: ${error instanceof Error ? error.message : String(error)}`);
  return textAnswer(500, 'Internal Server Error');
}
