/** Every ES10 function by its command tag: what goes to the ISD-R, and what comes back (SGP.22 5.7, SGP.32 5.9). */
import { SGP32_VERSIONS, type Sgp32Version } from './versions.js';

export type Es10Interface = 'ES10a' | 'ES10b' | 'ES10c';

export interface Es10Function {
  /** The specification's name; `RSP.` in front where SGP.32 has another function of that name. */
  readonly name: string;
  /** Command tag. An answer has the same one, except that of LoadBoundProfilePackage (BF37). */
  readonly tag: number;
  /** Names for `typeByName`. */
  readonly request: string;
  readonly response: string;
  readonly clause: string;
  readonly interface: Es10Interface;
  readonly versions: readonly Sgp32Version[];
}

const BOTH = SGP32_VERSIONS;
const OLD: readonly Sgp32Version[] = ['1.0.1'];
const NEW: readonly Sgp32Version[] = ['1.2'];

const fn = (
  at: Es10Interface,
  tag: number,
  name: string,
  clause: string,
  types: string | readonly [request: string, response: string],
  versions = BOTH,
): Es10Function => {
  const [request, response] = typeof types === 'string' ? [`${types}Request`, `${types}Response`] : types;
  return { name, tag, request, response, clause, interface: at, versions };
};

export const ES10_FUNCTIONS: readonly Es10Function[] = [
  fn('ES10b', 0xbf20, 'GetEUICCInfo1', 'SGP.22 5.7.8', ['GetEuiccInfo1Request', 'EUICCInfo1']),
  fn('ES10b', 0xbf21, 'PrepareDownload', 'SGP.22 5.7.5', 'PrepareDownload'),
  fn('ES10b', 0xbf22, 'GetEUICCInfo2', 'SGP.32 5.9.2', ['GetEuiccInfo2Request', 'EUICCInfo2']),
  fn('ES10b', 0xbf28, 'ListNotification', 'SGP.22 5.7.9', 'ListNotification'),
  fn('ES10c', 0xbf29, 'SetNickname', 'SGP.22 5.7.21', 'SetNickname'),
  fn('ES10b', 0xbf2b, 'RetrieveNotificationsList', 'SGP.32 5.9.11', 'RetrieveNotificationsList'),
  fn('ES10b', 0xbf2d, 'GetProfilesInfo', 'SGP.32 5.9.14', 'ProfileInfoList'),
  fn('ES10b', 0xbf2e, 'GetEUICCChallenge', 'SGP.22 5.7.7', 'GetEuiccChallenge'),
  fn('ES10b', 0xbf30, 'RemoveNotificationFromList', 'SGP.22 5.7.11', 'NotificationSent'),
  fn('ES10c', 0xbf31, 'EnableProfile', 'SGP.22 5.7.16', 'EnableProfile'),
  fn('ES10c', 0xbf32, 'DisableProfile', 'SGP.22 5.7.17', 'DisableProfile'),
  fn('ES10c', 0xbf33, 'DeleteProfile', 'SGP.22 5.7.18', 'DeleteProfile'),
  fn('ES10b', 0xbf34, 'eUICCMemoryReset', 'SGP.32 5.9.5', 'EuiccMemoryReset', OLD),
  fn('ES10c', 0xbf34, 'RSP.eUICCMemoryReset', 'SGP.22 5.7.19', 'RSP.EuiccMemoryReset', NEW),
  fn('ES10b', 0xbf35, 'LoadCRL', 'SGP.22 5.7.12', 'LoadCRL'),
  // No command tag of its own: the first segment begins with the BF36 header (SGP.22 2.5.5).
  fn('ES10b', 0xbf36, 'LoadBoundProfilePackage', 'SGP.22 5.7.6', [
    'BoundProfilePackage',
    'ProfileInstallationResult',
  ]),
  fn('ES10b', 0xbf38, 'AuthenticateServer', 'SGP.22 5.7.13', 'AuthenticateServer'),
  fn('ES10a', 0xbf3c, 'GetEuiccConfiguredAddresses', 'SGP.22 5.7.3', 'EuiccConfiguredAddresses'),
  fn('ES10c', 0xbf3e, 'GetEID', 'SGP.22 5.7.20', 'GetEuiccData'),
  fn('ES10a', 0xbf3f, 'RSP.SetDefaultDpAddress', 'SGP.22 5.7.4', 'RSP.SetDefaultDpAddress'),
  fn('ES10b', 0xbf41, 'CancelSession', 'SGP.22 5.7.14', 'CancelSession'),
  fn('ES10b', 0xbf42, 'LpaeActivation', 'SGP.22 5.7.1', 'LpaeActivation', OLD),
  fn('ES10b', 0xbf42, 'IpaeActivation', 'SGP.32 3.8.4', 'IpaeActivation', NEW),
  fn('ES10b', 0xbf43, 'GetRAT', 'SGP.22 5.7.22', 'GetRat'),
  fn('ES10b', 0xbf51, 'LoadEuiccPackage', 'SGP.32 5.9.1', ['EuiccPackageRequest', 'EuiccPackageResult']),
  fn('ES10b', 0xbf55, 'GetEimConfigurationData', 'SGP.32 5.9.18', 'GetEimConfigurationData'),
  fn('ES10b', 0xbf56, 'GetCerts', 'SGP.32 5.9.10', 'GetCerts'),
  fn('ES10b', 0xbf57, 'AddInitialEim', 'SGP.32 5.9.4', 'AddInitialEim'),
  fn('ES10b', 0xbf58, 'ProfileRollback', 'SGP.32 5.9.16', 'ProfileRollback'),
  fn('ES10b', 0xbf59, 'ConfigureAutoProfileEnabling', 'SGP.32 5.9.17', 'ConfigureAutoProfileEnabling', OLD),
  fn(
    'ES10b',
    0xbf59,
    'ConfigureImmediateProfileEnabling',
    'SGP.32 5.9.17',
    'ConfigureImmediateProfileEnabling',
    NEW,
  ),
  fn('ES10b', 0xbf5a, 'EnableUsingDD', 'SGP.32 5.9.15', 'EnableUsingDD', OLD),
  fn('ES10b', 0xbf5a, 'ImmediateEnable', 'SGP.32 5.9.15', 'ImmediateEnable', NEW),
  fn('ES10b', 0xbf5b, 'EnableEmergencyProfile', 'SGP.32 5.9.22', 'EnableEmergencyProfile', NEW),
  fn('ES10b', 0xbf5c, 'DisableEmergencyProfile', 'SGP.32 5.9.23', 'DisableEmergencyProfile', NEW),
  fn('ES10b', 0xbf5d, 'ExecuteFallbackMechanism', 'SGP.32 5.9.20', 'ExecuteFallbackMechanism', NEW),
  fn('ES10b', 0xbf5e, 'ReturnFromFallback', 'SGP.32 5.9.21', 'ReturnFromFallback', NEW),
  fn('ES10b', 0xbf5f, 'GetConnectivityParameters', 'SGP.32 5.9.24', 'GetConnectivityParameters', NEW),
  fn('ES10b', 0xbf64, 'eUICCMemoryReset', 'SGP.32 5.9.5', 'EuiccMemoryReset', NEW),
  fn('ES10b', 0xbf65, 'SetDefaultDpAddress', 'SGP.32 5.9.25', 'SetDefaultDpAddress', NEW),
];

/** The function that a command tag means in a version; undefined for a tag that it does not define. */
export const es10FunctionByTag = (version: Sgp32Version, tag: number): Es10Function | undefined =>
  ES10_FUNCTIONS.find((f) => f.tag === tag && f.versions.includes(version));

/** The function of that name (`LoadEuiccPackage`) in a version. */
export const es10FunctionByName = (version: Sgp32Version, name: string): Es10Function | undefined =>
  ES10_FUNCTIONS.find((f) => f.name === name && f.versions.includes(version));
