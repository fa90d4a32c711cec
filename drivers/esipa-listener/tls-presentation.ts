/** TLS of an eIM as a presentation has it: a good one's where it says nothing (SGP.32 2.6.3.2). */
import { constants, randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import { Sgp33Error } from '../../src/protocol/errors.js';
import type { ServerPresentation } from '../ipad-contract.js';
import type { ServerIdentity } from './certificates.js';

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const SUITES = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
];
/** The suites above need TLS 1.2, and OpenSSL refuses what is older above security level 0. */
const OLD_SUITES = ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA', 'DEFAULT', '@SECLEVEL=0'];

/** @throws {Sgp33Error} `listener-presentation` for names that OpenSSL does not know, or that do not fit together. */
export function secureContextFor(presentation: ServerPresentation, identity: ServerIdentity): SecureContext {
  const versions = VERSIONS.filter((version) => presentation.versions?.includes(version) ?? isGood(version));
  const unknown = presentation.versions?.find((name) => !(VERSIONS as readonly string[]).includes(name));
  const [minVersion] = versions;
  const newest = versions.at(-1);
  if (minVersion === undefined || newest === undefined || unknown !== undefined)
    throw presentationError(presentation, unknown ?? 'no version of TLS');
  const old = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  // TLS 1.3 has no signatures with a key on brainpoolP256r1 in the OpenSSL of Node 20 (RFC 8734).
  const maxVersion = identity.brainpool && newest === 'TLSv1.3' ? 'TLSv1.2' : newest;
  if (minVersion === 'TLSv1.3' && maxVersion !== minVersion)
    throw presentationError(presentation, 'TLS 1.3 with a brainpool certificate');
  const suites = presentation.ciphers ?? [...SUITES, ...(old ? OLD_SUITES : [])];
  try {
    return createSecureContext({
      cert: identity.certificate,
      key: identity.privateKey,
      // Without this node loads its list of public CAs, which nobody looks at.
      ca: [],
      minVersion,
      maxVersion,
      ciphers: [...suites, ...(old && presentation.ciphers !== undefined ? ['@SECLEVEL=0'] : [])].join(':'),
      honorCipherOrder: true,
      ecdhCurve: identity.brainpool ? 'brainpoolP256r1:prime256v1' : 'prime256v1',
      // TLS 1.1 signs with SHA-1, whatever is asked for.
      ...(old ? {} : { sigalgs: 'ECDSA+SHA256' }),
      ...(presentation.resumption === true
        ? { ticketKeys: randomBytes(48) }
        : { secureOptions: constants.SSL_OP_NO_TICKET }),
    });
  } catch (cause) {
    throw presentationError(presentation, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const isGood = (version: SecureVersion): boolean => version === 'TLSv1.2' || version === 'TLSv1.3';

export function presentationError(
  presentation: ServerPresentation,
  actual: string,
  cause?: unknown,
): Sgp33Error {
  return new Sgp33Error('listener-presentation', 'A listener can not show itself so', {
    expected: 'versions and OpenSSL names of cipher suites that fit together and to the transport',
    actual: `${JSON.stringify(presentation).slice(0, 200)}: ${actual}`,
    repair: 'Correct the names in the step.',
    cause,
  });
}
