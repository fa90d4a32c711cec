/** What the DTLS tests have in common: certificates, an echo server, raw UDP. */
import { createSocket, type Socket } from 'node:dgram';
import { createPrivateKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Curve } from '../../../src/protocol/crypto/ecdsa.js';
import {
  altNameExtension,
  extendedKeyUsageExtension,
  issueCertificate,
  keyUsageExtension,
} from '../../../src/protocol/pki/issue.js';
import { OID } from '../../../src/protocol/pki/oids.js';
import {
  connectDtls,
  serveDtls,
  type DtlsClientOptions,
  type DtlsConnection,
  type DtlsCredentials,
  type DtlsServer,
  type DtlsServerOptions,
} from '../../../src/transport/dtls/index.js';
import { CI, EIM_TLS, HOST, pem } from './credentials.js';

export * from './credentials.js';

const DEADLINE_MS = 10_000;

export function keyPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** A server certificate for eim.example.com and localhost, under the CI of the curve. */
export function issueServer(
  curve: Curve,
  changes: { notAfter?: Date; dns?: string[]; purpose?: string } = {},
): DtlsCredentials & { certificate: string; privateKey: string } {
  const suffix = curve === 'P-256' ? 'NIST' : 'BRP';
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const der = issueCertificate(
    {
      subject: [['CN', 'eim.example.com']],
      issuer: [
        ['CN', 'SGP33 Test CI'],
        ['OU', 'TESTCERT'],
        ['O', 'RSPTEST'],
        ['C', 'ZZ'],
      ],
      serial: Uint8Array.of(1, 2, 3),
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: changes.notAfter ?? new Date('2049-01-01T00:00:00Z'),
      subjectKey: privateKey,
      extensions: [
        keyUsageExtension(0),
        extendedKeyUsageExtension(changes.purpose ?? OID.serverAuth),
        altNameExtension({ dns: changes.dns ?? ['eim.example.com', 'localhost'] }),
      ],
    },
    createPrivateKey(pem(`SK_CI_ECDSA_${suffix}`)),
  );
  return { certificate: new X509Certificate(der).toString(), privateKey: keyPem(privateKey) };
}

export function derOf(certificate: string): Uint8Array {
  return new Uint8Array(new X509Certificate(certificate).raw);
}
export function spkiOf(certificate: string): Uint8Array {
  return new Uint8Array(new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' }));
}

/** A server that sends every message back; closed when the test is over. */
export interface EchoServer extends DtlsServer {
  /** In the order in which the handshakes ended. */
  readonly sessions: DtlsConnection[];
  /** What came, of all sessions. */
  readonly messages: string[];
}

export async function echoServer(options: Partial<DtlsServerOptions> = {}): Promise<EchoServer> {
  const server = await startEchoServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** One server for all tests of a file: starting one takes a process. */
export function sharedEchoServer(): () => EchoServer {
  let server: EchoServer | undefined;
  beforeAll(async () => {
    server = await startEchoServer({});
  });
  afterAll(() => server?.close());
  return () => server!;
}

async function startEchoServer(options: Partial<DtlsServerOptions>): Promise<EchoServer> {
  const sessions: DtlsConnection[] = [];
  const messages: string[] = [];
  const server = await serveDtls({ host: HOST, port: 0, credentials: EIM_TLS, ...options }, (session) => {
    sessions.push(session);
    session.onMessage((data) => {
      messages.push(Buffer.from(data).toString());
      session.send(data).catch(() => {
        // The client may be gone already.
      });
    });
  });
  return Object.assign(server, { sessions, messages });
}

/** A client that trusts the CI; closed when the test is over. */
export async function client(
  port: number,
  options: Partial<DtlsClientOptions> = {},
): Promise<DtlsConnection> {
  const connection = await connectDtls({
    host: HOST,
    port,
    servername: 'eim.example.com',
    trust: { ca: CI },
    ...options,
  });
  onTestFinished(() => connection.close());
  return connection;
}

/** Keeps what a connection gives; made before anything is sent. */
export function messagesOf(connection: DtlsConnection): { next(): Promise<string> } {
  const kept: string[] = [];
  let wake = (): void => {};
  connection.onMessage((data) => {
    kept.push(Buffer.from(data).toString());
    wake();
  });
  return {
    async next() {
      await waitUntil(
        (check) => (wake = check),
        () => kept.length > 0,
        'a message',
      );
      return kept.shift()!;
    },
  };
}

/** Waits for a condition that is looked at whenever `arm`ed events call. */
export function waitUntil(
  arm: (check: () => void) => void,
  condition: () => boolean,
  what: string,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${what} within ${deadlineMs} ms`)), deadlineMs);
    const check = (): void => {
      if (!condition()) return;
      clearTimeout(timer);
      resolve();
    };
    arm(check);
    check();
  });
}

export async function ask(connection: DtlsConnection, text: string): Promise<string> {
  const messages = messagesOf(connection);
  await connection.send(Buffer.from(text));
  return messages.next();
}

/** An unconnected UDP socket on the loopback; closed when the test is over. */
export async function udpSocket(port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(port, HOST, resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        socket.once('close', resolve);
        socket.close();
      }),
  );
  return socket;
}

export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** The next datagram at a socket. */
export function nextDatagram(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no datagram')), DEADLINE_MS);
    socket.once('message', (datagram) => {
      clearTimeout(timer);
      resolve(datagram);
    });
  });
}

/** A ClientHello of DTLS 1.2 with one suite (4 hex digits), as one record. */
export function clientHello(
  random: Uint8Array,
  cookie: Uint8Array = new Uint8Array(),
  sequence = 0,
  suite = 'c02b',
): Buffer {
  const extensions = Buffer.from('000a00040002001700' + '0b00020100' + '000d000400020403', 'hex');
  const body = Buffer.concat([
    Buffer.from('fefd', 'hex'),
    random,
    Buffer.from([0, cookie.length]),
    cookie,
    Buffer.from(`0002${suite}0100`, 'hex'),
    Buffer.from([0, extensions.length]),
    extensions,
  ]);
  return handshake(1, sequence, body);
}

/** A whole handshake message, as one record. */
export function handshake(type: number, messageSequence: number, body: Uint8Array): Buffer {
  const length = Buffer.from([0, body.length >> 8, body.length & 255]);
  const header = Buffer.concat([
    Buffer.from([type]),
    length,
    Buffer.from([0, messageSequence, 0, 0, 0]),
    length,
  ]);
  return record(22, Buffer.concat([header, body]), messageSequence);
}

/** A record of epoch 0. */
export function record(type: number, fragment: Uint8Array, sequence = 0): Buffer {
  const header = Buffer.alloc(13);
  header[0] = type;
  header.writeUInt16BE(0xfefd, 1);
  header.writeUIntBE(sequence, 5, 6);
  header.writeUInt16BE(fragment.length, 11);
  return Buffer.concat([header, fragment]);
}

/** The cookie of a HelloVerifyRequest: behind two headers, the version and its length. */
export function cookieOf(helloVerifyRequest: Buffer): Buffer {
  if (helloVerifyRequest[0] !== 22 || helloVerifyRequest[13] !== 3) throw new Error('no HelloVerifyRequest');
  const length = helloVerifyRequest[27]!;
  return helloVerifyRequest.subarray(28, 28 + length);
}
