/** Initial conditions: brought about with ES10 functions and packages of our own eIM, and by the personaliser where those can not. */
import type { TextValue } from '../protocol/asn1/index.js';
import { meant } from '../protocol/did-you-mean.js';
import { Sgp33Error } from '../protocol/errors.js';
import { ensureOwnEim, removeNotification, sendPackage, setEims } from './engine-package.js';
import { evaluateData, evaluateText, type Evaluation } from './evaluate.js';
import {
  readEims,
  readNotifications,
  readProfiles,
  readResults,
  StateError,
  type Fingerprint,
  type ProfileState,
  lasting,
} from './fingerprint.js';
import type { Session } from './session.js';
import { asText, find, need, onlyKeys, SuiteError, type YMap } from './yaml/nodes.js';

export interface Personalisation {
  readonly action: string;
  readonly parameters: { [key: string]: TextValue };
}

/** All conditions of a sequence together. */
export interface Desired {
  personalise: Personalisation[];
  /** ICCID (hex) to state. */
  profiles: Map<string, 'enabled' | 'disabled' | 'absent'>;
  noEnabledProfile: boolean;
  /** Exactly these eIMs; undefined: whatever is there. */
  eims: TextValue[] | undefined;
  noNotifications: boolean;
  /** `{ use: PROC_X, with }`, in order. */
  procedures: YMap[];
}

export const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  'no-associated-eim': [],
  'associated-eim': ['with'],
  'profile-enabled': ['iccid'],
  'profile-disabled': ['iccid'],
  'profile-absent': ['iccid'],
  'no-enabled-profile': [],
  'no-notifications': [],
  personalised: ['action', 'parameters'],
};

function unknownCondition(kind: string, at: YMap): SuiteError {
  const known = Object.keys(CONDITIONS);
  const repair = meant(kind, known);
  return new SuiteError('unknown-condition', `unknown initial condition '${kind}'`, at.place, {
    expected: known.join(', '),
    ...(repair === undefined ? {} : { repair }),
  });
}

/** @throws {SuiteError} `unknown-condition`; also used to check a suite. */
export function desiredState(conditions: readonly YMap[], at: Evaluation): Desired {
  const desired: Desired = {
    personalise: [],
    profiles: new Map(),
    noEnabledProfile: false,
    eims: undefined,
    noNotifications: false,
    procedures: [],
  };
  for (const c of conditions) {
    if (find(c, 'use') !== undefined) {
      onlyKeys(c, ['use', 'with'], 'an initial condition');
      desired.procedures.push(c);
      continue;
    }
    const kind = asText(need(c, 'eUICC', 'an initial condition'), 'eUICC');
    const keys = Object.hasOwn(CONDITIONS, kind) ? CONDITIONS[kind] : undefined;
    if (keys === undefined) throw unknownCondition(kind, c);
    onlyKeys(c, ['eUICC', ...keys], `the condition ${kind}`);
    const data = (key: string): TextValue => evaluateData(need(c, key, kind), at);
    const text = (key: string): string => evaluateText(need(c, key, kind), at, key);
    switch (kind) {
      case 'no-associated-eim':
        desired.eims = [];
        break;
      case 'associated-eim': {
        const given = data('with');
        desired.eims = Array.isArray(given) ? given : [given];
        break;
      }
      case 'no-enabled-profile':
        desired.noEnabledProfile = true;
        break;
      case 'no-notifications':
        desired.noNotifications = true;
        break;
      case 'personalised': {
        const parameters = find(c, 'parameters') === undefined ? {} : data('parameters');
        if (typeof parameters === 'string' || Array.isArray(parameters))
          throw new SuiteError('yaml-shape', 'parameters must be a map', c.place);
        desired.personalise.push({ action: text('action'), parameters });
        break;
      }
      default:
        desired.profiles.set(
          text('iccid').toUpperCase(),
          kind.replace('profile-', '') as 'enabled' | 'disabled' | 'absent',
        );
    }
  }
  return desired;
}

/** @throws {StateError} with what could not be brought about, {TransportError} when the card is gone. */
export async function bringAbout(
  session: Session,
  desired: Desired,
  signal?: AbortSignal,
): Promise<{ personalised: boolean }> {
  let personalised = false;
  for (const p of desired.personalise) {
    await personalise(session, p, signal);
    personalised = true;
  }
  if (desired.profiles.size > 0 || desired.noEnabledProfile)
    personalised = (await bringProfiles(session, desired, signal)) || personalised;
  if (desired.eims !== undefined) await setEims(session, desired.eims, signal);
  if (desired.noNotifications) {
    for (const seq of await readNotifications(session, signal))
      await removeNotification(session, seq, signal);
    for (const seq of await readResults(session, signal)) await removeNotification(session, seq, signal);
  }
  return { personalised };
}

export async function personalise(
  session: Session,
  request: Personalisation,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await session.driver.personalise(request, signal);
  } catch (error) {
    if (error instanceof Sgp33Error && error.code.startsWith('personalisation-'))
      throw new StateError(`${request.action}: ${error.message}`);
    throw error;
  }
}

/** True when the personaliser had to help. */
async function bringProfiles(session: Session, desired: Desired, signal?: AbortSignal): Promise<boolean> {
  let personalised = false;
  let present = await readProfiles(session, signal);
  for (const [iccid, state] of desired.profiles) {
    const found = present.find((p) => p.iccid === iccid);
    if ((found === undefined) !== (state === 'absent')) {
      await personalise(
        session,
        state === 'absent'
          ? { action: 'remove-profile', parameters: { iccid } }
          : { action: 'install-profile', parameters: { iccid } },
        signal,
      );
      personalised = true;
    }
  }
  if (personalised) present = await readProfiles(session, signal);
  const enabled = present.find((p) => p.state === 'enabled');
  const target = [...desired.profiles].find(([, s]) => s === 'enabled')?.[0];
  const mustGo =
    enabled !== undefined && (desired.noEnabledProfile || desired.profiles.get(enabled.iccid) === 'disabled');
  if (target !== undefined && enabled?.iccid !== target)
    return (await change(session, 'enable', target, enabled, signal)) || personalised;
  if (target === undefined && mustGo)
    return (await change(session, 'disable', enabled.iccid, enabled, signal)) || personalised;
  return personalised;
}

/** Enables or disables by a package of our eIM; where a policy rule forbids it, by the personaliser. True for the latter. */
async function change(
  session: Session,
  operation: 'enable' | 'disable',
  iccid: string,
  enabled: ProfileState | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  if (enabled?.ecallIndication === true)
    await session.call(
      'DisableEmergencyProfileRequest',
      { refreshFlag: 'FALSE' },
      'DisableEmergencyProfileResponse',
      signal,
    );
  const forbidden = enabled?.ppr.includes('ppr1') === true;
  if (!forbidden) {
    const eimId = await ensureOwnEim(session, signal);
    await sendPackage(session, eimId, { psmoList: [{ [operation]: { iccid } }] }, signal);
    // REFRESH: without a modem the reader resets the card (SGP.32 3.4.1).
    await session.exchange({ kind: 'reset' }, signal);
    const now = (await readProfiles(session, signal)).find((p) => p.iccid === iccid);
    if (now?.state === `${operation}d`) return false;
  }
  if (!session.driver.canPersonalise) throw new StateError(`Profile ${iccid} could not be ${operation}d`);
  await personalise(
    session,
    { action: 'set-profile-state', parameters: { iccid, state: `${operation}d` } },
    signal,
  );
  return true;
}

/** Takes the card back to a state that was read before. What can not be given back, the caller finds by comparing. */
export async function restore(session: Session, baseline: Fingerprint, signal?: AbortSignal): Promise<void> {
  const desired: Desired = {
    personalise: [],
    profiles: new Map(),
    noEnabledProfile: true,
    eims: undefined,
    noNotifications: false,
    procedures: [],
  };
  const present = await readProfiles(session, signal);
  for (const p of baseline.profiles) {
    if (p.state === 'enabled') desired.noEnabledProfile = false;
    if (p.state === 'enabled' || !present.some((x) => x.iccid === p.iccid))
      desired.profiles.set(p.iccid, p.state);
  }
  for (const p of present)
    if (!baseline.profiles.some((x) => x.iccid === p.iccid)) desired.profiles.set(p.iccid, 'absent');
  await bringProfiles(session, desired, signal);
  // A card whose eIMs are as they were is left alone: associating them anew would cost their tokens.
  const same =
    JSON.stringify((await readEims(session, signal)).map(lasting)) ===
    JSON.stringify(baseline.eims.map(lasting));
  // The token is asked for anew where there was one; the counter goes on from where it was read.
  if (!same)
    await setEims(
      session,
      baseline.eims.map((e) => ({
        ...lasting(e),
        counterValue: e['counterValue'] ?? '0',
        ...(e['associationToken'] === undefined ? {} : { associationToken: '-1' }),
      })),
      signal,
    );
  const { decoded } = await session.call(
    'EuiccConfiguredAddressesRequest',
    {},
    'EuiccConfiguredAddressesResponse',
    signal,
  );
  const address = (decoded.value as { defaultDpAddress?: string } | undefined)?.defaultDpAddress;
  if (address !== baseline.defaultDpAddress)
    await session.call(
      'SetDefaultDpAddressRequest',
      { defaultDpAddress: baseline.defaultDpAddress ?? '' },
      'SetDefaultDpAddressResponse',
      signal,
    );
  for (const seq of [...(await readNotifications(session, signal)), ...(await readResults(session, signal))])
    if (!baseline.pending.includes(seq)) await removeNotification(session, seq, signal);
}
