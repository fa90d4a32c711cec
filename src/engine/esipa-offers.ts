/** What a step says beside an ESipa message: what HTTP, CoAP and TLS do with it, and what is wrong with that. */
import type { CoapDeviation, HttpDeviation, PinnedTrust, TlsOffer } from '../../drivers/eim-contract.js';
import { hexToBytes, type TextValue } from '../protocol/asn1/index.js';
import { evaluateData, type Evaluation } from './evaluate.js';
import { asMap, find, onlyKeys, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

export const HTTP_KEYS: readonly string[] = [
  ...['method', 'path', 'headers', 'chunked', 'plain', 'cutAfter', 'fillTo'],
];
export const COAP_KEYS: readonly string[] = [
  'code',
  'path',
  'contentFormat',
  'options',
  'blockSize',
  'blocksOutOfOrder',
  'duplicate',
  'replayRecord',
  'plain',
];
export const TLS_KEYS: readonly string[] = [
  'versions',
  'ciphers',
  'groups',
  'signatureAlgorithms',
  'servername',
  'resume',
  'trust',
  'wrongCookie',
];

export interface EsipaOffers {
  readonly http?: HttpDeviation;
  readonly coap?: CoapDeviation;
  readonly tls?: TlsOffer;
  /** `trust: configured` was asked for, and the eIM tells no trustedPublicKeyDataTls. */
  readonly nothingConfigured?: true;
}

type Texts = { readonly [name: string]: TextValue | null };

/**
 * @param trust trustedPublicKeyDataTls of the eIM, for `trust: configured`.
 * @throws {SuiteError} for a key or a value that has no meaning.
 */
export function offersOf(node: YMap, at: Evaluation, trust: TextValue | undefined): EsipaOffers {
  const part = (key: string, known: readonly string[]): Texts | undefined => {
    const value = find(node, key);
    if (value === undefined) return undefined;
    onlyKeys(asMap(value, key), known, key);
    return nullable(value, at) as Texts;
  };
  const [http, coap, tls] = [part('http', HTTP_KEYS), part('coap', COAP_KEYS), part('tls', TLS_KEYS)];
  return {
    ...(http === undefined ? {} : { http: httpOf(http) }),
    ...(coap === undefined ? {} : { coap: coapOf(coap) }),
    ...(tls === undefined ? {} : tlsOf(tls, trust, node)),
  };
}

/** `!absent` is null here: the header or option that is left out. */
function nullable(node: YNode, at: Evaluation): unknown {
  if (node.tag === 'absent') return null;
  if (node.kind === 'map') return Object.fromEntries(node.entries.map((e) => [e.key, nullable(e.value, at)]));
  return evaluateData(node, at);
}

const whole = (value: TextValue | null | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);
const flag = (value: TextValue | null | undefined): boolean | undefined =>
  value === undefined ? undefined : value === 'true';
const given = <T extends object>(o: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as never;

const httpOf = (m: Texts): HttpDeviation =>
  given({
    method: m['method'] as string | undefined,
    path: m['path'] as string | undefined,
    headers: m['headers'] as Record<string, string | null> | undefined,
    chunked: whole(m['chunked']),
    plain: flag(m['plain']),
    cutAfter: whole(m['cutAfter']),
    fillTo: whole(m['fillTo']),
  });

function tlsOf(
  { resume, trust, wrongCookie, ...offer }: Texts,
  configured: TextValue | undefined,
  node: YMap,
): Pick<EsipaOffers, 'tls' | 'nothingConfigured'> {
  if (trust !== undefined && trust !== 'configured')
    throw new SuiteError('yaml-shape', 'trust can only be configured', node.place);
  const tls: TlsOffer = {
    ...(offer as TlsOffer),
    ...given({ resume: flag(resume), wrongCookie: flag(wrongCookie) }),
  };
  if (trust === undefined) return { tls };
  const pinned = pinnedOf(configured);
  return pinned === undefined ? { tls, nothingConfigured: true } : { tls: { ...tls, trust: pinned } };
}

/** trustedPublicKeyDataTls as an IPA uses it (SGP.32 2.11.1.1.1). */
function pinnedOf(configured: TextValue | undefined): PinnedTrust | undefined {
  const { trustedEimPkTls, trustedCertificateTls } = (configured ?? {}) as { [name: string]: TextValue };
  const bytes = (value: TextValue | undefined): Uint8Array | undefined =>
    typeof value === 'string' ? hexToBytes(value) : undefined;
  const [pinnedSpki, pinnedCertificate] = [bytes(trustedEimPkTls), bytes(trustedCertificateTls)];
  if (pinnedSpki !== undefined) return { pinnedSpki };
  return pinnedCertificate === undefined ? undefined : { pinnedCertificate };
}

function coapOf(m: Texts): CoapDeviation {
  const format = m['contentFormat'] as string | null | undefined;
  return given({
    code: m['code'] as string | undefined,
    path: m['path'] as string | undefined,
    contentFormat: format === undefined ? undefined : format === null ? null : Number(format),
    options: (m['options'] as { number: string; value: string }[] | undefined)?.map((o) => ({
      number: Number(o.number),
      value: o.value,
    })),
    blockSize: whole(m['blockSize']),
    blocksOutOfOrder: flag(m['blocksOutOfOrder']),
    duplicate: flag(m['duplicate']),
    replayRecord: flag(m['replayRecord']),
    plain: flag(m['plain']),
  });
}
