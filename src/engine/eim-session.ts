/** What one run knows about one eIM across its sequences. */
import type { KeyObject } from 'node:crypto';
import type { TraceEvent } from '../../drivers/contract.js';
import type { EimDriver } from '../../drivers/eim-contract.js';
import { decode, hexToBytes, toText, type TextValue } from '../protocol/asn1/index.js';
import { publicKeyFromSpki } from '../protocol/crypto/ecdsa.js';
import { Sgp33Error } from '../protocol/errors.js';
import { parseCertificate } from '../protocol/pki/certificate.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';
import { settledConstants } from './constants.js';
import { Gate } from './gate.js';
import type { Target } from './load-target.js';
import type { Suite } from './suite.js';
import { literalNode, type YNode } from './yaml/nodes.js';

export interface EimSessionOptions {
  readonly suite: Suite;
  readonly target: Target;
  readonly driver: EimDriver;
  readonly pki: PkiFolder;
}

/** EimConfigurationData of the eIM under test, as the devices get it. */
export interface EimIdentity {
  readonly eimId: string;
  readonly fields: { readonly [name: string]: TextValue };
  readonly publicKey: KeyObject;
}

export class EimSession {
  readonly kind = 'eIM';
  readonly suite: Suite;
  readonly target: Target;
  readonly driver: EimDriver;
  readonly pki: PkiFolder;
  readonly version: Sgp32Version;
  readonly constants: Map<string, YNode>;
  /** Sequences that restart the eIM pass it alone. */
  readonly gate = new Gate();
  #opened: Promise<readonly TraceEvent[]> | undefined;
  #identity: EimIdentity | undefined;

  constructor(options: EimSessionOptions) {
    this.suite = options.suite;
    this.target = options.target;
    this.driver = options.driver;
    this.pki = options.pki;
    this.version = options.target.sgp32Version;
    this.constants = settledConstants(options);
    const { notificationAddress } = this.driver;
    if (notificationAddress !== undefined)
      this.constants.set(
        'TEST_DP_ADDRESS1',
        literalNode(notificationAddress, { file: this.target.file, line: 1, column: 1 }),
      );
  }

  /** @throws {TransportError} `unreachable`; {Sgp33Error} `eim-configuration`. */
  async open(signal?: AbortSignal): Promise<void> {
    await this.ready(signal);
  }

  /** Once for all sequences that run at the same time; what failed is tried again by the next. */
  async ready(signal?: AbortSignal): Promise<EimIdentity> {
    this.#opened ??= this.driver.open(signal).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    await this.#opened;
    this.#identity ??= await this.#readIdentity(signal);
    return this.#identity;
  }

  /** From `settings.IUT_EIM_CONFIGURATION` (DER in hex), or else from the management API. */
  async #readIdentity(signal?: AbortSignal): Promise<EimIdentity> {
    const given = this.constants.get('IUT_EIM_CONFIGURATION');
    const hex = given?.kind === 'scalar' ? given.text : await this.#exported(signal);
    const { value, ok, findings } = decode(
      typeByName(this.version, 'EimConfigurationData'),
      hexToBytes(hex) ?? new Uint8Array(0),
    );
    const data = value as EimConfigurationFields | undefined;
    const key = data?.eimPublicKeyData;
    const spki =
      key?.eimPublicKey ?? (key?.eimCertificate && parseCertificate(key.eimCertificate).spki) ?? undefined;
    if (!ok || data === undefined || typeof data.eimId !== 'string' || spki === undefined)
      throw new Sgp33Error('eim-configuration', 'no EimConfigurationData of the eIM under test', {
        place: this.target.file,
        expected: 'EimConfigurationData in DER with eimId and eimPublicKeyData (SGP.32 2.11.1.1.1)',
        actual: findings[0] === undefined ? hex.slice(0, 80) : `${findings[0].path}: ${findings[0].code}`,
        repair: 'Map exportEimConfiguration, or write the DER in hex as settings.IUT_EIM_CONFIGURATION.',
      });
    const fields = toText(typeByName(this.version, 'EimConfigurationData'), value) as {
      [name: string]: TextValue;
    };
    const place = { file: this.target.file, line: 1, column: 1 };
    this.constants.set('IUT_EIM_ID', literalNode(data.eimId, place));
    if (!this.constants.has('IUT_EIM_FQDN')) {
      // An IPA without a name in the configuration has the address from elsewhere, as the target does.
      const fqdn = nameOf(data) ?? new URL(this.driver.esipa.url).hostname;
      this.constants.set('IUT_EIM_FQDN', literalNode(fqdn, place));
    }
    return { eimId: data.eimId, fields, publicKey: publicKeyFromSpki(spki) };
  }

  async #exported(signal?: AbortSignal): Promise<string> {
    const { facts } = await this.driver.management.call('exportEimConfiguration', {}, signal);
    const hex = facts['eimConfigurationData'];
    return typeof hex === 'string' ? hex : '';
  }
}

/** eimFqdn without a port, which laboratories write behind it; else an eimId that is an FQDN (SGP.32 2.11.1.1.1). */
function nameOf({ eimFqdn, eimIdType, eimId }: EimConfigurationFields): string | undefined {
  return eimFqdn?.replace(/:\d+$/, '') ?? (eimIdType === EIM_ID_TYPE_FQDN ? eimId : undefined);
}

const EIM_ID_TYPE_FQDN = 2;

interface EimConfigurationFields {
  eimId?: string;
  eimFqdn?: string;
  eimIdType?: number;
  eimPublicKeyData?: { eimPublicKey?: Uint8Array; eimCertificate?: Uint8Array };
}
