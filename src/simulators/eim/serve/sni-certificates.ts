/** Certificates by server name, as an eIM must not choose them: seeded defects. A good one shows one to everybody. */
import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import type { PkiFolder } from '../../../protocol/pki/folder.js';
import type { ServeDefects } from './defects.js';
import { identityOf, type ServerIdentity } from './tls-settings.js';
import { issueLike } from './wrong-identity.js';

type Choice = (name: string) => ServerIdentity | undefined;

/**
 * The callback for node:tls; empty without such a defect.
 * @param settings of the contexts: those of the listener, with another certificate.
 */
export function sniCallback(
  own: ServerIdentity,
  pki: PkiFolder,
  defects: ServeDefects,
  settings: TlsOptions,
): Pick<TlsOptions, 'SNICallback'> {
  const choose = choiceFor(own, pki, defects);
  if (choose === undefined) return {};
  const contexts = new Map<string, SecureContext>();
  return {
    SNICallback(name, done) {
      const chosen = choose(name.toLowerCase());
      if (chosen === undefined) return done(null);
      const context =
        contexts.get(name) ??
        createSecureContext({ ...settings, cert: chosen.certificate, key: chosen.privateKey });
      if (contexts.size < MAX_NAMES) contexts.set(name, context);
      done(null, context);
    },
  };
}

/** What strangers may make it remember. */
const MAX_NAMES = 100;

function choiceFor(own: ServerIdentity, pki: PkiFolder, defects: ServeDefects): Choice | undefined {
  const [first] = own.parsed.subjectAltName.dns;
  if (defects.has('sni-picks-other-certificate')) {
    const { certificate, privateKey } = pki.identity('EIM2_TLS');
    const other = identityOf(certificate, privateKey);
    return (name) => (name === first ? other : undefined);
  }
  if (defects.has('certificate-for-any-name'))
    return (name) =>
      own.parsed.subjectAltName.dns.includes(name) ? undefined : issueLike(own, pki, { dns: [name] });
  return undefined;
}
