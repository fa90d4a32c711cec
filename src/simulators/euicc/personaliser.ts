/** What the test tool can do to the card behind its commands: the actions of the personaliser. */
import type { z } from 'zod';
import { meant } from '../../protocol/did-you-mean.js';
import { Sgp33Error } from '../../protocol/errors.js';
import type { EuiccCore } from './core.js';
import {
  checkNewEim,
  EIM_RESULT,
  readEimConfiguration,
  storeNewEim,
  type EimInput,
} from './eim-configuration.js';
import { initialState, profileOf } from './initial-state.js';
import { notify } from './notifications.js';
import { ACTIONS, profile, type ActionName, type Personalisation } from './personalisation-schema.js';
import { Malformed, readOne } from '../tlv/reader.js';
import { unhex } from '../tlv/writer.js';
import { eimById, profileByIccid, type AssociatedEim, type EuiccState, type Profile } from './state.js';

type Parameters<A extends ActionName> = z.output<(typeof ACTIONS)[A]>;
type Act<A extends ActionName> = (core: EuiccCore, parameters: Parameters<A>, file: Personalisation) => void;

const ACT: { [A in ActionName]: Act<A> } = {
  'install-profile': installProfile,
  'remove-profile': ({ state }, { iccid }) => {
    if (iccid === 'all') state.profiles = [];
    else state.profiles.splice(state.profiles.indexOf(existing(state, iccid)), 1);
  },
  'set-profile-state': ({ state }, { iccid, state: wanted }) => {
    const target = existing(state, iccid);
    delete state.pendingChange;
    if (wanted === 'enabled') for (const p of state.profiles) p.profileState = 'disabled';
    target.profileState = wanted;
  },
  'set-limits': ({ state }, limits) => assign(state.limits, limits),
  'set-capabilities': ({ state }, capabilities) => assign(state.capabilities, capabilities),
  'set-rat': ({ state }, { rat }) => void (state.rat = rat),
  'set-default-dp-address': ({ state }, { address }) =>
    void (state.defaultDpAddress = address === '' ? undefined : address),
  'cat-busy': ({ state }, { on }) => void (state.catBusy = on),
  'memory-full': ({ state }, { on }) => void (state.memoryFull = on),
  'interrupt-next-package': ({ state }, { after }) => void (state.interruptAfter = after ?? -1),
  'fail-next-operation': ({ state }, fault) => void (state.failOperation = fault),
  'fail-next-package': ({ state }, fault) => void (state.failPackage = fault),
  'set-eim': ({ state }, { eimId, ...values }) => assign(associated(state, eimId), values),
  'add-eim': addEim,
  'remove-eim': ({ state }, { eimId }) =>
    void state.eims.splice(state.eims.indexOf(associated(state, eimId)), 1),
  reset: (core, _, file) => core.replaceState(initialState(file)),
};

/**
 * Runs one action; the change is lasting when this returns.
 * @throws {Sgp33Error} `personalisation-action` for an unknown action, wrong parameters, or a Profile that is not there.
 */
export function applyPersonalisation(
  core: EuiccCore,
  file: Personalisation,
  action: string,
  parameters: unknown,
): void {
  if (!isAction(action)) throw unknownAction(action);
  run(core, file, action, parameters);
  core.commit();
}

function run(core: EuiccCore, file: Personalisation, action: ActionName, parameters: unknown): void {
  const schema: z.ZodType = ACTIONS[action];
  const result = schema.safeParse(parameters ?? {});
  if (!result.success) {
    const issue = result.error.issues[0];
    throw wrong([action, ...(issue?.path ?? [])].map(String).join('.'), issue?.message ?? 'wrong parameters');
  }
  const act = ACT[action] as (core: EuiccCore, parameters: unknown, file: Personalisation) => void;
  // A step that fails half-way leaves nothing behind.
  try {
    act(core, CHANGES.has(action) ? onlyGiven(result.data, parameters) : result.data, file);
  } catch (error) {
    core.rollBack();
    throw error;
  }
}

/** Actions that change what they name and keep the rest: the defaults of the schema are for a new card. */
const CHANGES: ReadonlySet<ActionName> = new Set(['install-profile', 'set-limits', 'set-capabilities']);

function onlyGiven(data: unknown, parameters: unknown): unknown {
  const given = Object.keys(parameters ?? {});
  return Object.fromEntries(Object.entries(data ?? {}).filter(([key]) => given.includes(key)));
}

/** With the ICCID or the name of a Profile of the file, its data are taken; parameters that are given win. */
function installProfile(
  core: EuiccCore,
  parameters: Parameters<'install-profile'>,
  file: Personalisation,
): void {
  const { notifications = false, ...given } = parameters;
  const known = file.profiles.find(({ name, iccid }) =>
    given.name === undefined ? iccid === given.iccid : name === given.name,
  );
  if (given.name !== undefined && known === undefined && given.iccid === undefined)
    throw wrong('install-profile.name', `no Profile ${given.name} in the personalisation file`);
  const merged = profile.safeParse({ name: given.name ?? 'installed', ...known, ...given });
  if (!merged.success) throw wrong('install-profile', merged.error.issues[0]?.message ?? 'wrong parameters');
  const { state } = core;
  const installed = profileOf(merged.data, state.profiles);
  // The same Profile again is the same initial condition again.
  state.profiles = state.profiles.filter((p) => p.iccid !== installed.iccid);
  if (installed.profileState === 'enabled') for (const p of state.profiles) p.profileState = 'disabled';
  state.profiles.push(installed);
  if (notifications) notify(core, installed, 'notificationInstall');
}

/**
 * An eIM in addition to those that are associated, one of the same eimId is replaced. The data are those of
 * AddInitialEim: an associationToken of -1 is allocated. What the card would refuse is refused here too.
 */
function addEim(core: EuiccCore, parameters: Parameters<'add-eim'>): void {
  const { state } = core;
  const input = eimConfigurationOf(parameters.eimConfigurationData);
  const counterValue = parameters.counterValue ?? input.counterValue;
  const token = parameters.associationToken ?? input.associationToken;
  const code = checkNewEim(core, { ...input, counterValue, associationToken: undefined });
  if (code !== EIM_RESULT.ok)
    throw wrong('add-eim.eimConfigurationData', `an eUICC refuses it with the code ${code}`);
  state.eims = state.eims.filter(({ eimId }) => eimId !== input.eimId);
  storeNewEim(core, { ...input, counterValue, associationToken: token });
  // Tokens that are allocated later must differ from one that was given.
  state.associationToken = Math.max(state.associationToken, token ?? 0);
}

function eimConfigurationOf(der: string): EimInput {
  try {
    const { tag, content } = readOne(unhex(der));
    if (tag !== 0x30) throw new Malformed('no SEQUENCE');
    return readEimConfiguration(content);
  } catch (error) {
    throw wrong(
      'add-eim.eimConfigurationData',
      `no DER of EimConfigurationData: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function existing(state: EuiccState, iccid: string): Profile {
  const found = profileByIccid(state, iccid);
  if (found === undefined) throw wrong('iccid', `no Profile ${iccid} is installed`);
  return found;
}

function associated(state: EuiccState, eimId: string): AssociatedEim {
  const found = eimById(state, eimId);
  if (found === undefined) throw wrong('eimId', `no eIM ${eimId} is associated`);
  return found;
}

/** Copies what is given. */
function assign<T extends object>(target: T, source: { [K in keyof T]?: T[K] | undefined }): void {
  for (const key in source) {
    const value = source[key];
    if (value !== undefined) target[key] = value;
  }
}

const isAction = (name: string): name is ActionName => Object.hasOwn(ACTIONS, name);

function unknownAction(name: string): Sgp33Error {
  const repair = meant(name, Object.keys(ACTIONS));
  return new Sgp33Error('personalisation-action', 'the S_eUICC has no such action', {
    actual: name,
    expected: Object.keys(ACTIONS).join(', '),
    ...(repair === undefined ? {} : { repair }),
  });
}

const wrong = (place: string, what: string): Sgp33Error =>
  new Sgp33Error('personalisation-action', what, { place });
