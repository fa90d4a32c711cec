/** A ClientHello of DTLS 1.2 made by hand (RFC 6347 4.2, RFC 5246 7.4.1.2), for what no DTLS library would send. */
import { isIP } from 'node:net';
import { ContentType, HandshakeType } from './records.js';

/** ECDHE_ECDSA with AES-128 in GCM, CCM_8 and CBC, then pre-shared keys with CCM_8 and GCM. */
const SUITES = [0xc02b, 0xc0ae, 0xc023, 0xc0a8, 0x00a8];
/** secp256r1 and brainpoolP256r1. */
const GROUPS = [23, 26];
/** ecdsa_secp256r1_sha256. */
const SIGNATURE_ALGORITHMS = [0x0403];

export interface ClientHello {
  /** 32 bytes; the same in every hello of a handshake. */
  readonly random: Uint8Array;
  /** 0 to 255 bytes. */
  readonly cookie: Uint8Array;
  /** For server_name; an address is none (RFC 6066 3). */
  readonly servername: string | null;
  /** message_seq: 0 without a cookie, 1 with one. */
  readonly messageSequence: number;
  /** Of the record; each datagram has its own. */
  readonly recordSequence: number;
}

/** One record with the whole message. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  const body = Buffer.concat([
    uint16(0xfefd),
    hello.random,
    // No session_id.
    Buffer.of(0),
    Buffer.of(hello.cookie.length),
    hello.cookie,
    list(SUITES),
    // compression_methods: null.
    Buffer.of(1, 0),
    sized(Buffer.concat(extensionsOf(hello.servername))),
  ]);
  const header = Buffer.concat([
    Buffer.of(HandshakeType.clientHello),
    uint24(body.length),
    uint16(hello.messageSequence),
    uint24(0),
    uint24(body.length),
  ]);
  const fragment = Buffer.concat([header, body]);
  const sequence = Buffer.alloc(8);
  sequence.writeUInt32BE(hello.recordSequence, 4);
  return Uint8Array.from(
    Buffer.concat([Buffer.of(ContentType.handshake, 0xfe, 0xfd), sequence, sized(fragment)]),
  );
}

function extensionsOf(servername: string | null): Buffer[] {
  const extension = (type: number, data: Uint8Array): Buffer => Buffer.concat([uint16(type), sized(data)]);
  const name = servername === null || isIP(servername) !== 0 ? undefined : Buffer.from(servername);
  return [
    ...(name === undefined ? [] : [extension(0, sized(Buffer.concat([Buffer.of(0), sized(name)])))]),
    extension(10, list(GROUPS)),
    // ec_point_formats: uncompressed.
    extension(11, Buffer.of(1, 0)),
    extension(13, list(SIGNATURE_ALGORITHMS)),
    // extended_master_secret, and renegotiation_info: there is none.
    extension(23, new Uint8Array(0)),
    extension(0xff01, Buffer.of(0)),
  ];
}

const uint16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff);
const uint24 = (value: number): Buffer => Buffer.of(value >> 16, (value >> 8) & 0xff, value & 0xff);
const sized = (data: Uint8Array): Buffer => Buffer.concat([uint16(data.length), data]);
const list = (values: readonly number[]): Buffer => sized(Buffer.concat(values.map(uint16)));
