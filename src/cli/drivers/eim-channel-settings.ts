/** How ESipa is spoken, where a target says something else than SGP.32. */
import { asMap, asText, find, onlyKeys, SuiteError, type YMap, type YNode } from '../../engine/yaml/nodes.js';
import type { EimCoapSettings, EimHttpsSettings, EimKind } from './eim-settings-types.js';
import { flagOf, formOf, numberOf, textOf, textsOf } from './settings.js';

export const HTTPS_ONLY = [
  ...['contentType', 'adminProtocol', 'userAgent', 'headers', 'http2', 'plainHttp', 'tlsVersions'],
] as const;
export const COAP_ONLY = ['contentFormat', 'psk', 'groups', 'plain', 'https'] as const;
export const PATHS_KEYS = ['asn1', 'json'] as const;
export const PSK_KEYS = ['identity', 'key'] as const;
export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const PATH = /^\/?[^\s?#]+$/;
const ONE_LINE = /^[^\r\n\0]+$/;

type Env = Readonly<Record<string, string | undefined>>;

/** What is not there is left out, so that the rest can be spread over defaults. */
function given<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

/** `{env.NAME}` as the whole text is the value of that variable. @throws {SuiteError} `placeholder` when it is not set. */
function secretOf(n: YNode, what: string, env: Env): string {
  const text = asText(n, what);
  const name = /^\{env\.([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(text)?.[1];
  if (name === undefined) return text;
  const value = env[name];
  if (value !== undefined) return value;
  throw new SuiteError('placeholder', `${text} has no value`, n.place, {
    expected: `an environment variable ${name}`,
    repair: `Set ${name}.`,
  });
}

/** @throws {SuiteError}; empty for the other driver. */
export function httpsOf(m: YMap, kind: EimKind, env: Env): EimHttpsSettings {
  if (kind !== 'eim-https') return {};
  const tlsVersions = textsOf(m, 'tlsVersions', /^TLSv1\.[23]$/, TLS_VERSIONS.join(', '));
  const headers = find(m, 'headers');
  const paths = pathsOf(m);
  return given<EimHttpsSettings>({
    asn1Path: slashed(textOf(paths, 'asn1')),
    jsonPath: slashed(textOf(paths, 'json')),
    contentType: formOf(m, 'contentType', ONE_LINE, 'a media type'),
    adminProtocol: formOf(m, 'adminProtocol', ONE_LINE, 'a value of X-Admin-Protocol'),
    userAgent: formOf(m, 'userAgent', ONE_LINE, 'a value of User-Agent'),
    headers: headers === undefined ? undefined : headersOf(headers, env),
    http2: flagOf(m, 'http2'),
    plainHttp: flagOf(m, 'plainHttp'),
    ciphers: textsOf(m, 'ciphers'),
    tlsVersions,
    deadlineMs: deadlineOf(m),
    servername: textOf(m, 'servername'),
  });
}

/** @throws {SuiteError}; empty for the other driver. */
export function coapOf(m: YMap, kind: EimKind, env: Env): EimCoapSettings {
  if (kind !== 'eim-coap') return {};
  const paths = pathsOf(m);
  const json = find(paths, 'json');
  if (json !== undefined) throw new SuiteError('driver-setting', 'CoAP carries no JSON', json.place);
  const psk = find(m, 'psk');
  return given<EimCoapSettings>({
    path: textOf(paths, 'asn1')?.replace(/^\//, '').split('/'),
    contentFormat:
      find(m, 'contentFormat')?.kind === 'scalar' && textOf(m, 'contentFormat') === 'none'
        ? null
        : numberOf(m, 'contentFormat', 0, 65_535),
    psk: psk === undefined ? undefined : pskOf(asMap(psk, 'psk'), env),
    ciphers: textsOf(m, 'ciphers'),
    groups: textsOf(m, 'groups'),
    plain: flagOf(m, 'plain'),
    deadlineMs: deadlineOf(m),
    servername: textOf(m, 'servername'),
  });
}

const deadlineOf = (m: YMap): number | undefined => numberOf(m, 'deadlineMs', 1, 600_000);

const slashed = (path: string | undefined): string | undefined => path?.replace(/^\/?/, '/');

function pathsOf(m: YMap): YMap {
  const paths = find(m, 'paths');
  if (paths === undefined) return { ...m, entries: [] };
  const map = asMap(paths, 'paths');
  onlyKeys(map, PATHS_KEYS, 'paths');
  for (const key of PATHS_KEYS) formOf(map, key, PATH, 'a path like /gsma/rsp2/asn1');
  return map;
}

function headersOf(n: YNode, env: Env): Record<string, string> {
  return Object.fromEntries(
    asMap(n, 'headers').entries.map(({ key, keyPlace, value }) => {
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(key))
        throw new SuiteError('driver-setting', `'${key}' is no name of a header`, keyPlace);
      return [key, secretOf(value, key, env)];
    }),
  );
}

function pskOf(m: YMap, env: Env): { identity: string; key: Uint8Array } {
  onlyKeys(m, PSK_KEYS, 'psk');
  const identity = find(m, 'identity');
  const key = find(m, 'key');
  if (identity === undefined || key === undefined)
    throw new SuiteError('missing-key', 'psk needs an identity and a key', m.place, {
      expected: PSK_KEYS.join(', '),
    });
  const hex = secretOf(key, 'key', env);
  // The key itself is not shown: messages end in logs.
  if (!/^([0-9A-Fa-f]{2}){1,64}$/.test(hex))
    throw new SuiteError('driver-setting', 'the key of psk is none', key.place, {
      expected: '1 to 64 bytes in hexadecimal',
    });
  return { identity: asText(identity, 'identity'), key: Uint8Array.from(Buffer.from(hex, 'hex')) };
}
