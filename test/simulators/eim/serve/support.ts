/** A listener in front of an eIM whose answers a test sets, and clients that say exactly what a test wants. */
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest, type Agent } from 'node:https';
import { TLSSocket } from 'node:tls';
import { afterEach } from 'vitest';
import { loadPkiFolder } from '../../../../src/protocol/pki/folder.js';
import { splitDefects } from '../../../../src/simulators/eim/serve/defects.js';
import {
  listenEsipa,
  type EsipaListenerOptions,
} from '../../../../src/simulators/eim/serve/esipa-listener.js';
import { serverIdentity } from '../../../../src/simulators/eim/serve/tls-settings.js';
import { Malformed, readOne } from '../../../../src/simulators/tlv/reader.js';
import { hex, unhex } from '../../../../src/simulators/tlv/writer.js';
import type { EimVersion } from '../../../../src/simulators/eim/types.js';

export const pki = loadPkiFolder();
export const CA = Buffer.from(
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(pki.certificate('CI_ECDSA_NIST').der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
);

export const POLL = unhex('BF4F125A1089049032123451234512345678901235');
export const NO_PACKAGE = unhex('BF4F03020101');

/** Answers what the test says, and keeps what it was asked. */
export class FakeEim {
  readonly asked: string[] = [];
  readonly connections: (object | undefined)[] = [];
  answer: string | undefined = hex(NO_PACKAGE);

  constructor(readonly sgp32Version: EimVersion = '1.2') {}

  async handleEsipa(message: Uint8Array, connection?: object): Promise<Uint8Array | undefined> {
    const { tag } = readOne(message);
    this.connections.push(connection);
    this.asked.push(hex(message));
    if (tag < 0xbf39 || tag > 0xbf50) throw new Malformed('unknown message');
    if (tag === 0xbf3d) return undefined;
    return this.answer === undefined ? undefined : unhex(this.answer);
  }
}

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Runs after the test that is going on. */
export const atEnd = (close: () => Promise<void> | void): void => void closing.push(close);

export interface OpenEsipa {
  readonly port: number;
  readonly eim: FakeEim;
  readonly lines: string[];
}

export async function openEsipa(
  options: Partial<EsipaListenerOptions> & { names?: readonly string[]; version?: EimVersion } = {},
): Promise<OpenEsipa> {
  const eim = new FakeEim(options.version);
  const lines: string[] = [];
  const listener = await listenEsipa({
    at: { port: 0 },
    identity: serverIdentity({}, pki),
    pki,
    defects: splitDefects(options.names ?? []).serve,
    eim: () => eim,
    log: (line) => lines.push(line),
    ...options,
  });
  atEnd(() => listener.close());
  return { port: listener.port, eim, lines };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly socket: { readonly version: string | null; readonly cipher: string; readonly reused: boolean };
}

export interface Ask {
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array | string;
  readonly agent?: Agent;
  readonly servername?: string;
  readonly plain?: boolean;
  /** Without Content-Length. */
  readonly chunked?: boolean;
}

export const ASN1_HEADERS = {
  'Content-Type': 'application/x-gsma-rsp-asn1',
  'X-Admin-Protocol': 'gsma/rsp/v2.1.0',
  'User-Agent': 'gsma-rsp-ipad',
};

/** One request, by default a GetEimPackage in ASN.1 that an IPA could send. */
export function ask(given: Ask): Promise<Answer> {
  const body = given.body ?? POLL;
  const headers = {
    ...ASN1_HEADERS,
    ...(given.chunked === true
      ? { 'Transfer-Encoding': 'chunked' }
      : { 'Content-Length': Buffer.byteLength(body) }),
    ...given.headers,
  };
  const options = {
    host: '127.0.0.1',
    port: given.port,
    method: given.method ?? 'POST',
    path: given.path ?? '/gsma/rsp2/asn1',
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
    agent: given.agent ?? false,
  } as const;
  return new Promise((resolve, reject) => {
    const request =
      given.plain === true
        ? httpRequest(options)
        : httpsRequest({ ...options, ca: CA, servername: given.servername ?? 'eim.example.com' });
    request.on('error', reject).on('response', (response) => {
      const { socket } = response;
      const facts =
        socket instanceof TLSSocket
          ? { version: socket.getProtocol(), cipher: socket.getCipher().name }
          : { version: null, cipher: '' };
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
          socket: { ...facts, reused: request.reusedSocket },
        }),
      );
    });
    request.end(body);
  });
}

/** A request of the JSON binding. */
export const askJson = async (
  port: number,
  functionName: string,
  body: unknown,
): Promise<{ status: number; type: string | undefined; json: unknown }> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await ask({
    port,
    path: `/gsma/rsp2/esipa/${functionName}`,
    headers: { 'Content-Type': 'application/json;charset=UTF-8' },
    body: text,
  });
  const isJson = (answer.headers['content-type'] ?? '').startsWith('application/json');
  return {
    status: answer.status,
    type: answer.headers['content-type'],
    json: isJson ? (JSON.parse(answer.body.toString()) as unknown) : answer.body.toString(),
  };
};
