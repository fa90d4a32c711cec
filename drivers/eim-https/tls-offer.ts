/** What our TLS client offers: as a good IPA (SGP.32 2.6.3.2), or as a step says. */
import { isIP } from 'node:net';
import {
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
} from 'node:tls';
import { Sgp33Error } from '../../src/protocol/errors.js';
import type { TlsOffer } from '../eim-contract.js';
import type { Settings } from './options.js';

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
];
/** The suites above need TLS 1.2. */
const OLD_CIPHERS = ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA'];
const GROUPS = ['prime256v1', 'brainpoolP256r1'];
const SIGNATURES = ['ECDSA+SHA256', 'ECDSA+SHA384'];
const RSA_SIGNATURES = ['RSA-PSS+SHA256', 'RSA+SHA256'];

/**
 * The options for node:tls; the server's certificate is ours to judge, so node takes any.
 * @throws {Sgp33Error} `tls-offer` for names that OpenSSL does not know.
 */
export function tlsOptions(settings: Settings, offer: TlsOffer): ConnectionOptions {
  const name = offer.servername === undefined ? settings.peerName : offer.servername;
  // An address is no server name (RFC 6066 3); node would warn about it.
  const servername = name === null || isIP(name) !== 0 ? undefined : name;
  const [ALPN1, ALPN2] = ['http/1.1', 'h2'];
  try {
    return {
      secureContext: contextOf(settings, offer),
      rejectUnauthorized: false,
      ALPNProtocols: settings.http2 === true ? [ALPN2, ALPN1] : [ALPN1],
      ...(servername === undefined ? {} : { servername }),
    };
  } catch (cause) {
    throw offerError(offer, cause);
  }
}

/** What a good IPA offers is the same for every connection of a channel. */
const standard = new WeakMap<Settings, SecureContext>();

function contextOf(settings: Settings, offer: TlsOffer): SecureContext {
  const { versions, ciphers, groups, signatureAlgorithms } = offer;
  const isStandard = [versions, ciphers, groups, signatureAlgorithms].every((part) => part === undefined);
  const known = isStandard ? standard.get(settings) : undefined;
  if (known !== undefined) return known;
  const context = createSecureContext(contextOptions(settings, offer));
  if (isStandard) standard.set(settings, context);
  return context;
}

/** Nothing was sent: the step or the target is wrong, not the eIM. */
export function offerError(offer: TlsOffer, cause: unknown): Sgp33Error {
  return new Sgp33Error('tls-offer', 'OpenSSL can not make this TLS offer', {
    expected:
      'versions, cipher suites, groups and signature algorithms that OpenSSL knows and that fit together',
    actual: JSON.stringify(offer).slice(0, 300),
    repair: 'Correct the names in the step or in the target.',
    cause,
  });
}

function contextOptions(settings: Settings, offer: TlsOffer): SecureContextOptions {
  if (offer.wrongCookie === true) throw new TypeError('TLS has no cookie');
  const wanted = offer.versions ?? settings.tlsVersions ?? ['TLSv1.2', 'TLSv1.3'];
  const unknown = wanted.find((name) => !(VERSIONS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new TypeError(`no version of TLS: ${unknown}`);
  const isOld = wanted.includes('TLSv1') || wanted.includes('TLSv1.1');
  const ciphers = (offer.ciphers ?? settings.ciphers ?? [...CIPHERS, ...(isOld ? OLD_CIPHERS : [])]).map(
    opensslName,
  );
  const versions = VERSIONS.filter((version) => wanted.includes(version) && hasSuite(ciphers, version));
  const [minVersion] = versions;
  const maxVersion = versions.at(-1);
  if (minVersion === undefined || maxVersion === undefined) throw new TypeError('no version of TLS');
  return {
    minVersion,
    maxVersion,
    // Level 0: what is weak must be offered to see it refused.
    ciphers: [...ciphers, ...(minVersion === 'TLSv1.3' ? [] : ['@SECLEVEL=0'])].join(':'),
    ecdhCurve: (offer.groups ?? GROUPS).join(':'),
    // TLS 1.1 signs with MD5 and SHA-1, whatever is asked for.
    ...(isOld && offer.signatureAlgorithms === undefined
      ? {}
      : { sigalgs: (offer.signatureAlgorithms ?? signaturesFor(ciphers)).join(':') }),
    // Without this node loads its list of public CAs, which nobody looks at.
    ca: [],
  };
}

/** OpenSSL leaves out suites whose certificates could not be signed for: RSA needs signatures of its own. */
const signaturesFor = (ciphers: readonly string[]): readonly string[] =>
  ciphers.every((name) => name.startsWith('TLS_') || name.includes('ECDSA'))
    ? SIGNATURES
    : [...SIGNATURES, ...RSA_SIGNATURES];

/** A version without a suite of its own can not be offered. */
const hasSuite = (ciphers: readonly string[], version: SecureVersion): boolean =>
  ciphers.some((name) => name.startsWith('TLS_') === (version === 'TLSv1.3'));

/** `TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256` -> `ECDHE-ECDSA-AES128-SHA256`; other names stay. */
export function opensslName(name: string): string {
  const parts = /^TLS_(\w+?)_WITH_(\w+)$/.exec(name);
  if (parts?.[1] === undefined || parts[2] === undefined) return name;
  const exchange = parts[1] === 'RSA' ? '' : `${parts[1].replaceAll('_', '-')}-`;
  const cipher = parts[2]
    .replace('3DES_EDE_CBC', 'DES-CBC3')
    .replace(/(AES|CAMELLIA|ARIA)_(128|256)/, '$1$2')
    .replace('_CBC_', '_')
    .replace('CCM_8', 'CCM8')
    .replace('POLY1305_SHA256', 'POLY1305')
    .replaceAll('_', '-');
  return exchange + cipher;
}
