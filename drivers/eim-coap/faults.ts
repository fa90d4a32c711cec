/** What an error of CoAP or DTLS says about the eIM, and which errors say nothing about it. */
import { CoapError, type CoapErrorCode } from '../../src/transport/coap/index.js';
import { DtlsError } from '../../src/transport/dtls/index.js';
import { TransportError } from '../contract.js';
import type { ChannelFault, ChannelFaultKind } from '../eim-contract.js';

/** Codes of the system for a host that is not there. */
const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL'],
]);

const KINDS: Readonly<Record<CoapErrorCode, ChannelFaultKind | undefined>> = {
  'coap-timeout': 'timeout',
  'coap-reset': 'reset',
  'coap-closed': 'reset',
  'coap-malformed': 'malformed',
  'coap-block': 'malformed',
  'coap-too-large': 'oversized',
  // Ours: the step asked for what can not be sent.
  'coap-unencodable': undefined,
};

/**
 * @param deadlineMs of the exchange, for the text.
 * @returns undefined for an error that is not the eIM's.
 */
export function faultOf(error: unknown, deadlineMs: number): ChannelFault | undefined {
  if (error instanceof CoapError) return coapFault(error, deadlineMs);
  if (error instanceof DtlsError) return dtlsFault(error, deadlineMs);
  return undefined;
}

/** The host refuses, or does not exist. */
export function unreachable(error: unknown, url: string): TransportError | undefined {
  const code = systemCodeOf(error);
  if (code === undefined || !UNREACHABLE.has(code)) return undefined;
  return new TransportError('unreachable', 'The eIM can not be reached', {
    place: url,
    actual: code,
    repair: 'Start the eIM, or correct host and port in the target.',
    cause: error,
  });
}

function coapFault(error: CoapError, deadlineMs: number): ChannelFault | undefined {
  const kind = KINDS[error.code];
  if (kind === undefined) return undefined;
  const place = error.place === undefined ? '' : `.${error.place}`;
  return {
    kind,
    path: `coap${place}`,
    expected: kind === 'timeout' ? `a response within ${deadlineMs} ms` : (error.expected ?? 'a response'),
    actual: error.actual ?? error.message,
  };
}

function dtlsFault(error: DtlsError, deadlineMs: number): ChannelFault | undefined {
  const actual = error.actual ?? error.message;
  const handshake = { path: 'tls.handshake', expected: 'a DTLS session' };
  switch (error.code) {
    case 'dtls-handshake': {
      const alert = error.facts?.alert;
      return { kind: 'handshake', ...handshake, actual: alert === undefined ? actual : `alert ${alert}` };
    }
    case 'dtls-timeout':
      return {
        kind: 'timeout',
        path: handshake.path,
        expected: `a DTLS session within ${deadlineMs} ms`,
        actual: 'an unfinished handshake',
      };
    case 'dtls-closed':
      return { kind: 'reset', ...handshake, actual };
    case 'dtls-certificate':
      return {
        kind: 'certificate',
        path: 'tls.certificate',
        expected: error.expected ?? 'a certificate that the IPA may trust',
        actual,
      };
    case 'dtls-unavailable':
    case 'dtls-crashed':
    case 'dtls-configuration':
      return undefined;
  }
}

/** Of the error, or of the one that caused it: a broken channel is the cause of a broken exchange. */
function systemCodeOf(error: unknown): string | undefined {
  if (error instanceof DtlsError) return error.systemCode;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof CoapError) return systemCodeOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
