/** Certificates and servers of the tests' own, on the loopback. */
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import type { KeyObject } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { generateEcKeyPair, spkiOf, type Curve } from '../../../src/protocol/crypto/keys.js';
import {
  altNameExtension,
  caExtension,
  extendedKeyUsageExtension,
  issueCertificate,
  keyUsageExtension,
  type ExtensionToIssue,
} from '../../../src/protocol/pki/issue.js';
import { OID } from '../../../src/protocol/pki/oids.js';
import { createHttpsChannel, type HttpsChannelOptions } from '../../../drivers/eim-https/index.js';
import type { EsipaChannel } from '../../../drivers/eim-contract.js';

export const NAME = 'eim.example.com';

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex').toUpperCase();

const pemOf = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;

export interface Identity {
  readonly der: Uint8Array;
  readonly cert: string;
  readonly key: string;
  readonly spki: Uint8Array;
  readonly privateKey: KeyObject;
  readonly name: string;
}

interface Wanted {
  readonly name?: string;
  readonly dns?: readonly string[];
  readonly issuer?: Identity;
  readonly ca?: boolean;
  readonly from?: number;
  readonly to?: number;
  readonly purpose?: string;
  readonly curve?: Curve;
}

const DAY = 86_400_000;
let serial = 1;

/** A certificate from 1 day ago to 30 days from now, unless `from` and `to` (days) say otherwise. */
export function issue(wanted: Wanted = {}): Identity {
  const { privateKey } = generateEcKeyPair(wanted.curve ?? 'P-256');
  const name = wanted.name ?? NAME;
  const extensions: ExtensionToIssue[] =
    wanted.ca === true
      ? [caExtension(), keyUsageExtension(5, 6)]
      : [
          keyUsageExtension(0),
          extendedKeyUsageExtension(wanted.purpose ?? OID.serverAuth),
          altNameExtension({ dns: wanted.dns ?? [NAME] }),
        ];
  const der = issueCertificate(
    {
      subject: [['CN', name]],
      issuer: [['CN', wanted.issuer?.name ?? name]],
      serial: Uint8Array.of(1, serial++),
      notBefore: new Date(Date.now() + (wanted.from ?? -1) * DAY),
      notAfter: new Date(Date.now() + (wanted.to ?? 30) * DAY),
      subjectKey: privateKey,
      extensions,
    },
    wanted.issuer?.privateKey ?? privateKey,
  );
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { der, cert: pemOf(der), key, spki: spkiOf(privateKey), privateKey, name };
}

export const CA = issue({ name: 'Test CA', ca: true });
export const OTHER_CA = issue({ name: 'Other CA', ca: true });
export const EIM = issue({ issuer: CA });

/** What a server does with a request and its whole body. */
export type Answer = (request: IncomingMessage, body: Buffer, response: ServerResponse) => void;

export const ASN1_HEADERS = {
  'Content-Type': 'application/x-gsma-rsp-asn1',
  'X-Admin-Protocol': 'gsma/rsp/v2.1.0',
};
export const JSON_HEADERS = { ...ASN1_HEADERS, 'Content-Type': 'application/json;charset=UTF-8' };
export const NO_PACKAGE = bytes('BF4F03020101');
export const GET_EIM_PACKAGE = bytes('BF4F125A1089044045930000000000001492294428');
export const HANDLE_NOTIFICATION = bytes('BF3D06A004BF370100');

export const noPackage: Answer = (_request, _body, response) => {
  response.writeHead(200, ASN1_HEADERS).end(NO_PACKAGE);
};

const cleanUps: (() => unknown)[] = [];
/** For `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const clean of cleanUps.splice(0).reverse()) await clean();
}
export const onCleanUp = (clean: () => unknown): void => {
  cleanUps.push(clean);
};

function handler(answer: Answer): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => answer(request, Buffer.concat(parts), response));
  };
}

export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onCleanUp(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        for (const socket of sockets) socket.destroy();
      }),
  );
  return (server.address() as AddressInfo).port;
}

/** An HTTPS server; `seen` lists its requests. */
export async function httpsServer(
  answer: Answer = noPackage,
  options: TlsOptions = {},
): Promise<{ port: number; server: HttpsServer; connections: () => number }> {
  const server = createHttps({ cert: EIM.cert, key: EIM.key, ...options }, handler(answer));
  server.on('tlsClientError', () => undefined);
  let connections = 0;
  server.on('connection', () => connections++);
  return { port: await listen(server), server, connections: () => connections };
}

export async function httpServer(answer: Answer): Promise<number> {
  return listen(createHttp(handler(answer)));
}

/** A server of bare TCP. */
export async function tcpServer(onConnection: (socket: Socket) => void): Promise<number> {
  return listen(createTcp(onConnection));
}

export function channel(port: number, options: Partial<HttpsChannelOptions> = {}): EsipaChannel {
  const made = createHttpsChannel({
    url: `https://127.0.0.1:${port}`,
    binding: 'asn1',
    sgp32Version: '1.2',
    servername: NAME,
    trust: { ca: CA.cert },
    deadlineMs: 5000,
    ...options,
  });
  onCleanUp(() => made.close());
  return made;
}

export const ask = { device: 'a', message: GET_EIM_PACKAGE };
