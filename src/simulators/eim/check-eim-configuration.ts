/** EimConfigurationData that an operator wants on a card, looked at before it is signed (SGP.32 2.11.1.1.1). */
import { hexToBytes } from '../../protocol/asn1/index.js';
import { publicKeyFromSpki } from '../../protocol/crypto/ecdsa.js';
import { parseCertificate } from '../../protocol/pki/certificate.js';
import { hex } from '../tlv/writer.js';
import { MAX_COUNTER, type EimCore } from './core.js';
import { operatorHex, derSequence } from './hex-input.js';
import { EimRefusal } from './refusals.js';
import type { EimConfiguration } from './types.js';

export const PROTOCOLS = [
  'eimRetrieveHttps',
  'eimRetrieveCoaps',
  'eimInjectHttps',
  'eimInjectCoaps',
  'eimProprietary',
] as const;
export const EIM_ID_TYPES = ['oid', 'fqdn', 'proprietary'] as const;

const OID_TEXT = /^[0-2](\.(0|[1-9]\d*))+$/;
const FQDN =
  /^(?=.{1,253}(:\d+)?$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}(:\d{1,5})?$/;

export const isFqdn = (text: string): boolean => FQDN.test(text);

/** @throws {EimRefusal} `invalid-eim-id`, `eim-fqdn-missing`, `invalid-key`, `unknown-signing-key`, `not-in-version`, ... */
export function checkEimConfiguration(
  core: EimCore,
  operation: 'addEim' | 'updateEim',
  eim: EimConfiguration,
): EimConfiguration {
  checkNames(core, eim, operation === 'addEim');
  const counter = eim.counterValue;
  if (counter !== undefined && (!Number.isSafeInteger(counter) || counter < 0))
    throw new EimRefusal('invalid-counter', 'counterValue is no number that a counter can have', {
      expected: `0 to ${MAX_COUNTER}`,
      actual: String(counter),
    });
  for (const protocol of eim.eimSupportedProtocol ?? [])
    if (!PROTOCOLS.some((known) => known === protocol))
      throw new EimRefusal('invalid-protocol', 'no eimSupportedProtocol', {
        expected: PROTOCOLS.join(', '),
        actual: protocol,
      });
  if (core.version === '1.0.1' && eim.indirectProfileDownload === true)
    throw new EimRefusal('not-in-version', 'SGP.32 v1.0.1 has no indirectProfileDownload');
  const checked = {
    ...eim,
    eimPublicKey: upper(eim.eimPublicKey, (v) => derSequence(v, 'invalid-key', 'a SubjectPublicKeyInfo')),
    eimCertificate: upper(eim.eimCertificate, (v) => derSequence(v, 'invalid-key', 'a Certificate')),
    trustedEimPkTls: upper(eim.trustedEimPkTls, (v) =>
      derSequence(v, 'invalid-key', 'a SubjectPublicKeyInfo'),
    ),
    trustedCertificateTls: upper(eim.trustedCertificateTls, (v) =>
      derSequence(v, 'invalid-key', 'a Certificate'),
    ),
    euiccCiPKId: upper(eim.euiccCiPKId, (v) => operatorHex(v, 'invalid-key', 'a key identifier', 1, 64)),
  };
  oneOf(checked.eimPublicKey, checked.eimCertificate);
  oneOf(checked.trustedEimPkTls, checked.trustedCertificateTls);
  const own = operation === 'updateEim' && eim.eimId === core.eimId;
  const spki = own ? spkiOf(checked) : undefined;
  if (spki !== undefined && core.keys.identityOf(spki) === undefined)
    throw new EimRefusal('unknown-signing-key', 'the eIM has no private key for its new public key', {
      repair: 'Give the key of a signing identity in the PKI folder of the eIM.',
    });
  return checked;
}

function checkNames({ defects }: EimCore, eim: EimConfiguration, whole: boolean): void {
  const { eimId, eimIdType: type, eimFqdn } = eim;
  if (typeof eimId !== 'string' || [...eimId].length < 1 || [...eimId].length > 128)
    throw new EimRefusal('invalid-eim-id', 'eimId has 1 to 128 characters', {
      actual: JSON.stringify(eimId),
    });
  if (type !== undefined && !EIM_ID_TYPES.includes(type))
    throw new EimRefusal('invalid-eim-id', 'no eimIdType', {
      expected: EIM_ID_TYPES.join(', '),
      actual: type,
    });
  const fits = type === 'oid' ? OID_TEXT.test(eimId) : type === 'fqdn' ? isFqdn(eimId) : true;
  if (!fits) throw new EimRefusal('invalid-eim-id', `eimId is no ${type ?? ''}`, { actual: eimId });
  if (eimFqdn !== undefined && eimFqdn === '')
    throw new EimRefusal('eim-fqdn-missing', 'eimFqdn is empty', { repair: 'Leave it out, or give a name.' });
  // Nothing else tells an IPA where such an eIM is.
  const needed = whole && (type === 'oid' || type === 'proprietary');
  if (needed && eimFqdn === undefined && !defects.has('missing-fqdn-accepted'))
    throw new EimRefusal('eim-fqdn-missing', `an eIM of eimIdType ${type} needs an eimFqdn`);
}

/** SubjectPublicKeyInfo in an EimConfiguration, DER hex. @throws {EimRefusal} `invalid-key`. */
export function spkiOf(eim: EimConfiguration): string | undefined {
  const bytes = hexToBytes(eim.eimPublicKey ?? eim.eimCertificate ?? '');
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    if (eim.eimPublicKey === undefined) return hex(parseCertificate(bytes).spki);
    publicKeyFromSpki(bytes);
    return hex(bytes);
  } catch (cause) {
    throw new EimRefusal('invalid-key', 'the new key of the eIM can not be read', { cause });
  }
}

function oneOf(publicKey: string | undefined, certificate: string | undefined): void {
  if (publicKey !== undefined && certificate !== undefined)
    throw new EimRefusal('invalid-key', 'a public key or a certificate, not both');
}

const upper = (value: string | undefined, check: (value: string) => string): string | undefined =>
  value === undefined ? undefined : check(value);
