/** Checks options before the child process gets them, so that OpenSSL is given nothing that was not parsed. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { DtlsError } from './errors.js';
import type { HostClientOptions, HostIdentity, HostServerOptions, HostTrust } from './host-protocol.js';
import { DEFAULT_GROUPS, defaultSuites } from './suites.js';
import type { DtlsClientOptions, DtlsCredentials, DtlsServerOptions, DtlsTrust } from './types.js';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MTU = 1200;
const MIN_MTU = 256;
const MAX_MTU = 16_384;
/** PSK_MAX_IDENTITY_LEN and PSK_MAX_PSK_LEN of OpenSSL. */
const MAX_PSK_IDENTITY = 256;
const MAX_PSK_KEY = 512;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** Of a name in a C string, or a list with separators. */
const NAME = /^[\w.+-]+$/;

/** @throws {DtlsError} `dtls-configuration`. */
export function prepareClient(options: DtlsClientOptions): HostClientOptions {
  const { host, credentials = {}, servername } = options;
  const psk = credentials.psk;
  if (psk !== undefined) checkPsk(psk.identity, psk.key);
  const versions = options.versions ?? ['DTLSv1.2'];
  if (versions.length === 0) throw misconfigured('No DTLS version is offered');
  const bareHost = withoutBrackets(host);
  const expectedName = servername ?? bareHost;
  checkText(expectedName, 'The server name');
  const trust = prepareTrust(options.trust, psk !== undefined, expectedName);
  return {
    ...prepareCommon(options, () =>
      defaultSuites({
        // With nothing to trust, only the pre-shared key is left.
        certificate: trust.kind !== 'nothing',
        psk: psk !== undefined,
        old: versions.includes('DTLSv1'),
      }),
    ),
    indication: servername === undefined ? (isIP(bareHost) === 0 ? bareHost : null) : servername,
    expectedName,
    psk,
    trust,
    versions,
    signatureAlgorithms: checkNames(options.signatureAlgorithms ?? [], 'signature algorithm'),
    withoutClock: options.withoutClock ?? false,
    resume: options.resume ?? false,
    mtu: checkRange(options.mtu ?? DEFAULT_MTU, MIN_MTU, MAX_MTU, 'mtu'),
    handshakeTimeoutMs: checkRange(
      options.handshakeTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      1,
      2 ** 31 - 1,
      'handshakeTimeoutMs',
    ),
  };
}

/** @throws {DtlsError} `dtls-configuration`. */
export function prepareServer(options: DtlsServerOptions): HostServerOptions {
  const { credentials, pskHint } = options;
  const psks = new Map(options.psks);
  if (credentials.psk !== undefined) psks.set(credentials.psk.identity, credentials.psk.key);
  for (const [identity, key] of psks) checkPsk(identity, key);
  if (psks.size === 0 && credentials.certificate === undefined) {
    throw misconfigured('A DTLS server needs a certificate or a pre-shared key');
  }
  if (pskHint !== undefined) checkText(pskHint, 'The PSK hint');
  const versions = options.versions ?? ['DTLSv1.2'];
  if (versions.length === 0) throw misconfigured('No DTLS version is left');
  return {
    ...prepareCommon(options, () =>
      defaultSuites({
        certificate: credentials.certificate !== undefined,
        psk: psks.size > 0,
        old: versions.includes('DTLSv1'),
      }),
    ),
    versions,
    psks,
    pskHint,
    cookies: options.cookies ?? true,
    resumption: options.resumption ?? false,
    silent: options.silent ?? false,
    replayEndsSession: options.replayEndsSession ?? false,
    maxSessions: checkRange(options.maxSessions ?? 1000, 1, 1_000_000, 'maxSessions'),
    requestCertificate: options.requestCertificate ?? false,
  };
}

function prepareCommon(
  options: DtlsClientOptions | DtlsServerOptions,
  suites: () => string[],
): Pick<HostClientOptions, 'host' | 'port' | 'identity' | 'ciphers' | 'groups' | 'keyLog'> {
  const ciphers = checkNames(options.ciphers ?? suites(), 'cipher suite');
  if (ciphers.length === 0) throw misconfigured('No cipher suite is left to offer');
  const groups = checkNames(options.groups ?? DEFAULT_GROUPS, 'group');
  if (groups.length === 0) throw misconfigured('No group is left to offer');
  return {
    host: withoutBrackets(options.host),
    port: checkRange(options.port, 0, 65_535, 'port'),
    identity: prepareIdentity(options.credentials ?? {}),
    ciphers,
    groups,
    keyLog: options.keyLog !== undefined,
  };
}

/** `[::1]` is how a URL writes an IPv6 address. */
function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function prepareIdentity({ certificate, privateKey }: DtlsCredentials): HostIdentity | undefined {
  if (certificate === undefined && privateKey === undefined) return undefined;
  if (certificate === undefined || privateKey === undefined) {
    throw misconfigured('A certificate and its private key belong together');
  }
  const chain = parseCertificates(certificate, 'certificate');
  const key = attempt('The private key cannot be read', () => createPrivateKey(privateKey));
  if (chain[0]?.checkPrivateKey(key) !== true) {
    throw misconfigured('The private key is not that of the certificate');
  }
  return {
    certificates: chain.map(String),
    privateKey: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

function prepareTrust(trust: DtlsTrust, withPsk: boolean, name: string): HostTrust {
  const { ca, pinnedSpki, pinnedCertificate, none } = trust;
  const given = [ca, pinnedSpki, pinnedCertificate, none].filter((one) => one !== undefined).length;
  if (given > 1 || (given === 0 && !withPsk)) {
    throw misconfigured('What to trust is not clear', {
      expected: 'one of ca, pinnedSpki, pinnedCertificate and none',
      actual: given === 0 ? 'none of them' : `${given} of them`,
    });
  }
  if (ca !== undefined) return { kind: 'ca', certificates: parseCertificates(ca, 'trust.ca').map(String) };
  if (pinnedSpki !== undefined) {
    const key = Buffer.from(pinnedSpki);
    attempt('trust.pinnedSpki is no SubjectPublicKeyInfo', () =>
      createPublicKey({ key, format: 'der', type: 'spki' }),
    );
    return { kind: 'pinned', trust: { pinnedSpki }, name };
  }
  if (pinnedCertificate !== undefined) {
    attempt('trust.pinnedCertificate is no certificate', () => new X509Certificate(pinnedCertificate));
    return { kind: 'pinned', trust: { pinnedCertificate }, name };
  }
  return { kind: none === true ? 'all' : 'nothing' };
}

function parseCertificates(pem: string, what: string): X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) throw misconfigured(`${what} has no certificate in PEM`);
  return blocks.map((block) => attempt(`${what} cannot be read`, () => new X509Certificate(block)));
}

function checkPsk(identity: string, key: Uint8Array): void {
  checkText(identity, 'The PSK identity');
  checkRange(Buffer.byteLength(identity), 0, MAX_PSK_IDENTITY, 'bytes of the PSK identity');
  checkRange(key.length, 1, MAX_PSK_KEY, 'bytes of the pre-shared key');
}

/** C ends a string at its first NUL. */
function checkText(text: string, what: string): void {
  if (text.includes('\0')) throw misconfigured(`${what} has a NUL in it`);
}

function checkNames(names: readonly string[], what: string): readonly string[] {
  for (const name of names) {
    if (!NAME.test(name)) throw misconfigured(`No such ${what}`, { actual: JSON.stringify(name) });
  }
  return names;
}

function checkRange(value: number, minimum: number, maximum: number, what: string): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw misconfigured(`${what} is out of range`, {
    expected: `${minimum} to ${maximum}`,
    actual: String(value),
  });
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw misconfigured(what, { actual: cause instanceof Error ? cause.message : String(cause) });
  }
}

function misconfigured(what: string, detail: { expected?: string; actual?: string } = {}): DtlsError {
  return new DtlsError('dtls-configuration', what, detail);
}
