/** A vendor's API for tests, and mappings from text. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createManagementApi, type ManagementContext } from '../../../drivers/management/index.js';
import type { ManagementMapping } from '../../../drivers/management/index.js';
import type { ManagementApi } from '../../../drivers/eim-contract.js';
import { managementOf } from '../../../src/cli/drivers/management-settings.js';
import { parseYaml } from '../../../src/engine/yaml/parse.js';

export const EID = '89049032000001000000000000000074';
export const ICCID_PRINTED = '8949449999999990023';
/** As in tag 5A. */
export const ICCID = '989444999999990920F3';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Vendor {
  readonly url: string;
  readonly asked: Asked[];
}

type Answer = (asked: Asked, request: IncomingMessage, response: ServerResponse) => Told | undefined;

/** An HTTP server that answers what `answer` says; with undefined it does so itself. Ends with the test. */
export async function vendor(answer: Answer): Promise<Vendor> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString('utf8'),
      };
      asked.push(one);
      const told = answer(one, request, response);
      if (told === undefined) return;
      const json = typeof told.body === 'string' ? told.body : JSON.stringify(told.body);
      response.writeHead(told.status ?? 200, { 'Content-Type': 'application/json', ...told.headers });
      response.end(told.body === undefined ? undefined : json);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** The mapping as a target writes it below `management:`. */
export function mapping(
  text: string,
  env: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, string>> = {},
): ManagementMapping {
  return managementOf(parseYaml(text, 't.yaml'), { folder: '.', env, settings, hasBaseUrl: true });
}

/** Closed with the test. */
export function api(text: string | ManagementMapping, context: ManagementContext = {}): ManagementApi {
  const env = (context.env ?? {}) as Readonly<Record<string, string>>;
  const made = createManagementApi(typeof text === 'string' ? mapping(text, env) : text, { env, ...context });
  onTestFinished(() => made.close());
  return made;
}
