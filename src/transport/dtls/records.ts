/** What can be read of DTLS records without any key (RFC 6347 4.1, 4.2.2). The bytes are a stranger's. */

export const RECORD_HEADER_LENGTH = 13;
const HANDSHAKE_HEADER_LENGTH = 12;
const RANDOM_LENGTH = 32;

export const ContentType = { alert: 21, handshake: 22, applicationData: 23 } as const;
export const HandshakeType = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificateRequest: 13,
} as const;

export interface DtlsRecord {
  readonly type: number;
  readonly epoch: number;
  readonly fragment: Uint8Array;
  /** Header and fragment. */
  readonly bytes: Uint8Array;
}

/** The records of one datagram, in order; a truncated one at the end is left out. */
export function recordsOf(datagram: Uint8Array): DtlsRecord[] {
  const records: DtlsRecord[] = [];
  for (let start = 0; start + RECORD_HEADER_LENGTH <= datagram.length;) {
    const end = start + RECORD_HEADER_LENGTH + uint16(datagram, start + 11);
    if (end > datagram.length) break;
    records.push({
      type: datagram[start] ?? 0,
      epoch: uint16(datagram, start + 3),
      fragment: datagram.subarray(start + RECORD_HEADER_LENGTH, end),
      bytes: datagram.subarray(start, end),
    });
    start = end;
  }
  return records;
}

export interface PlaintextSigns {
  /** Types of the handshake messages that (a part of) was in the datagram. */
  readonly handshakes: readonly number[];
  /** Numbers of fatal alerts. */
  readonly fatalAlerts: readonly number[];
  /** server_version of a ServerHello. */
  readonly serverVersion: number | undefined;
}

/** What a datagram shows in records of epoch 0, which are not encrypted. */
export function plaintextSigns(datagram: Uint8Array): PlaintextSigns {
  const handshakes: number[] = [];
  const fatalAlerts: number[] = [];
  let serverVersion: number | undefined;
  for (const { type, epoch, fragment } of recordsOf(datagram)) {
    if (epoch !== 0) continue;
    if (type === ContentType.handshake) {
      for (const message of handshakeFragments(fragment)) {
        handshakes.push(message[0] ?? 0);
        serverVersion ??= serverVersionOf(message);
      }
    }
    // AlertLevel fatal(2).
    if (type === ContentType.alert && fragment.length === 2 && fragment[0] === 2) {
      fatalAlerts.push(fragment[1] ?? 0);
    }
  }
  return { handshakes, fatalAlerts, serverVersion };
}

/** Each with its header. More than one handshake message may be in a record (RFC 6347 4.2.3). */
function handshakeFragments(fragment: Uint8Array): Uint8Array[] {
  const fragments: Uint8Array[] = [];
  for (let start = 0; start + HANDSHAKE_HEADER_LENGTH <= fragment.length;) {
    const end = start + HANDSHAKE_HEADER_LENGTH + uint24(fragment, start + 9);
    fragments.push(fragment.subarray(start, end));
    start = end;
  }
  return fragments;
}

function serverVersionOf(message: Uint8Array): number | undefined {
  const isStart = uint24(message, 6) === 0 && message.length >= HANDSHAKE_HEADER_LENGTH + 2;
  if (message[0] !== HandshakeType.serverHello || !isStart) return undefined;
  return uint16(message, HANDSHAKE_HEADER_LENGTH);
}

/** `DTLSv1.2` for FEFD. */
export function versionName(version: number): string {
  if (version === 0xfeff) return 'DTLSv1';
  if (version === 0xfefd) return 'DTLSv1.2';
  return `0x${version.toString(16).padStart(4, '0')}`;
}

/**
 * The random of the ClientHello that a datagram begins with, in hex; undefined for anything else, and for a hello in
 * fragments. It tells a new hello from a repeated one.
 */
export function clientHelloRandom(datagram: Uint8Array): string | undefined {
  const [record] = recordsOf(datagram);
  if (record === undefined || record.epoch !== 0 || record.type !== ContentType.handshake) return undefined;
  const { fragment } = record;
  // Behind the header stands client_version.
  const start = HANDSHAKE_HEADER_LENGTH + 2;
  if (fragment[0] !== HandshakeType.clientHello || fragment.length < start + RANDOM_LENGTH) return undefined;
  if (uint24(fragment, 6) !== 0) return undefined;
  return Buffer.from(fragment.subarray(start, start + RANDOM_LENGTH)).toString('hex');
}

/**
 * The body of the ClientHello that a datagram begins with, or what of it is there; undefined for anything else.
 */
export function clientHelloBody(datagram: Uint8Array): Uint8Array | undefined {
  if (clientHelloRandom(datagram) === undefined) return undefined;
  const [record] = recordsOf(datagram);
  const [message] = record === undefined ? [] : handshakeFragments(record.fragment);
  return message?.slice(HANDSHAKE_HEADER_LENGTH);
}

/** The cookie of the HelloVerifyRequest that a datagram begins with (RFC 6347 4.2.1); undefined for anything else. */
export function helloVerifyCookie(datagram: Uint8Array): Uint8Array | undefined {
  const [record] = recordsOf(datagram);
  if (record === undefined || record.epoch !== 0 || record.type !== ContentType.handshake) return undefined;
  const { fragment } = record;
  // Behind the header stands server_version.
  const start = HANDSHAKE_HEADER_LENGTH + 2;
  const length = fragment[start];
  if (fragment[0] !== HandshakeType.helloVerifyRequest || length === undefined) return undefined;
  const end = start + 1 + length;
  return end <= fragment.length ? Uint8Array.from(fragment.subarray(start + 1, end)) : undefined;
}

/** Puts records together to datagrams of at most `mtu` bytes; a larger record goes alone. */
export function packRecords(bytes: Uint8Array, mtu: number): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  let start = 0;
  let end = 0;
  for (const { bytes: record } of recordsOf(bytes)) {
    if (end > start && end - start + record.length > mtu) {
      datagrams.push(bytes.subarray(start, end));
      start = end;
    }
    end += record.length;
  }
  if (end > start) datagrams.push(bytes.subarray(start, end));
  return datagrams;
}

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function uint24(bytes: Uint8Array, offset: number): number {
  return (uint16(bytes, offset) << 8) | (bytes[offset + 2] ?? 0);
}
