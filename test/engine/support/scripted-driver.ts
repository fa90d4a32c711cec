/** A driver over a tiny eUICC of its own: enough state for the engine to read and restore, answers that a test bends. */
import {
  TransportError,
  type EuiccDriver,
  type EuiccRequest,
  type Observation,
  type PersonalisationRequest,
} from '../../../drivers/contract.js';
import {
  bytesToHex,
  encode,
  fromText,
  hexToBytes,
  type TextValue,
} from '../../../src/protocol/asn1/index.js';
import { Sgp33Error } from '../../../src/protocol/errors.js';
import { es10FunctionByTag, typeByName } from '../../../src/protocol/types/index.js';
import { TlvHeader } from '../../../src/protocol/asn1/tlv.js';

/** Bytes with their status word (`6A80`), or what the exchange throws; undefined: the tiny eUICC's own answer. */
export type Bend = (
  name: string,
  request: EuiccRequest,
) => string | Error | undefined | Promise<string | Error | undefined>;

export class ScriptedDriver implements EuiccDriver {
  readonly kind = 'eUICC';
  readonly identity = { eid: '89049032123451234512345678901235', transport: 'scripted' };
  readonly canPersonalise = false;
  opened = 0;
  /** Names of the ES10 functions that were called, `apdu` and `reset`. */
  readonly calls: string[] = [];
  address = 'a.example.com';
  profiles: TextValue[] = [{ iccid: '98', profileState: 'disabled' }];
  eims: TextValue[] = [];
  notifications: TextValue[] = [];
  bend: Bend = () => undefined;

  async open(signal?: AbortSignal): Promise<[]> {
    this.#refuse(signal);
    const bent = await this.bend('open', { kind: 'reset' });
    if (bent instanceof Error) throw bent;
    this.opened += 1;
    return [];
  }

  async exchange(request: EuiccRequest, signal?: AbortSignal): Promise<Observation> {
    this.#refuse(signal);
    const name = nameOf(request);
    this.calls.push(name);
    const bent = await this.bend(name, request);
    if (bent instanceof Error) throw bent;
    this.#refuse(signal);
    const bytes = hexToBytes(bent ?? `${this.#honest(name)}9000`) ?? new Uint8Array(0);
    const sw = bytes.length < 2 ? null : ((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0);
    return { data: bytes.subarray(0, -2), sw, ...(sw === null ? { malformed: bytes } : {}), events: [] };
  }

  async personalise(request: PersonalisationRequest): Promise<void> {
    throw new Sgp33Error('personalisation-unavailable', `nobody can ${request.action}`);
  }

  async close(): Promise<void> {
    this.opened = 0;
  }

  #refuse(signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) throw new TransportError('aborted', 'aborted');
  }

  #honest(name: string): string {
    switch (name) {
      case 'GetEUICCInfo1':
        return answer('EUICCInfo1', {
          svn: '020500',
          euiccCiPKIdListForVerification: [],
          euiccCiPKIdListForSigning: [],
        });
      case 'GetEuiccConfiguredAddresses':
        return answer('EuiccConfiguredAddressesResponse', {
          defaultDpAddress: this.address,
          rootDsAddress: 'r.example.com',
        });
      case 'GetProfilesInfo':
        return answer('ProfileInfoListResponse', { profileInfoListOk: this.profiles });
      case 'GetEimConfigurationData':
        return answer('GetEimConfigurationDataResponse', { eimConfigurationDataList: this.eims });
      case 'ListNotification':
        return answer('ListNotificationResponse', { notificationMetadataList: this.notifications });
      case 'RetrieveNotificationsList':
        return answer('RetrieveNotificationsListResponse', { euiccPackageResultList: [] });
      default:
        return '';
    }
  }
}

export const answer = (type: string, value: TextValue): string => {
  const asn1 = typeByName('1.2', type);
  return bytesToHex(encode(asn1, fromText(asn1, value, type), { unchecked: true }));
};

function nameOf(request: EuiccRequest): string {
  if (request.kind !== 'es10') return request.kind;
  const header = new TlvHeader();
  const known = header.read(request.data, 0, request.data.length)
    ? es10FunctionByTag('1.2', header.tag)?.name
    : undefined;
  return known ?? 'unknown';
}
