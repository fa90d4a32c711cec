/** An eIM behind CoAP and DTLS that a script answers for, down to its datagrams. */
import type { KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { tlv } from '../../../src/protocol/asn1/index.js';
import { certificatePem } from '../../../src/protocol/pki/pem.js';
import {
  CoapServer,
  decodeMessage,
  encodeMessage,
  type CoapServerRequest,
  type CoapServerResponse,
  type DatagramChannel,
} from '../../../src/transport/coap/index.js';
import { serveDtls, type DtlsServer, type DtlsServerOptions } from '../../../src/transport/dtls/index.js';
import { numbersIn } from '../ipa/scripted-eim.js';
import { bytes, hex } from '../euicc/terminal.js';
import { acknowledging, NO_PACKAGE, pki } from './bench.js';

export type CoapScript = (message: string, request: CoapServerRequest) => CoapServerResponse | undefined;

export interface CoapEimOptions {
  readonly say: (line: string) => void;
  /** PEM; by default EIM_TLS. */
  readonly certificate?: string;
  readonly key?: KeyObject;
  readonly dtls?: Partial<DtlsServerOptions>;
  /** The answer comes behind an acknowledgement of its own. */
  readonly separate?: boolean;
}

export class CoapEim {
  readonly packages: Uint8Array[] = [];
  script: CoapScript = () => undefined;
  /** Alters what goes out, or drops it; undefined: as it is. */
  wire: (message: ReturnType<typeof decodeMessage>, bytes: Uint8Array) => Uint8Array | 'drop' | undefined =
    () => undefined;
  sessions = 0;
  resumed = 0;
  #server: DtlsServer | undefined;

  private constructor(private readonly options: CoapEimOptions) {}

  static async open(options: CoapEimOptions): Promise<CoapEim> {
    const eim = new CoapEim(options);
    const { certificate, privateKey } = pki.identity('EIM_TLS');
    eim.#server = await serveDtls(
      {
        host: '127.0.0.1',
        port: 0,
        credentials: {
          certificate: options.certificate ?? certificatePem(certificate.der),
          privateKey: (options.key ?? privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
        },
        ...options.dtls,
      },
      (channel) => {
        if (channel.facts.resumed) eim.resumed += 1;
        eim.#serve(channel);
      },
    );
    return eim;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #serve(channel: DatagramChannel): void {
    const nth = ++this.sessions;
    const { separate = false } = this.options;
    new CoapServer(
      this.#altered(channel),
      async (request) => {
        const message = hex(request.payload);
        const { code, path, contentFormat = '-' } = request;
        this.options.say(
          `coap #${String(nth)} ${code} ${path.join('/')} ${String(contentFormat)} ${message}`,
        );
        // Longer than the server waits before it acknowledges.
        if (separate) await delay(50);
        return this.script(message, request) ?? this.#good(message);
      },
      separate ? { piggybackMs: 0 } : {},
    );
  }

  #altered(channel: DatagramChannel): DatagramChannel {
    return {
      onMessage: (callback) => channel.onMessage(callback),
      onClose: (callback) => channel.onClose(callback),
      close: () => channel.close(),
      send: async (data) => {
        const other = this.wire(decodeMessage(data), data);
        if (other !== 'drop') await channel.send(other ?? data);
      },
    };
  }

  #good(message: string): CoapServerResponse {
    if (message.startsWith('BF3D')) return { code: '2.04' };
    if (message.startsWith('BF4F')) {
      const offered = this.packages.shift();
      return ok(offered === undefined ? NO_PACKAGE : tlv(0xbf4f, offered));
    }
    return ok(acknowledging(numbersIn(bytes(message))));
  }
}

export const ok = (payload: Uint8Array): CoapServerResponse => ({ code: '2.04', contentFormat: 42, payload });

/** RST in place of what was to go out. */
export const reset = (messageId: number): Uint8Array =>
  encodeMessage({ type: 'RST', code: '0.00', messageId, token: bytes(''), options: [], payload: bytes('') });
