/** What the two bindings of ESipa over HTTP share: paths, media types, and what they are made from (SGP.32 6.1). */
import type { ServeDefects } from './defects.js';
import type { HttpAnswer } from './http-types.js';
import type { EsipaHandler, JsonErrorForm } from './options.js';

export const ASN1_PATH = '/gsma/rsp2/asn1';
export const JSON_PATH = '/gsma/rsp2/esipa/';
export const ASN1_TYPE = 'application/x-gsma-rsp-asn1';
export const JSON_TYPE = 'application/json;charset=UTF-8';
export const ADMIN_PROTOCOL = 'gsma/rsp/v2.1.0';

/** One of the two bindings: bytes in, an answer without the common headers out. */
export interface Binding {
  readonly mediaType: string;
  answer(path: string, body: Uint8Array, connection: object): Promise<HttpAnswer>;
}

export interface EsipaHttpOptions {
  readonly eim: () => EsipaHandler;
  readonly defects: ServeDefects;
  /** Names under which the eIM answers; undefined: under any. */
  readonly names?: readonly string[];
  readonly jsonErrorForm: JsonErrorForm;
  readonly log: (line: string) => void;
}
