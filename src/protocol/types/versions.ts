/** The versions of SGP.32 that the suite speaks, and which types each of them has. */
import { Sgp33Error } from '../errors.js';
import type { Asn1Type } from '../asn1/schema.js';
import { closest } from './closest.js';
import * as fci from './fci.js';
import * as rsp from './rsp.js';
import * as sgp32 from './sgp32.js';
import * as v1_0_1 from './v1-0-1.js';

export type Sgp32Version = '1.0.1' | '1.2';

export const SGP32_VERSIONS: readonly Sgp32Version[] = ['1.0.1', '1.2'];

/** ASN.1 type by the specification's name; `RSP.X` is SGP.22's where SGP.32 has an X of its own. */
export type Types = Readonly<Record<string, Asn1Type>>;

/** Names of the v1.2 module that v1.0.1 does not have; some of them are SGP.22's there. */
const NOT_IN_1_0_1: ReadonlySet<string> = new Set([
  'AuthenticateClientRequest',
  'AuthenticateResponseOk',
  'ConfigureImmediateEnableResult',
  'ConfigureImmediateProfileEnablingRequest',
  'ConfigureImmediateProfileEnablingResponse',
  'ConnectivityParameters',
  'ConnectivityParametersError',
  'DisableEmergencyProfileRequest',
  'DisableEmergencyProfileResponse',
  'EimPackageResult',
  'EimPackageResultErrorCode',
  'EimPackageResultResponseError',
  'EnableEmergencyProfileRequest',
  'EnableEmergencyProfileResponse',
  'EuiccPackageResultList',
  'EuiccSigned1',
  'ExecuteFallbackMechanismRequest',
  'ExecuteFallbackMechanismResponse',
  'GetConnectivityParametersRequest',
  'GetConnectivityParametersResponse',
  'ISDRProprietaryApplicationTemplateIoT',
  'ImmediateEnableRequest',
  'ImmediateEnableResponse',
  'IpaEuiccDataErrorCode',
  'IpaEuiccDataResponseError',
  'IpaeActivationRequest',
  'IpaeActivationResponse',
  'PendingNotificationList',
  'ProfileInfo',
  'ReturnFromFallbackRequest',
  'ReturnFromFallbackResponse',
  'SetDefaultDpAddressRequest',
  'SetDefaultDpAddressResponse',
  'SetFallbackAttributeResult',
  'StateChangeCause',
  'StoreMetadataRequest',
  'UnsetFallbackAttributeResult',
]);

const v1_2Names: ReadonlySet<string> = new Set(Object.keys(sgp32));

/** SGP.22's types: each under `RSP.X` when SGP.32 knows an X too, and under X where it does not hide one. */
const rspTypes = (hidden: (name: string) => boolean): Record<string, Asn1Type> => {
  const types: Record<string, Asn1Type> = {};
  for (const [constant, type] of Object.entries<Asn1Type>(rsp)) {
    if (constant !== type.name) types[`RSP.${type.name}`] = type;
    if (!hidden(type.name)) types[type.name] = type;
  }
  return types;
};

const TYPES: Readonly<Record<Sgp32Version, Types>> = {
  '1.2': Object.freeze({ ...rspTypes((name) => v1_2Names.has(name)), ...sgp32, ...fci }),
  '1.0.1': Object.freeze({
    ...rspTypes((name) => v1_2Names.has(name) && !NOT_IN_1_0_1.has(name)),
    ...Object.fromEntries(Object.entries<Asn1Type>(sgp32).filter(([name]) => !NOT_IN_1_0_1.has(name))),
    ...v1_0_1,
    ...fci,
  }),
};

/** Every type of a version, requests and responses alike, by name. */
export const typesFor = (version: Sgp32Version): Types => TYPES[version];

/**
 * One type by its name (`EuiccPackageRequest`, `RSP.ProfileInfo`).
 * @throws {Sgp33Error} `unknown-type` with the nearest names.
 */
export function typeByName(version: Sgp32Version, name: string): Asn1Type {
  const types = TYPES[version];
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type !== undefined) return type;
  const near = closest(name, Object.keys(types));
  const elsewhere = SGP32_VERSIONS.filter((v) => v !== version && Object.hasOwn(TYPES[v], name));
  const repair = [
    ...elsewhere.map((v) => `SGP.32 v${v} has it.`),
    ...(near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : []),
  ].join(' ');
  throw new Sgp33Error('unknown-type', `SGP.32 v${version} has no ASN.1 type of that name`, {
    actual: name,
    ...(repair === '' ? {} : { repair }),
  });
}
