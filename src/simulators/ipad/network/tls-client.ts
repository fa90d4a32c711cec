/** A TLS session of the IPAd: what it offers, and whom it trusts (SGP.32 2.6.3.2). */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { CertificateGate } from '../../../transport/tls/index.js';
import type { IpadDefects } from '../defects.js';
import { deviceCredentials } from './device-certificate.js';
import { EsipaError } from './esipa-error.js';
import { judgeCertificate, type Trust } from './judge-certificate.js';
import type { Place } from './place.js';

export interface TlsClientOptions {
  readonly place: Place;
  readonly trust: Trust;
  readonly defects: IpadDefects;
  /** Bounds the connection and the handshake. */
  readonly signal: AbortSignal;
  /** Tickets of earlier sessions by address; only a defect keeps any. */
  readonly memory: { readonly tickets: Map<string, Buffer> };
}

const SUITES_1_3 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'];
const GCM = 'ECDHE-ECDSA-AES128-GCM-SHA256';
const CBC = 'ECDHE-ECDSA-AES128-SHA256';

/** @throws {EsipaError} `unreachable`, `timeout`, `tls`. */
export async function connectSecure(options: TlsClientOptions): Promise<TLSSocket> {
  const { place, trust, defects, signal } = options;
  const socket = await reached(place, signal);
  const gate = new CertificateGate(socket, (chain) => judgeCertificate(chain, trust, defects));
  const { tickets } = options.memory;
  const ticket = tickets.get(shown(place));
  const secure = connect({
    ...offerOf(place, defects),
    socket: gate,
    ...(ticket === undefined ? {} : { session: ticket }),
  });
  // Every session has a key exchange of its own: a ticket is never offered (SGP.32 2.6.3.2).
  if (defects.has('session-resumed')) secure.on('session', (session) => tickets.set(shown(place), session));
  secure.on('keylog', (line) => gate.keyLog(line.toString('latin1')));
  await secured(secure, gate, place, signal);
  // A session without a certificate proves nothing.
  if (!gate.passed && !secure.isSessionReused()) {
    secure.destroy();
    throw refused(place, 'the server showed no certificate');
  }
  return secure;
}

function offerOf(place: Place, defects: IpadDefects): ConnectionOptions {
  const old = defects.has('old-tls-offered');
  const suites = [...SUITES_1_3, ...(defects.has('cbc-suite-only') ? [] : [GCM]), CBC];
  const open = defects.has('null-suite-offered');
  if (old) suites.push('ECDHE-ECDSA-AES128-SHA');
  if (open) suites.push('ECDHE-ECDSA-NULL-SHA');
  if (old || open) suites.push('@SECLEVEL=0');
  // An address is no server name (RFC 6066 3).
  const named = isIP(place.name) === 0 && !defects.has('server-name-not-indicated');
  return {
    minVersion: old ? 'TLSv1' : defects.has('tls-1-3-only') ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: defects.has('tls-1-2-at-most') ? 'TLSv1.2' : 'TLSv1.3',
    ciphers: suites.join(':'),
    ecdhCurve: defects.has('brainpool-not-offered') ? 'prime256v1' : 'prime256v1:brainpoolP256r1',
    ...(old ? {} : { sigalgs: 'ECDSA+SHA256' }),
    ALPNProtocols: ['http/1.1'],
    // The gate judges; node would look at the certificate again, with its own list of CAs.
    rejectUnauthorized: false,
    ca: [],
    ...(named ? { servername: place.name } : {}),
    ...(defects.has('client-certificate-shown') ? deviceCredentials() : {}),
  };
}

function reached(place: Place, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(late(place));
    const socket = connectTcp({ host: place.host, port: place.port, noDelay: true });
    const onAbort = (): void => {
      socket.destroy();
      reject(late(place));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(socket);
    });
    // Later errors are the gate's; this listener keeps them from being fatal.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', onAbort);
      reject(unreachable(place, error));
    });
  });
}

function secured(secure: TLSSocket, gate: CertificateGate, place: Place, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: EsipaError): void => {
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) return resolve();
      secure.destroy();
      reject(error);
    };
    const onAbort = (): void => end(late(place));
    signal.addEventListener('abort', onAbort, { once: true });
    secure.once('secureConnect', () => {
      gate.established();
      end();
    });
    secure.on('error', (error: Error & { code?: string }) => {
      if (gate.refusal !== undefined) return end(refused(place, gate.refusal.reason));
      // An alert of the server, a version or a suite that is not ours.
      if (/^ERR_SSL|^EPROTO/.test(error.code ?? '')) return end(refused(place, error.message, error));
      end(unreachable(place, error));
    });
    secure.once('close', () =>
      end(
        gate.refusal === undefined
          ? unreachable(place, new Error('the connection was closed'))
          : refused(place, gate.refusal.reason),
      ),
    );
  });
}

const shown = ({ name, host, port }: Place): string => `${name} (${host}:${String(port)})`;

const late = (place: Place): EsipaError =>
  new EsipaError('timeout', 'no connection in time', { place: shown(place), again: true });

export const unreachable = (place: Place, cause: Error): EsipaError =>
  new EsipaError('unreachable', 'the server can not be reached', {
    place: shown(place),
    actual: oneLine(cause.message),
    again: true,
    cause,
  });

const refused = (place: Place, reason: string, cause?: Error): EsipaError =>
  new EsipaError('tls', 'no TLS session with this server', {
    place: shown(place),
    actual: oneLine(reason),
    again: false,
    ...(cause === undefined ? {} : { cause }),
  });

const oneLine = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300);
