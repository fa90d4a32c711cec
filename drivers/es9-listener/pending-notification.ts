/** The PendingNotification out of a request, in either binding. */
import { TlvHeader } from '../../src/protocol/asn1/index.js';

export const JSON_PATH = '/gsma/rsp2/es9plus/handleNotification';
export const ASN1_PATH = '/gsma/rsp2/asn1';

/** What a request carries that is none. */
export class BadRequest extends Error {}

const HANDLE_NOTIFICATION = 0xbf3d;
/** RemoteProfileProvisioningRequest's arm of it... */
const REQUEST_WRAPPER = 0xa2;
/** ...and the field of HandleNotification, where a binding keeps it. */
const PENDING_NOTIFICATION = 0xa0;

/** JSON: `{ pendingNotification: base64 of the DER }` (SGP.22 6.5.2.9). @throws {BadRequest} */
export function fromJson(body: Uint8Array): Uint8Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new BadRequest('the body is no JSON');
  }
  const member =
    typeof parsed === 'object' && parsed !== null
      ? (parsed as { pendingNotification?: unknown }).pendingNotification
      : undefined;
  if (typeof member !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(member) || member.length % 4 !== 0)
    throw new BadRequest('pendingNotification must be base64');
  return one(new Uint8Array(Buffer.from(member, 'base64')));
}

/** ASN.1: `A2 { BF3D { PendingNotification } }`, or BF3D alone (SGP.22 6.6). @throws {BadRequest} */
export function fromAsn1(body: Uint8Array): Uint8Array {
  let element = parsedOne(body);
  if (element.tag === REQUEST_WRAPPER) element = parsedOne(element.content);
  if (element.tag !== HANDLE_NOTIFICATION) throw new BadRequest('no HandleNotification');
  const inner = parsedOne(element.content);
  return one(inner.tag === PENDING_NOTIFICATION ? inner.content : element.content);
}

/** Exactly one element, whose header need not be DER: what is in it is for the sequence to judge. @throws {BadRequest} */
function parsedOne(bytes: Uint8Array): { tag: number; content: Uint8Array } {
  const header = new TlvHeader();
  if (!header.read(bytes, 0, bytes.length) || header.fault === 'overrun' || header.end !== bytes.length)
    throw new BadRequest('not one element');
  return { tag: header.tag, content: bytes.subarray(header.contentStart, header.end) };
}

/** A copy, so that a long body is not kept for a short notification. */
function one(bytes: Uint8Array): Uint8Array {
  parsedOne(bytes);
  return Uint8Array.from(bytes);
}
