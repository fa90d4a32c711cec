/**
 * node:tls lets a handshake come to its end before anybody may look at the server's certificate, and refuses by closing.
 * This gate stands below a TLS client: it reads the Certificate message on its way in, asks for a verdict, and refuses
 * with a fatal alert, as a TLS stack with a certificate callback does (RFC 5246 7.2.2, RFC 8446 6.2).
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { CERTIFICATE, certificatesOf, FINISHED, handshakeMessages } from './handshake-messages.js';
import { aeadsFor, RecordKeys, secretIn, type TlsRecord } from './tls13-keys.js';

export interface CertificateRefusal {
  /** Number of the alert. */
  readonly alert: number;
  readonly reason: string;
}

/** @param chain DER as sent, the leaf first. @returns undefined when the handshake may go on. */
export type CertificateVerdict = (chain: readonly Uint8Array[]) => CertificateRefusal | undefined;

const HEADER = 5;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const FATAL = 2;
/** OpenSSL refuses larger handshakes by itself. */
const MAX_KEPT = 256 * 1024;
/** For the other side to close, after an alert. */
const LINGER_MS = 500;

export class CertificateGate extends Duplex {
  /** Why the certificate was refused. */
  refusal: CertificateRefusal | undefined;
  /** A certificate was seen, and may be trusted. */
  passed = false;
  #rest: Buffer = Buffer.alloc(0);
  #kept = 0;
  /** Bytes of handshake messages that can be read. */
  #handshake: Buffer = Buffer.alloc(0);
  /** Records of TLS 1.3 that wait for the secrets, and for the verdict. */
  readonly #held: TlsRecord[] = [];
  readonly #keyLog: string[] = [];
  #keys: RecordKeys | undefined;
  #opened = 0;
  /** Nothing is looked at any more. */
  #open = false;

  constructor(
    private readonly inner: Socket,
    private readonly verdict: CertificateVerdict,
  ) {
    super({ allowHalfOpen: true });
    inner.on('data', (chunk: Buffer) => this.#incoming(chunk));
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => {
      // What was read and not taken yet is still delivered when the end was a proper one.
      if (!inner.readableEnded) this.destroy();
    });
  }

  /** A line of the key log (NSS format) of the TLS client above. */
  keyLog(line: string): void {
    if (this.#open) return;
    this.#keyLog.push(line);
    this.#readHeld();
  }

  /** The handshake is over: nothing is held back any more. A resumed session of TLS 1.2 has no Certificate message. */
  established(): void {
    if (!this.#open && this.refusal === undefined) this.#release();
  }

  #incoming(chunk: Buffer): void {
    if (this.refusal !== undefined) return;
    if (this.#open) return this.#forward(chunk);
    this.#kept += chunk.length;
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let record = this.#nextRecord(); record !== undefined; record = this.#nextRecord())
      this.#take(record);
    if (this.#kept > MAX_KEPT) this.#release();
  }

  /** Undefined when the rest is none yet, or is not to be looked at. */
  #nextRecord(): Buffer | undefined {
    if (this.#open || this.refusal !== undefined || this.#rest.length < HEADER) return undefined;
    const end = HEADER + this.#rest.readUInt16BE(3);
    if (this.#rest.length < end) return undefined;
    const record = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end);
    return record;
  }

  #take(record: Buffer): void {
    if (record[0] === APPLICATION_DATA) {
      this.#held.push({ header: record.subarray(0, HEADER), payload: record.subarray(HEADER) });
      return this.#readHeld();
    }
    const verdict = record[0] === HANDSHAKE ? this.#judge(record.subarray(HEADER), false) : 'unseen';
    if (verdict === 'refused') return;
    this.#forward(record);
    if (verdict === 'passed') this.#release();
  }

  /** Opens what is held, as soon as the secrets are there. */
  #readHeld(): void {
    while (!this.#open && this.refusal === undefined && this.#opened < this.#held.length) {
      const record = this.#held[this.#opened] as TlsRecord;
      const inner = this.#keysFor(record)?.open(record, this.#opened);
      if (inner === undefined) return;
      this.#opened++;
      if (inner.type === HANDSHAKE && this.#judge(inner.content, true) === 'passed') this.#release();
    }
  }

  #keysFor(record: TlsRecord): RecordKeys | undefined {
    if (this.#keys !== undefined) return this.#keys;
    const secret = secretIn(this.#keyLog, 'SERVER_HANDSHAKE_TRAFFIC_SECRET');
    return (this.#keys = aeadsFor(secret)
      .map((aead) => new RecordKeys(secret, aead))
      .find((keys) => keys.open(record, 0) !== undefined));
  }

  #judge(bytes: Uint8Array, isTls13: boolean): 'unseen' | 'passed' | 'refused' {
    this.#handshake = Buffer.concat([this.#handshake, bytes]);
    const messages = handshakeMessages(this.#handshake);
    const message = messages.find(({ type }) => type === CERTIFICATE);
    if (message === undefined) {
      // A resumed session of TLS 1.3 has none; `passed` stays false.
      if (isTls13 && messages.some(({ type }) => type === FINISHED)) this.#release();
      return 'unseen';
    }
    const refusal = this.verdict(certificatesOf(message.body, isTls13));
    if (refusal === undefined) {
      this.passed = true;
      return 'passed';
    }
    this.refusal = refusal;
    this.#refuse(refusal, isTls13);
    return 'refused';
  }

  #refuse({ alert, reason }: CertificateRefusal, isTls13: boolean): void {
    const content = Uint8Array.of(FATAL, alert);
    const plain = Uint8Array.of(ALERT, 3, 3, 0, 2, ...content);
    const secret = secretIn(this.#keyLog, 'CLIENT_HANDSHAKE_TRAFFIC_SECRET');
    const aead = aeadsFor(secret).find((one) => one.name === this.#keys?.aead.name);
    const sealed =
      isTls13 && aead !== undefined ? new RecordKeys(secret, aead).seal({ type: ALERT, content }, 0) : plain;
    this.inner.end(sealed);
    this.destroy(new Error(`the certificate is refused: ${reason}`));
  }

  /** From here on bytes go through as they come. */
  #release(): void {
    this.#open = true;
    for (const { header, payload } of this.#held.splice(0)) this.#forward(Buffer.concat([header, payload]));
    if (this.#rest.length > 0) this.#forward(this.#rest);
    this.#rest = this.#handshake = Buffer.alloc(0);
  }

  #forward(bytes: Buffer): void {
    if (!this.push(bytes)) this.inner.pause();
  }

  ref(): this {
    this.inner.ref();
    return this;
  }

  /** An idle connection keeps no process alive. */
  unref(): this {
    this.inner.unref();
    return this;
  }

  override _read(): void {
    this.inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.inner.write(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.inner.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.refusal === undefined) this.inner.destroy();
    else this.#linger();
    callback(error);
  }

  /** With bytes that nobody read, the system would reset the connection, and the alert would be lost on its way. */
  #linger(): void {
    const timer = setTimeout(() => this.inner.destroy(), LINGER_MS);
    this.inner.once('close', () => clearTimeout(timer));
    this.inner.resume();
  }
}
