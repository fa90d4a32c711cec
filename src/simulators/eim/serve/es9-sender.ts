/** The eIM as client of an SM-DP+: ES9+'.HandleNotification over HTTPS (SGP.32 3.7, SGP.22 6.5.2). */
import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest, type RequestOptions } from 'node:https';
import { createSecureContext, type ConnectionOptions, type SecureContext } from 'node:tls';
import { Sgp33Error } from '../../../protocol/errors.js';
import { wrap } from '../../tlv/writer.js';
import { ADMIN_PROTOCOL, ASN1_PATH, ASN1_TYPE } from './binding.js';

export interface Es9SenderOptions {
  /** PEM of the CAs that may issue SM-DP+ certificates. */
  readonly trust: string;
  readonly resolve: Readonly<Record<string, string>>;
  readonly plain: boolean;
  readonly binding: 'json' | 'asn1';
  /** For the whole exchange, milliseconds; default 10 s. */
  readonly deadlineMs?: number;
}

/** Sends to the SM-DP+ of that FQDN. Rejects with {@link Sgp33Error} `es9-delivery` when it did not take it. */
export type Es9Sender = (address: string, pendingNotification: Uint8Array) => Promise<void>;

const DEADLINE = 10_000;

export function createEs9Sender(options: Es9SenderOptions): Es9Sender {
  // Made once: reading the CAs takes as long as the rest of a handshake.
  let context: SecureContext | undefined;
  const trusting = (): SecureContext =>
    (context ??= createSecureContext({ ca: options.trust, minVersion: 'TLSv1.2' }));
  return async (address, pendingNotification) => {
    const status = await post(address, pendingNotification, options, trusting);
    // SGP.22 6.3: no body, so 204; 200 without a body is seen as well.
    if (status !== 204 && status !== 200)
      throw notDelivered(address, 'the SM-DP+ refused the notification', `status ${String(status)}`);
  };
}

function post(
  address: string,
  notification: Uint8Array,
  options: Es9SenderOptions,
  trusting: () => SecureContext,
): Promise<number> {
  const { plain, resolve, deadlineMs = DEADLINE } = options;
  const { name, host, port } = placeOf(address, resolve, plain);
  const { path, type, body } = messageOf(notification, options.binding);
  const request: RequestOptions = {
    host,
    port,
    path,
    method: 'POST',
    // A connection for each: notifications are rare, and a server may be away in between.
    agent: false,
    headers: {
      Host: address,
      'Content-Type': type,
      'Content-Length': String(body.length),
      'X-Admin-Protocol': ADMIN_PROTOCOL,
      'User-Agent': 'gsma-rsp-lpad',
    },
    signal: AbortSignal.timeout(deadlineMs),
  };
  const send = (): ClientRequest => {
    if (plain) return plainRequest(request);
    const secure: RequestOptions & Pick<ConnectionOptions, 'secureContext'> = {
      ...request,
      servername: name,
      secureContext: trusting(),
    };
    return secureRequest(secure);
  };
  return new Promise((settle, reject) => {
    const fail = (cause: Error): void =>
      reject(notDelivered(address, 'the notification could not be delivered', cause.message, cause));
    send()
      .on('error', fail)
      .on('response', (response: IncomingMessage) => {
        settle(response.statusCode ?? 0);
        // Nothing in the body is wanted, however long it is.
        response.on('error', () => {}).destroy();
      })
      .end(body);
  });
}

function placeOf(
  address: string,
  resolve: Readonly<Record<string, string>>,
  plain: boolean,
): { name: string; host: string; port: number } {
  const name = address.replace(/:\d+$/, '');
  const real = resolve[address] ?? resolve[name] ?? address;
  const match = /^\[?([^\]]+?)\]?(?::(\d{1,5}))?$/.exec(real);
  return { name, host: match?.[1] ?? real, port: Number(match?.[2] ?? (plain ? 80 : 443)) };
}

function messageOf(
  notification: Uint8Array,
  binding: 'json' | 'asn1',
): { path: string; type: string; body: Buffer } {
  if (binding === 'asn1')
    return {
      path: ASN1_PATH,
      type: ASN1_TYPE,
      // ES9+ wraps its functions in A2, ESipa does not (SGP.22 6.6).
      body: Buffer.from(wrap(0xa2, wrap(0xbf3d, wrap(0xa0, notification)))),
    };
  const json = { pendingNotification: Buffer.from(notification).toString('base64') };
  return {
    path: '/gsma/rsp2/es9plus/handleNotification',
    type: 'application/json;charset=UTF-8',
    body: Buffer.from(JSON.stringify(json)),
  };
}

const notDelivered = (place: string, what: string, actual: string, cause?: Error): Sgp33Error =>
  new Sgp33Error('es9-delivery', what, {
    place,
    expected: 'HTTP status 204',
    actual,
    repair: 'The notification stays in the store and is sent again.',
    ...(cause === undefined ? {} : { cause }),
  });
