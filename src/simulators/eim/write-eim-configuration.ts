/** EimConfigurationData on the wire (SGP.32 2.11.1.1.1). */
import { bitString, hex, int, maybe, nothing, octets, unhex, utf8, wrap } from '../tlv/writer.js';
import { readOne } from '../tlv/reader.js';
import { EIM_ID_TYPES, isFqdn, PROTOCOLS } from './check-eim-configuration.js';
import { FIRST_COUNTER, type EimCore } from './core.js';
import { EimRefusal } from './refusals.js';
import type { EimConfiguration } from './types.js';

/** The fields, without a tag around them: addEim and updateEim take the place of the SEQUENCE. */
export function eimConfigurationFields({ defects, version }: EimCore, eim: EimConfiguration): Uint8Array[] {
  const type = eim.eimIdType === undefined ? undefined : EIM_ID_TYPES.indexOf(eim.eimIdType) + 1;
  const token = eim.associationToken;
  const unsigned = token === -1 && defects.has('requested-token-unsigned') ? 255 : token;
  const noToken = token === -1 && defects.has('requested-token-missing');
  const withTls = !defects.has('tls-key-missing');
  const fields = [
    utf8(0x80, eim.eimId),
    maybe(eim.eimFqdn, (v) => utf8(0x81, v)),
    defects.has('eim-id-type-missing') ? undefined : maybe(type, (v) => int(0x82, v)),
    maybe(eim.counterValue, (v) => int(0x83, v)),
    noToken ? undefined : maybe(unsigned, (v) => int(0x84, v)),
    keyData(defects.has('key-without-choice-arm'), 0xa5, eim.eimPublicKey, eim.eimCertificate),
    withTls ? keyData(false, 0xa6, eim.trustedEimPkTls, eim.trustedCertificateTls) : undefined,
    maybe(eim.eimSupportedProtocol, (names) =>
      bitString(
        0x87,
        PROTOCOLS.flatMap((name, bit) => {
          const mirrored = defects.has('protocol-bits-lsb-first') ? 7 - bit : bit;
          return names.includes(name) ? [mirrored] : [];
        }).sort((a, b) => a - b),
      ),
    ),
    defects.has('ci-pk-id-missing') ? undefined : maybe(eim.euiccCiPKId, (v) => octets(0x88, v)),
    indirect(defects.has('indirect-download-missing'), version === '1.2', eim),
  ];
  return fields.filter((field) => field !== undefined);
}

const indirect = (left: boolean, known: boolean, eim: EimConfiguration): Uint8Array | undefined =>
  eim.indirectProfileDownload === true && known && !left ? nothing(0x89) : undefined;

/** One arm: A0 SubjectPublicKeyInfo, A1 Certificate, both IMPLICIT: the inside of the SEQUENCE. */
function keyData(
  withoutArm: boolean,
  tag: number,
  publicKey: string | undefined,
  certificate: string | undefined,
): Uint8Array | undefined {
  const [arm, der] = publicKey !== undefined ? [0xa0, publicKey] : [0xa1, certificate];
  if (der === undefined) return undefined;
  const whole = unhex(der);
  return withoutArm ? wrap(tag, whole) : wrap(tag, wrap(arm, readOne(whole).content));
}

/**
 * EimConfigurationData with which an eUICC becomes associated with this eIM.
 * @throws {EimRefusal} `eim-fqdn-missing` when an IPA could not find the eIM.
 */
export function ownEimConfiguration(core: EimCore): EimConfiguration & { readonly der: string } {
  const { eimId, eimFqdn, keys, version, defects } = core;
  const byItself = isFqdn(eimId);
  const withFqdn = !defects.has('exported-fqdn-missing');
  if (!byItself && eimFqdn === undefined && withFqdn)
    throw new EimRefusal('eim-fqdn-missing', 'the eIM has no eimFqdn, and its eimId is no FQDN');
  const configuration: EimConfiguration = {
    eimId,
    ...(eimFqdn === undefined || !withFqdn ? {} : { eimFqdn }),
    eimIdType: byItself ? 'fqdn' : 'proprietary',
    ...(defects.has('exported-counter-missing') ? {} : { counterValue: FIRST_COUNTER }),
    associationToken: -1,
    ...(defects.has('exported-key-missing') ? {} : { eimPublicKey: keys.spki }),
    ...(core.trustedCertificateTls === undefined
      ? {}
      : { trustedCertificateTls: core.trustedCertificateTls }),
    eimSupportedProtocol: ['eimRetrieveHttps', 'eimRetrieveCoaps'],
    ...(keys.ciPkId === undefined ? {} : { euiccCiPKId: keys.ciPkId }),
    ...(core.indirectProfileDownload && version === '1.2' ? { indirectProfileDownload: true } : {}),
  };
  return { ...configuration, der: hex(wrap(0x30, ...eimConfigurationFields(core, configuration))) };
}
