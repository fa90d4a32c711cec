/** What a handshake showed at the server's side, from the records and from OpenSSL. */
import type { TLSSocket } from 'node:tls';
import type { FactMap } from '../../eim-contract.js';
import { alertOf, describe } from '../../eim-https/tls-faults.js';
import type { TlsRecords } from '../../eim-https/tls-records.js';
import { helloFacts, parseClientHello } from '../client-hello.js';
import { groupName, suiteName, versionName } from '../tls-names.js';

export const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_KEY_EXCHANGE = 12;
const NAMED_CURVE = 3;
const KEY_SHARE = 51;
const SUPPORTED_VERSIONS = 43;

/** What the client offered and what the server chose; nothing where they did not come so far. */
export function offeredAndChosen(client: TlsRecords, server: TlsRecords): FactMap {
  const body = client.message(CLIENT_HELLO);
  const hello = body && parseClientHello(body, false);
  const chosen = server.message(SERVER_HELLO);
  const group = groupOf(server);
  return {
    ...(hello === undefined ? {} : helloFacts(hello)),
    ...(chosen === undefined ? {} : serverHelloFacts(Buffer.from(chosen))),
    ...(group === undefined ? {} : { group }),
  };
}

/** The session that there is. */
export function sessionFacts(socket: TLSSocket): FactMap {
  const { alpnProtocol } = socket;
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    clientCertificate: String(socket.getPeerX509Certificate() !== undefined),
    resumed: String(socket.isSessionReused()),
    ...(typeof alpnProtocol === 'string' ? { alpn: alpnProtocol } : {}),
  };
}

export function alertFacts(client: TlsRecords, server: TlsRecords, error: Error | undefined): FactMap {
  const alert = client.alert ?? (error && alertOf(error));
  return {
    ...(alert === undefined ? {} : { alert }),
    ...(server.alert === undefined ? {} : { alertSent: server.alert }),
    ...(error === undefined ? {} : { reason: describe(error) }),
  };
}

/** Ours, so that nothing in it is cut: version, random, session id, suite, compression, extensions. */
function serverHelloFacts(body: Buffer): FactMap {
  const at = 35 + body.readUInt8(34);
  const version = extensionOf(body, SUPPORTED_VERSIONS)?.readUInt16BE(0) ?? body.readUInt16BE(0);
  return { version: versionName(version), cipher: suiteName(body.readUInt16BE(at)) };
}

function groupOf(server: TlsRecords): string | undefined {
  const exchange = server.message(SERVER_KEY_EXCHANGE);
  if (exchange !== undefined && exchange[0] === NAMED_CURVE)
    return groupName(Buffer.from(exchange).readUInt16BE(1));
  const hello = server.message(SERVER_HELLO);
  const share = hello && extensionOf(Buffer.from(hello), KEY_SHARE);
  return share === undefined ? undefined : groupName(share.readUInt16BE(0));
}

function extensionOf(serverHello: Buffer, wanted: number): Buffer | undefined {
  let at = 35 + serverHello.readUInt8(34) + 3;
  if (at + 2 > serverHello.length) return undefined;
  for (at += 2; at + 4 <= serverHello.length;) {
    const end = at + 4 + serverHello.readUInt16BE(at + 2);
    if (serverHello.readUInt16BE(at) === wanted) return serverHello.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}
