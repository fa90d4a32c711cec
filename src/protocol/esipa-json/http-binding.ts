/** What the two bindings of ESipa have in common over HTTP, for whoever sends and whoever reads it (SGP.32 6.1). */

export type EsipaBinding = 'asn1' | 'json';

/** All functions of the ASN.1 binding have this path (SGP.32 6.3). */
export const ASN1_PATH = '/gsma/rsp2/asn1';
/** The function name follows (SGP.32 6.4). */
export const JSON_PATH = '/gsma/rsp2/esipa';

export const MEDIA_TYPE: Readonly<Record<EsipaBinding, string>> = {
  asn1: 'application/x-gsma-rsp-asn1',
  json: 'application/json;charset=UTF-8',
};

/** X-Admin-Protocol (SGP.32 6.1.1). */
export const ADMIN_PROTOCOL = 'gsma/rsp/v2.1.0';
export const ADMIN_PROTOCOL_FORM = /^gsma\/rsp\/v\d+\.\d+\.\d+$/;

/**
 * The type without parameters, and for JSON no other charset than UTF-8.
 * @param others media types that are taken besides the binding's.
 */
export function fitsMediaType(
  binding: EsipaBinding,
  value: string | undefined,
  others: readonly string[] = [],
): boolean {
  const [type = '', ...parameters] = (value ?? '').split(';').map((part) => part.trim().toLowerCase());
  const wanted = [...others, MEDIA_TYPE[binding]].map((text) => text.split(';')[0]?.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const charsetFits = binding === 'asn1' || charset === undefined || /^"?utf-?8"?$/.test(charset);
  return wanted.includes(type) && charsetFits;
}

export interface ReadJson {
  /** As `JSON.parse` gave it; undefined when the bytes are no JSON. */
  readonly value: unknown;
  readonly isJson: boolean;
  /** UTF-8 without a byte order mark (RFC 8259 8.1). */
  readonly isUtf8: boolean;
  readonly text: string;
}

/** Never throws, whatever the bytes are. */
export function readJson(bytes: Uint8Array): ReadJson {
  const { text, isUtf8 } = utf8(bytes);
  try {
    return { value: JSON.parse(text), isJson: true, isUtf8, text };
  } catch {
    return { value: undefined, isJson: false, isUtf8, text };
  }
}

function utf8(bytes: Uint8Array): { text: string; isUtf8: boolean } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith('\uFEFF') ? { text: text.slice(1), isUtf8: false } : { text, isUtf8: true };
  } catch {
    return { text: new TextDecoder().decode(bytes), isUtf8: false };
  }
}
