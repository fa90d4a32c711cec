/** What an IPAd, or whoever personalises its eUICC, has to know of the eIMs that the tool plays, as files. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { ServerCertificates } from '../../../drivers/esipa-listener/certificates.js';
import type { TrustKind } from '../../../drivers/ipad-contract.js';
import { bare, fieldsOf, simulatedEim } from '../../engine/ipad-eim-configuration.js';
import type { Target } from '../../engine/load-target.js';
import type { Suite } from '../../engine/suite.js';
import { bytesToHex, encode, fromText, type TextValue } from '../../protocol/asn1/index.js';
import { pointOf } from '../../protocol/crypto/ecdsa.js';
import { parseCertificate, type Certificate } from '../../protocol/pki/certificate.js';
import type { PkiFolder } from '../../protocol/pki/folder.js';
import { certificatePem } from '../../protocol/pki/pem.js';
import { typeByName } from '../../protocol/types/index.js';
import type { IpadEimSettings, IpadSettings } from '../drivers/ipad-settings.js';

export interface ExportedFile {
  /** Below the folder. */
  readonly name: string;
  readonly content: Uint8Array | string;
}

export interface ExportOptions {
  readonly target: Target;
  readonly settings: IpadSettings;
  readonly suite: Suite;
  readonly pki: PkiFolder;
  readonly trust: TrustKind;
}

/** Names of the PKI folder; the third is there for an eIM whose certificate stands under an intermediate CA. */
const ANCHORS = ['CI_ECDSA_NIST', 'CI_ECDSA_BRP', 'EIM_CA_ECDSA_NIST'] as const;

/** The same bytes as those of a run of this target. @throws {Sgp33Error} those of the PKI folder. */
export function exportFiles(options: ExportOptions): ExportedFile[] {
  const { target, settings, pki } = options;
  const eims = [
    exportEim(options, 'S_eIM', settings.eim, 'EIM_TLS'),
    ...(settings.eim2 === undefined ? [] : [exportEim(options, 'S_eIM2', settings.eim2, 'EIM2_TLS')]),
  ];
  const request = typeByName(target.sgp32Version, 'AddInitialEimRequest');
  const all = encode(
    request,
    fromText(request, { eimConfigurationDataList: eims.map((eim) => eim.eimConfigurationData) }),
  );
  const anchors = ANCHORS.filter((name) => pki.has(name)).map((name) => ({
    name: `trust-anchors/CERT_${name}`,
    certificate: pki.certificate(name),
  }));
  return [
    ...anchors.flatMap(({ name, certificate }) => certificateFiles(name, certificate)),
    ...eims.flatMap((eim) => eim.files),
    { name: 'add-initial-eim.der', content: all },
    { name: 'add-initial-eim.hex', content: `${bytesToHex(all)}\n` },
    {
      name: 'eims.yaml',
      content: stringify(
        {
          sgp32Version: target.sgp32Version,
          trustAnchors: anchors.map(({ name, certificate }) => about(name, certificate)),
          eims: eims.map((eim) => eim.about),
        },
        { defaultStringType: 'QUOTE_SINGLE', defaultKeyType: 'PLAIN', lineWidth: 0 },
      ),
    },
  ];
}

interface ExportedEim {
  readonly files: readonly ExportedFile[];
  readonly about: object;
  readonly eimConfigurationData: { readonly [name: string]: TextValue };
}

function exportEim(
  { suite, settings, pki, trust, target }: ExportOptions,
  role: 'S_eIM' | 'S_eIM2',
  { host, port, name }: IpadEimSettings,
  identity: string,
): ExportedEim {
  const folder = role === 'S_eIM' ? 'eim1' : 'eim2';
  const simulated = simulatedEim({ suite }, role);
  const signing = pki.certificate(bare(simulated.key));
  const certificates = new ServerCertificates(pki, identity, name);
  const tls = parseCertificate(certificates.get('good').leaf);
  const eimConfigurationData = fieldsOf({
    eimId: simulated.eimId,
    eimFqdn: name,
    transport: settings.transport,
    key: signing.spki,
    trust,
    anchor: certificates.trustAnchor(trust),
    token: true,
  });
  const type = typeByName(target.sgp32Version, 'EimConfigurationData');
  return {
    files: [
      ...certificateFiles(`${folder}/signing`, signing),
      ...certificateFiles(`${folder}/tls`, tls),
      {
        name: `${folder}/eim-configuration-data.der`,
        content: encode(type, fromText(type, eimConfigurationData)),
      },
    ],
    about: {
      role,
      eimId: simulated.eimId,
      eimFqdn: name,
      host,
      port: port === 0 ? 'another one in each run' : String(port),
      transport: settings.transport,
      signing: about(`${folder}/signing`, signing),
      tls: about(`${folder}/tls`, tls),
      eimConfigurationData,
    },
    eimConfigurationData,
  };
}

const certificateFiles = (name: string, certificate: Certificate): ExportedFile[] => [
  { name: `${name}.der`, content: certificate.der },
  { name: `${name}.pem`, content: certificatePem(certificate.der) },
  {
    name: `${name}.public-key.pem`,
    content: certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  },
];

const about = (name: string, certificate: Certificate): object => ({
  certificate: `${name}.pem`,
  publicKey: `${name}.public-key.pem`,
  keyIdentifier: certificate.skiHex ?? keyIdentifier(certificate),
});

/** RFC 5280 4.2.1.2, method 1: a certificate of an eIM carries none. */
const keyIdentifier = ({ publicKey }: Certificate): string =>
  createHash('sha1').update(pointOf(publicKey)).digest('hex').toUpperCase();
