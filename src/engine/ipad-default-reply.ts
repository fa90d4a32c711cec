/** What a good eIM says to a message that a sequence does not mention. */
import type { EsipaReply } from '../../drivers/ipad-contract.js';
import { decode, encode, fromText, type TextValue } from '../protocol/asn1/index.js';
import { TlvHeader } from '../protocol/asn1/tlv.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';

/**
 * GetEimPackage: nothing waits. ProvideEimPackageResult: every sequence number in it is acknowledged, or there is none.
 * HandleNotification: nothing in the body. Anything else: 404, 4.04.
 */
export function defaultReply(version: Sgp32Version, data: Uint8Array): EsipaReply {
  const message = (type: string, value: TextValue): EsipaReply => {
    const asn1 = typeByName(version, type);
    return { message: encode(asn1, fromText(asn1, value, type)) };
  };
  switch (functionOf(version, data)) {
    case 'getEimPackageRequest':
      return message('GetEimPackageResponse', { eimPackageError: 'noEimPackageAvailable' });
    case 'provideEimPackageResult': {
      const { value } = decode(typeByName(version, 'ProvideEimPackageResult'), data);
      const numbers = sequenceNumbers(value);
      return message(
        'ProvideEimPackageResultResponse',
        numbers.length > 0
          ? { eimAcknowledgements: numbers.map(String) }
          : version === '1.0.1'
            ? {}
            : { emptyResponse: {} },
      );
    }
    case 'handleNotificationEsipa':
      return {};
    default:
      return { http: { status: 404 }, coap: { code: '4.04' } };
  }
}

/** Name of the choice in EsipaMessageFromIpaToEim, by its tag; undefined for what is none. */
export function functionOf(version: Sgp32Version, data: Uint8Array): string | undefined {
  const tag = tagOf(data);
  return typeByName(version, 'EsipaMessageFromIpaToEim').fields?.find((f) => f.tag === tag)?.name;
}

export function tagOf(data: Uint8Array): number | undefined {
  const header = new TlvHeader();
  return header.read(data, 0, data.length) ? header.tag : undefined;
}

const MAX_DEPTH = 16;

/** Every `seqNumber` in a decoded value, each once, in order: of a result and of the Notifications beside it. */
export function sequenceNumbers(value: unknown): (number | bigint)[] {
  const found = new Set<number | bigint>();
  const walk = (v: unknown, depth: number): void => {
    if (typeof v !== 'object' || v === null || v instanceof Uint8Array || depth > MAX_DEPTH) return;
    for (const [key, inner] of Object.entries(v))
      if (key === 'seqNumber' && (typeof inner === 'number' || typeof inner === 'bigint')) found.add(inner);
      else walk(inner, depth + 1);
  };
  walk(value, 0);
  return [...found];
}
