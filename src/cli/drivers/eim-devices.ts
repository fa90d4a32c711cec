/** Devices for the sequences of an eIM: an S_eUICC each, with an EID of its own or one that the eIM is prepared for. */
import { readFileSync } from 'node:fs';
import { createEuiccDriver } from '../../../drivers/euicc-session.js';
import type { EimDevice } from '../../../drivers/eim-contract.js';
import { inProcessTransport } from '../../../drivers/in-process.js';
import { bytesToHex } from '../../protocol/asn1/index.js';
import { privateKeyFromPem, signEcdsa } from '../../protocol/crypto/ecdsa.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { parseCertificateFile } from '../../protocol/pki/certificate.js';
import { issueEuiccIdentity, type EuiccIdentity } from '../../protocol/pki/issue-euicc.js';
import type { PkiFolder } from '../../protocol/pki/folder.js';
import { sharedPkiFolder } from '../../protocol/pki/shared-folder.js';
import type { Sgp32Version } from '../../protocol/types/index.js';
import { createEuicc, newEid } from '../../simulators/euicc/index.js';
import type { EimDeviceSettings } from './eim-settings-types.js';

export interface DevicesOptions {
  readonly pki: string | undefined;
  readonly sgp32Version: Sgp32Version;
  /** Empty: any EID may be made known. */
  readonly list: readonly EimDeviceSettings[];
  /** Of the SM-DP+ in the devices' Notifications; undefined: that of their Profiles. */
  readonly notificationAddress: string | undefined;
}

export class EimDevices {
  readonly #options: DevicesOptions;
  readonly #pki: PkiFolder;
  readonly #free: EimDeviceSettings[];
  readonly #taken = new Map<string, EimDeviceSettings>();
  readonly #waiting: (() => void)[] = [];

  constructor(options: DevicesOptions) {
    this.#options = options;
    this.#pki = sharedPkiFolder(options.pki);
    this.#free = [...options.list];
  }

  /** Waits for a free one where the eIM is prepared for few. @throws {Sgp33Error} `too-few-devices`. */
  async take(ciPKId: string | undefined, signal?: AbortSignal): Promise<EimDevice> {
    if (this.#options.list.length === 0) return this.#make(newEid(), ciPKId, undefined);
    while (this.#free.length === 0) await this.#oneReleased(signal);
    const settings = this.#free.shift() as EimDeviceSettings;
    this.#taken.set(settings.eid, settings);
    return this.#make(settings.eid, ciPKId, settings);
  }

  async release(device: EimDevice): Promise<void> {
    await device.card.close();
    const settings = this.#taken.get(device.eid);
    if (settings === undefined) return;
    this.#taken.delete(device.eid);
    this.#free.push(settings);
    this.#waiting.shift()?.();
  }

  /** One chain: that of the CI that the eIM names, or else of the first. */
  #curves(ciPKId: string | undefined): ('NIST' | 'BRP')[] {
    const brainpool = this.#pki.has('CI_ECDSA_BRP')
      ? this.#pki.certificate('CI_ECDSA_BRP').skiHex
      : undefined;
    return brainpool !== undefined && ciPKId?.toUpperCase() === brainpool ? ['BRP'] : ['NIST'];
  }

  #oneReleased(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      signal?.addEventListener(
        'abort',
        () =>
          reject(
            new Sgp33Error('too-few-devices', 'the sequence needs more devices than the target lists', {
              expected: 'a free entry of driver.devices.list',
            }),
          ),
        { once: true },
      );
    });
  }

  #make(eid: string, ciPKId: string | undefined, settings: EimDeviceSettings | undefined): EimDevice {
    const identity = identityOf(eid, settings) ?? issueEuiccIdentity(this.#pki, eid, this.#curves(ciPKId));
    const { pki, sgp32Version, notificationAddress } = this.#options;
    const card = createEuicc({
      identity,
      sgp32Version,
      ...(pki === undefined ? {} : { pki }),
      ...(notificationAddress === undefined ? {} : { notificationAddress }),
      ...(settings?.personalisation === undefined ? {} : { personalisation: settings.personalisation }),
    });
    const [first] = identity.entries;
    if (first === undefined) throw new Sgp33Error('euicc-eid-mismatch', 'a device without a certificate');
    return {
      eid,
      reused: settings !== undefined,
      card: createEuiccDriver(inProcessTransport(card), {
        personaliser: {
          personalise: async ({ action, parameters }) => card.applyPersonalisation(action, parameters),
        },
      }),
      chain: (ciPKId) => {
        const entry = identity.entries.find((e) => e.ci === ciPKId?.toUpperCase()) ?? first;
        return {
          eumCertificate: bytesToHex(entry.eumCertificate),
          euiccCertificate: bytesToHex(entry.euiccCertificate),
          sign: (data) => signEcdsa(entry.privateKey, data),
        };
      },
    };
  }
}

/** The identity that the vendor's eIM knows. */
function identityOf(eid: string, settings: EimDeviceSettings | undefined): EuiccIdentity | undefined {
  const { certificate, privateKey, eumCertificate } = settings ?? {};
  if (certificate === undefined || privateKey === undefined || eumCertificate === undefined) return undefined;
  const text = new TextEncoder();
  const eum = parseCertificateFile(text.encode(eumCertificate), 'eumCertificate');
  const euicc = parseCertificateFile(text.encode(certificate), 'certificate');
  return {
    eid,
    entries: [
      {
        ci: eum.akiHex ?? '',
        eumCertificate: eum.der,
        euiccCertificate: euicc.der,
        privateKey: privateKeyFromPem(privateKey, 'privateKey'),
      },
    ],
  };
}

/** PEM of the CI certificates in a PKI folder: what an IPA of the test environment trusts. */
export function ciCertificates(dir: string | undefined): string {
  const pki = sharedPkiFolder(dir);
  return pki.identities
    .filter((name) => name.startsWith('CI_'))
    .map((name) => pemOf(pki.certificate(name).der))
    .join('');
}

export const pemOf = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END CERTIFICATE-----\n`;

export const readText = (file: string): string => readFileSync(file, 'utf8');
