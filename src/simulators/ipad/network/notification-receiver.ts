/** The IPAd as client of a Notification Receiver: ES9+.HandleNotification (SGP.32 3.7, SGP.22 6.5.2). */
import { notificationReceiver } from '../../ipa/euicc-package.js';
import { wrap } from '../../tlv/writer.js';
import type { IpadDefects } from '../defects.js';
import { EsipaError } from './esipa-error.js';
import { HttpClient, type HttpRequest } from './http-client.js';
import type { NetworkOptions } from './network-options.js';
import { placeOf } from './place.js';

const JSON_PATH = '/gsma/rsp2/es9plus/handleNotification';
const ASN1_PATH = '/gsma/rsp2/asn1';
const HTTPS_PORT = 443;

/** @returns whether the receiver that the Notification names took it. Never rejects for what a receiver does. */
export async function notifyReceiver(notification: Uint8Array, options: NetworkOptions): Promise<boolean> {
  const { log, defects, authorities, timings } = options;
  const address = notificationReceiver(notification);
  const place = address === undefined ? undefined : placeOf(address, options.resolve, HTTPS_PORT);
  if (place === undefined) return false;
  // Anchored in the CI: an eUICC names no other anchor for a Notification Receiver.
  const trust = { anchor: undefined, authorities, name: place.name };
  const http = new HttpClient({ ...options, place, trust, deadlineMs: timings.deadlineMs });
  try {
    const { status } = await http.send(requestFor(notification, options));
    return arrived(status, defects);
  } catch (error) {
    if (!(error instanceof EsipaError)) throw error;
    log(`${place.authority}: ${error.message}`);
    return false;
  } finally {
    await http.close();
  }
}

const arrived = (status: number, defects: IpadDefects): boolean =>
  status === 204 || status === 200 || defects.has('receiver-status-ignored');

function requestFor(notification: Uint8Array, { receiverBinding, userAgent }: NetworkOptions): HttpRequest {
  const json = receiverBinding === 'json';
  return {
    method: 'POST',
    path: json ? JSON_PATH : ASN1_PATH,
    headers: {
      'content-type': json ? 'application/json;charset=UTF-8' : 'application/x-gsma-rsp-asn1',
      'x-admin-protocol': 'gsma/rsp/v2.1.0',
      'user-agent': userAgent,
    },
    // ES9+ wraps its functions in A2, ESipa does not (SGP.22 6.6).
    body: json
      ? Buffer.from(JSON.stringify({ pendingNotification: Buffer.from(notification).toString('base64') }))
      : wrap(0xa2, wrap(0xbf3d, wrap(0xa0, notification))),
  };
}
