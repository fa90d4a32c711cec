/** An ESipa request as an HTTP call: path, headers and body of the binding, changed as a step says (SGP.32 6.1). */
import { isEsipaFunction, functionOf, requestToJson } from '../../src/protocol/esipa-json/index.js';
import type { EsipaRequest } from '../eim-contract.js';
import type { HttpCall } from './http-exchange.js';
import { withHeaders, type Settings } from './options.js';

export interface EsipaCall {
  readonly call: HttpCall;
  /** Last part of the path in the JSON binding. */
  readonly functionName: string | undefined;
}

const NOTHING = new Uint8Array(0);

/** @throws {Sgp33Error} `not-in-json`. */
export function callOf(request: EsipaRequest, settings: Settings): EsipaCall {
  const { http = {} } = request;
  const { functionName, body } = settings.binding === 'json' ? jsonOf(request, settings) : asn1Of(request);
  const standard =
    settings.binding === 'asn1'
      ? settings.asn1Path
      : `${settings.jsonPath.replace(/\/$/, '')}/${functionName ?? 'getEimPackage'}`;
  const path = http.path ?? standard;
  const changes = http.headers ?? {};
  const without = Object.keys(changes).filter((name) => changes[name] === null);
  const call: HttpCall = {
    method: http.method ?? 'POST',
    path: path.startsWith('/') ? path : `/${path}`,
    headers: withHeaders(settings.requestHeaders, changes),
    replaced: Object.keys(changes).map((name) => name.toLowerCase()),
    body: filled(body, http.fillTo),
    without: without.map((name) => name.toLowerCase()),
    chunked: http.chunked,
    cutAfter: http.cutAfter,
  };
  return { call, functionName };
}

function filled(body: Uint8Array, length: number | undefined): Uint8Array {
  if (length === undefined || length <= body.length) return body;
  const longer = new Uint8Array(length);
  longer.set(body);
  return longer;
}

function asn1Of({ message, body }: EsipaRequest): { functionName: string | undefined; body: Uint8Array } {
  return { functionName: message && functionOf(message), body: body ?? message ?? NOTHING };
}

/** A body of the step's own goes to the function of `message`, or to that of its path, else to getEimPackage. */
function jsonOf(
  { message, body, http }: EsipaRequest,
  settings: Settings,
): { functionName: string | undefined; body: Uint8Array } {
  if (message !== undefined && body === undefined) {
    const json = requestToJson(settings.sgp32Version, message);
    return { functionName: json.functionName, body: new TextEncoder().encode(JSON.stringify(json.body)) };
  }
  const last = http?.path?.split('/').at(-1);
  const named = last !== undefined && isEsipaFunction(last) ? last : undefined;
  return {
    functionName: (message && functionOf(message)) ?? named ?? 'getEimPackage',
    body: body ?? NOTHING,
  };
}
