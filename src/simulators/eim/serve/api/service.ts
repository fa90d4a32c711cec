/** The management API as a service: finds the resource, reads the body, turns refusals into answers. */
import { z, ZodError } from 'zod';
import { Sgp33Error } from '../../../../protocol/errors.js';
import { EimRefusal } from '../../refusals.js';
import type { Eim } from '../../types.js';
import {
  jsonAnswer,
  mediaType,
  NO_BODY,
  type HttpAnswer,
  type HttpHead,
  type HttpService,
} from '../http-types.js';
import { ENDPOINT_ROUTES } from './device-routes.js';
import { FACILITY_ROUTES } from './facility-routes.js';
import { openApi } from './openapi.js';
import { asking, type Route } from './route.js';

export const OPENAPI_PATH = '/v1/openapi.json';

export interface ApiOptions {
  readonly eim: () => Eim;
  readonly restart: () => Promise<void>;
  /** Where it listens, for the description. */
  readonly server: () => string;
  readonly log: (line: string) => void;
}

export function apiService(options: ApiOptions): HttpService {
  const routes: Route[] = [...ENDPOINT_ROUTES, ...FACILITY_ROUTES];
  routes.push(
    asking({
      method: 'POST',
      path: '/v1/restart',
      operationId: 'restart',
      summary: 'Ends the eIM with all its connections, and starts it again from its store',
      tag: 'eim',
      ok: { status: 204, description: 'It runs again' },
      handle: () => options.restart(),
    }),
    asking({
      method: 'GET',
      path: OPENAPI_PATH,
      operationId: 'openapi',
      summary: 'This description',
      tag: 'eim',
      ok: { status: 200, description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) },
      handle: async () => openApi(routes, options.server()),
    }),
  );
  const compiled = routes.map((route) => ({ route, pattern: patternOf(route.path) }));

  return {
    refuse(head) {
      const path = pathOf(head);
      const here = compiled.filter(({ pattern }) => pattern.test(path));
      if (here.length === 0) return error(404, 'not-found', 'There is no such resource');
      if (here.some(({ route }) => route.method === head.method)) return undefined;
      const allowed = here.map(({ route }) => route.method).join(', ');
      return withHeader(error(405, 'method-not-allowed', `Only ${allowed}`), 'Allow', allowed);
    },
    async answer(head, body) {
      const path = pathOf(head);
      const found = compiled.find(({ route, pattern }) => route.method === head.method && pattern.test(path));
      if (found === undefined) return error(404, 'not-found', 'There is no such resource');
      const { route, pattern } = found;
      try {
        const value = route.body === undefined ? undefined : bodyOf(head, body);
        const { status, value: told } = await route.run(options.eim(), parametersOf(pattern, path), value);
        return told === undefined ? { status, headers: {}, body: NO_BODY } : jsonAnswer(status, told);
      } catch (cause) {
        return answerToFault(cause, options.log);
      }
    },
    tooLarge: () => error(413, 'body-too-large', 'The body is too large'),
  };
}

const pathOf = (head: HttpHead): string => head.path.split('?', 1)[0] ?? '';

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);

function parametersOf(pattern: RegExp, path: string): Record<string, string> {
  const groups = pattern.exec(path)?.groups ?? {};
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decoded(value)]));
}

/** What can not be decoded names nothing that exists. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

class BodyFault extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** No body at all is an empty object. */
function bodyOf(head: HttpHead, body: Uint8Array): unknown {
  if (body.length === 0) return {};
  if (mediaType(head.headers['content-type']) !== 'application/json')
    throw new BodyFault(415, 'the body must be application/json');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    throw new BodyFault(400, 'the body is not JSON');
  }
}

function answerToFault(cause: unknown, log: (line: string) => void): HttpAnswer {
  if (cause instanceof BodyFault) return error(cause.status, 'invalid-request', cause.message);
  if (cause instanceof ZodError) return error(400, 'invalid-request', z.prettifyError(cause));
  if (cause instanceof EimRefusal) return error(statusOf(cause.code), cause.code, cause.message);
  log(`fault: ${cause instanceof Error ? cause.message : String(cause)}`);
  return error(500, cause instanceof Sgp33Error ? cause.code : 'internal', 'The eIM could not do it');
}

/** What a refusal is in HTTP; the code says the rest. */
function statusOf(code: string): number {
  if (code.endsWith('-unknown')) return 404;
  return ['device-exists', 'not-associated', 'counter-exhausted', 'needless-order'].includes(code)
    ? 409
    : 422;
}

const error = (status: number, code: string, message: string): HttpAnswer =>
  jsonAnswer(status, { error: { code, message } });

const withHeader = (answer: HttpAnswer, name: string, value: string): HttpAnswer => ({
  ...answer,
  headers: { ...answer.headers, [name]: value },
});
