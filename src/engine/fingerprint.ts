/** The state of a card that every sequence must leave as it found it, read with ES10 functions. */
import { bytesToHex, toText, type TextValue } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { typeByName } from '../protocol/types/index.js';
import type { Session } from './session.js';

export interface ProfileState {
  readonly iccid: string;
  readonly state: 'enabled' | 'disabled';
  readonly fallbackAttribute: boolean;
  readonly ecallIndication: boolean;
  readonly ppr: readonly string[];
}

/** An EimConfigurationData in the notation of the suites. */
export type EimConfiguration = { [key: string]: TextValue };

export interface Fingerprint {
  readonly profiles: readonly ProfileState[];
  readonly defaultDpAddress: string | undefined;
  readonly rootDsAddress: string | undefined;
  readonly eims: readonly EimConfiguration[];
  /** Sequence numbers of pending notifications and stored results. */
  readonly pending: readonly string[];
}

/** The card did not answer a function that the engine needs. */
export class StateError extends Sgp33Error {
  constructor(what: string) {
    super('card-state', what);
  }
}

/** @throws {StateError} when the state can not be read, {TransportError} when the card can not be reached. */
export async function readFingerprint(session: Session, signal?: AbortSignal): Promise<Fingerprint> {
  const addresses = (await ask(
    session,
    'EuiccConfiguredAddressesRequest',
    {},
    'EuiccConfiguredAddressesResponse',
    signal,
  )) as {
    defaultDpAddress?: string;
    rootDsAddress?: string;
  };
  return {
    profiles: await readProfiles(session, signal),
    defaultDpAddress: addresses.defaultDpAddress,
    rootDsAddress: addresses.rootDsAddress,
    eims: await readEims(session, signal),
    pending: [...(await readNotifications(session, signal)), ...(await readResults(session, signal))],
  };
}

/** Tags: iccid, profileState, profilePolicyRules, ecallIndication, fallbackAttribute. */
const PROFILE_TAGS = '5A9F70999F7B9F26';

export async function readProfiles(session: Session, signal?: AbortSignal): Promise<ProfileState[]> {
  const answer = (await ask(
    session,
    'ProfileInfoListRequest',
    { tagList: PROFILE_TAGS },
    'ProfileInfoListResponse',
    signal,
  )) as {
    profileInfoListOk?: {
      iccid?: string;
      profileState?: string;
      fallbackAttribute?: string;
      ecallIndication?: string;
      profilePolicyRules?: string[];
    }[];
  };
  if (answer.profileInfoListOk === undefined) throw new StateError('GetProfilesInfo was refused');
  return answer.profileInfoListOk.map((p) => ({
    iccid: p.iccid ?? '',
    state: p.profileState?.startsWith('enabled') === true ? 'enabled' : 'disabled',
    fallbackAttribute: p.fallbackAttribute === 'TRUE',
    ecallIndication: p.ecallIndication === 'TRUE',
    ppr: p.profilePolicyRules ?? [],
  }));
}

export async function readEims(session: Session, signal?: AbortSignal): Promise<EimConfiguration[]> {
  const answer = (await ask(
    session,
    'GetEimConfigurationDataRequest',
    {},
    'GetEimConfigurationDataResponse',
    signal,
  )) as {
    eimConfigurationDataList?: EimConfiguration[];
  };
  return answer.eimConfigurationDataList ?? [];
}

export async function readNotifications(session: Session, signal?: AbortSignal): Promise<string[]> {
  const answer = (await ask(session, 'ListNotificationRequest', {}, 'ListNotificationResponse', signal)) as {
    notificationMetadataList?: { seqNumber?: string }[];
  };
  return (answer.notificationMetadataList ?? []).flatMap((n) => n.seqNumber ?? []);
}

export async function readResults(session: Session, signal?: AbortSignal): Promise<string[]> {
  const answer = (await ask(
    session,
    'RetrieveNotificationsListRequest',
    { searchCriteria: { euiccPackageResults: 'NULL' } },
    'RetrieveNotificationsListResponse',
    signal,
  )) as {
    euiccPackageResultList?: {
      euiccPackageResultSigned?: { euiccPackageResultDataSigned?: { seqNumber?: string } };
    }[];
  };
  return (answer.euiccPackageResultList ?? []).flatMap(
    (r) => r.euiccPackageResultSigned?.euiccPackageResultDataSigned?.seqNumber ?? [],
  );
}

async function ask(
  session: Session,
  request: string,
  value: TextValue,
  response: string,
  signal?: AbortSignal,
): Promise<TextValue> {
  const { observation, decoded } = await session.call(request, value, response, signal);
  if (decoded.value === undefined)
    throw new StateError(
      `${request} was answered ${observation.sw === null ? 'nothing' : observation.sw.toString(16).toUpperCase()} ${bytesToHex(observation.data.subarray(0, 32))}`.trim(),
    );
  return toText(typeByName(session.version, response), decoded.value);
}

/** What differs between two states, in words; empty when a sequence left no trace that counts. */
export function differences(before: Fingerprint, after: Fingerprint): string[] {
  const found: string[] = [];
  const compare = (what: string, a: unknown, b: unknown): void => {
    const [x, y] = [JSON.stringify(a ?? null), JSON.stringify(b ?? null)];
    if (x !== y) found.push(`${what}: was ${x}, is ${y}`);
  };
  const byIccid = (f: Fingerprint): ProfileState[] =>
    [...f.profiles].sort((a, b) => (a.iccid < b.iccid ? -1 : 1));
  compare('Profiles', byIccid(before), byIccid(after));
  compare('default SM-DP+ address', before.defaultDpAddress, after.defaultDpAddress);
  compare('root SM-DS address', before.rootDsAddress, after.rootDsAddress);
  compare('Associated eIMs', before.eims.map(lasting), after.eims.map(lasting));
  const fresh = after.pending.filter((seq) => !before.pending.includes(seq));
  if (fresh.length > 0) found.push(`new Notifications or eUICC Package Results: ${fresh.join(', ')}`);
  return found;
}

/** Without what can not be given back: counter and association token. */
export function lasting(eim: EimConfiguration): EimConfiguration {
  const rest = { ...eim };
  delete rest['counterValue'];
  delete rest['associationToken'];
  return rest;
}
