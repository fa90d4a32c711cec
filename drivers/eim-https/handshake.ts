/** A TLS handshake and what it showed. */
import type { Socket } from 'node:net';
import { connect, type EphemeralKeyInfo, type TLSSocket } from 'node:tls';
import type { X509Certificate } from 'node:crypto';
import { judgeCertificate, type CertificateFault } from '../../src/transport/tls/index.js';
import type { ChannelFault, FactMap, TlsOffer } from '../eim-contract.js';
import type { Settings } from './options.js';
import type { Stop } from './stop.js';
import { alertOf, handshakeFault } from './tls-faults.js';
import { offerError, tlsOptions } from './tls-offer.js';
import { TlsRecords } from './tls-records.js';
import { WireTap } from './wire-tap.js';

/** A session that can be offered again, with the certificates that it was made with. */
export interface SavedSession {
  readonly session: Buffer;
  readonly certificates: readonly Uint8Array[];
}

export interface Handshake {
  /** Undefined when there is no session, or none that the IPA may use. */
  readonly socket: TLSSocket | undefined;
  readonly facts: FactMap;
  readonly fault: ChannelFault | undefined;
}

export interface HandshakeRequest {
  readonly settings: Settings;
  readonly offer: TlsOffer;
  readonly resume: SavedSession | undefined;
  readonly stop: Stop;
  /** Gets every session (ticket) that the server gives, also later ones. */
  readonly onSession: (session: SavedSession) => void;
}

/**
 * Makes a TLS session over a connected socket. Rejects for nothing that the server does.
 * @throws {Sgp33Error} `tls-offer`.
 */
export async function makeHandshake(raw: Socket, request: HandshakeRequest): Promise<Handshake> {
  const { settings, offer, resume, stop } = request;
  const [server, client] = [new TlsRecords(), new TlsRecords()];
  const keyLog: string[] = [];
  let certificates: readonly Uint8Array[] = resume?.certificates ?? [];
  let sent = false as boolean;
  const options = tlsOptions(settings, offer);
  const tap = new WireTap(raw, {
    incoming: (bytes) => server.feed(bytes),
    outgoing: (bytes) => {
      sent = true;
      client.feed(bytes);
    },
  });
  tap.on('error', ignore);
  const socket = connect({ ...options, socket: tap, ...(resume && { session: resume.session }) });
  socket.on('keylog', (line) => {
    keyLog.push(line.toString('latin1'));
    settings.keyLog?.(line.toString('latin1').trimEnd());
  });
  let firstSession: Buffer | undefined;
  const save = (session: Buffer): void => request.onSession({ session, certificates });
  socket.on('session', (session) => {
    firstSession = session;
    if (certificates.length > 0) save(session);
  });
  const error = await secured(socket, stop);
  if (error !== undefined && !sent && !stop.signal.aborted) throw offerError(offer, error);
  server.stop();
  client.stop();
  const flight = server.serverFlight(keyLog);
  if (flight.certificates.length > 0) certificates = flight.certificates;
  else if (error === undefined) certificates = peerCertificates(socket, certificates);
  if (firstSession !== undefined && certificates.length > 0) save(firstSession);
  const alert = server.alert ?? (error && alertOf(error));
  const facts: FactMap = {
    ...(error === undefined ? sessionFacts(socket) : {}),
    ...certificateFacts(certificates),
    ...(flight.complete ? { certificateRequested: String(flight.certificateRequested) } : {}),
    ticketOffered: String(resume !== undefined),
    resumed: String(error === undefined && socket.isSessionReused()),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(alert === undefined ? {} : { alert }),
    ...(client.alert === undefined ? {} : { alertSent: client.alert }),
  };
  const fault =
    error === undefined
      ? refusalOf(
          judgeCertificate(
            certificates,
            offer.trust ?? settings.trust,
            offer.servername ?? settings.peerName,
          ),
        )
      : handshakeFault(error, { alert, foreign: server.foreign, stop });
  if (fault !== undefined) socket.destroy();
  return { socket: fault === undefined ? socket : undefined, facts, fault };
}

const refusalOf = (fault: CertificateFault | undefined): ChannelFault | undefined =>
  fault && {
    kind: 'certificate',
    path: 'tls.certificate',
    expected: fault.expected,
    actual: fault.actual,
  };

const ignore = (): void => undefined;

/** Resolves with undefined once there is a session, otherwise with what went wrong. */
function secured(socket: TLSSocket, stop: Stop): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const finish = (error: Error | undefined): void => {
      stop.signal.removeEventListener('abort', onStop);
      resolve(error);
    };
    const onStop = (): void => {
      finish(new Error('no end of the handshake'));
      socket.destroy();
    };
    // Later errors belong to whoever uses the socket; this one keeps them from being fatal.
    socket.on('error', (error: Error) => finish(error));
    socket.once('close', () => finish(new Error('the connection was closed')));
    socket.once('secureConnect', () => finish(undefined));
    stop.signal.addEventListener('abort', onStop, { once: true });
    if (stop.signal.aborted) onStop();
  });
}

function sessionFacts(socket: TLSSocket): FactMap {
  const cipher = socket.getCipher();
  const group = socket.getEphemeralKeyInfo() as Partial<EphemeralKeyInfo> | null;
  return {
    version: socket.getProtocol() ?? '',
    cipher: cipher.standardName,
    cipherOpenssl: cipher.name,
    ...(group?.name === undefined ? {} : { group: group.name }),
    ...(typeof socket.alpnProtocol === 'string' ? { alpn: socket.alpnProtocol } : {}),
  };
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

function certificateFacts(certificates: readonly Uint8Array[]): FactMap {
  const [leaf] = certificates;
  return leaf === undefined ? {} : { certificate: hexOf(leaf), chain: certificates.map(hexOf) };
}

/** Where the wire did not tell (a resumed session): what OpenSSL remembers, or we. */
function peerCertificates(socket: TLSSocket, known: readonly Uint8Array[]): readonly Uint8Array[] {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined || known.length > 0) return known;
  return [Uint8Array.from(certificate.raw)];
}
