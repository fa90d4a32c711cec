/** Initial conditions of an eIM's sequences: what the eIM knows of a device, and the state of the S_eUICC in it. */
import type { FactMap } from '../../drivers/eim-contract.js';
import { bytesToHex, decode, encode, fromText, type TextValue } from '../protocol/asn1/index.js';
import { meant } from '../protocol/did-you-mean.js';
import { typeByName } from '../protocol/types/index.js';
import { closeEsipa, type EimStage, type StagedDevice } from './eim-stage.js';
import { evaluateData, evaluateText, type Evaluation } from './evaluate.js';
import { StateError } from './fingerprint.js';
import { drainDevice } from './drain-device.js';
import { learn } from './learn.js';
import { asText, find, onlyKeys, SuiteError, type YMap } from './yaml/nodes.js';

/** Keys beside the kind, by the role that the condition is about. */
export const EIM_CONDITIONS: Readonly<
  Record<'eIM' | 'S_eUICC', Readonly<Record<string, readonly string[]>>>
> = {
  eIM: {
    associated: ['token', 'counterValue', 'certificates', 'maxCounterValue'],
    'unknown-device': [],
  },
  S_eUICC: {
    'profile-enabled': ['iccid'],
    'profile-disabled': ['iccid'],
    'profile-absent': ['iccid'],
    'no-enabled-profile': [],
    personalised: ['action', 'parameters'],
  },
};

/** Whether the eUICC allocates an association token, and whether the eIM hears of it. */
const TOKENS = ['allocated', 'none', 'untold'];

export interface EimCondition {
  readonly role: 'eIM' | 'S_eUICC';
  readonly kind: string;
  readonly device: string;
  readonly map: YMap;
}

/** Checks the shape; procedures are left to the caller. @throws {SuiteError} `unknown-condition`. */
export function eimCondition(c: YMap): EimCondition | undefined {
  if (find(c, 'use') !== undefined) {
    onlyKeys(c, ['use', 'with'], 'an initial condition');
    return undefined;
  }
  const role = find(c, 'eIM') === undefined ? 'S_eUICC' : 'eIM';
  const known = EIM_CONDITIONS[role];
  const node = find(c, role);
  const kind = node === undefined ? '' : asText(node, role);
  const keys = Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (keys === undefined) {
    const names = Object.keys(known);
    const repair = meant(kind, names);
    throw new SuiteError('unknown-condition', `unknown initial condition '${kind}'`, c.place, {
      expected: names.join(', '),
      ...(repair === undefined ? {} : { repair }),
    });
  }
  onlyKeys(c, [role, 'device', ...keys], `the condition ${kind}`);
  const token = find(c, 'token');
  if (token !== undefined && !TOKENS.includes(asText(token, 'token')))
    throw new SuiteError('yaml-shape', `'${asText(token, 'token')}' is no choice of a token`, token.place, {
      expected: TOKENS.join(', '),
    });
  const device = find(c, 'device');
  return { role, kind, device: device === undefined ? '1' : asText(device, 'device'), map: c };
}

/** @throws {StateError} with what could not be brought about, {TransportError}. */
export async function bringAboutDevices(
  stage: EimStage,
  conditions: readonly YMap[],
  scopeOf: () => Evaluation['scope'],
  signal: AbortSignal,
): Promise<void> {
  const all = conditions.map(eimCondition).filter((c) => c !== undefined);
  for (const number of new Set(['1', ...all.map((c) => c.device)])) await stage.take(number, signal);
  const at = (): Evaluation => ({ scope: scopeOf(), eims: stage.eims });
  // The card first: an association reads it.
  for (const c of all) if (c.role === 'S_eUICC') await bringCard(stage, c, at(), signal);
  for (const c of all)
    if (c.role === 'eIM' && c.kind === 'associated') await associate(stage, c, at(), signal);
}

async function bringCard(
  stage: EimStage,
  c: EimCondition,
  at: Evaluation,
  signal: AbortSignal,
): Promise<void> {
  const text = (key: string): string => evaluateText(find(c.map, key) ?? c.map, at, key);
  const act = (action: string, parameters: { [key: string]: TextValue }): Promise<void> =>
    stage.personaliseDevice(c.device, { action, parameters }, signal);
  switch (c.kind) {
    case 'personalised': {
      const parameters = find(c.map, 'parameters');
      return act(
        text('action'),
        parameters === undefined ? {} : (evaluateData(parameters, at) as { [key: string]: TextValue }),
      );
    }
    case 'profile-absent':
      return act('remove-profile', { iccid: text('iccid') });
    case 'no-enabled-profile':
      for (const p of await profilesOf(stage.device(c.device), signal))
        if (p.enabled) await act('set-profile-state', { iccid: p.iccid, state: 'disabled' });
      return;
    default: {
      const iccid = text('iccid');
      if (!(await profilesOf(stage.device(c.device), signal)).some((p) => p.iccid === iccid))
        await act('install-profile', { iccid });
      return act('set-profile-state', { iccid, state: c.kind.replace('profile-', '') });
    }
  }
}

async function profilesOf(
  { device, version }: StagedDevice,
  signal: AbortSignal,
): Promise<{ iccid: string; enabled: boolean }[]> {
  const request = encode(typeByName(version, 'ProfileInfoListRequest'), {});
  const { data } = await device.card.exchange({ kind: 'es10', data: request }, signal);
  const { value } = decode(typeByName(version, 'ProfileInfoListResponse'), data);
  const list =
    (value as { profileInfoListOk?: { iccid?: Uint8Array; profileState?: number }[] } | undefined)
      ?.profileInfoListOk ?? [];
  return list.map((p) => ({
    iccid: bytesToHex(p.iccid ?? new Uint8Array(0)),
    enabled: p.profileState === 1,
  }));
}

/** AddInitialEim on the card with the eIM's own data, then the device is made known to the eIM. */
async function associate(
  stage: EimStage,
  c: EimCondition,
  at: Evaluation,
  signal: AbortSignal,
): Promise<void> {
  const staged = stage.device(c.device);
  const text = (key: string): string | undefined => {
    const node = find(c.map, key);
    return node === undefined ? undefined : evaluateText(node, at, key);
  };
  const fields = Object.fromEntries(
    Object.entries(stage.identity.fields).filter(([name]) => name !== 'associationToken'),
  );
  const counterValue = text('counterValue') ?? fields['counterValue'] ?? '0';
  const tokenText = text('token') ?? 'allocated';
  const withToken = tokenText !== 'none';
  const type = typeByName(stage.version, 'AddInitialEimRequest');
  const data = { ...fields, counterValue, ...(withToken ? { associationToken: '-1' } : {}) };
  const request = encode(type, fromText(type, { eimConfigurationDataList: [data] }));
  const { data: answer } = await staged.device.card.exchange({ kind: 'es10', data: request }, signal);
  const { decoded } = learn(staged, request, answer);
  if ((decoded?.value as { addInitialEimOk?: unknown[] } | undefined)?.addInitialEimOk === undefined)
    throw new StateError(`AddInitialEim was answered ${bytesToHex(answer)}`);
  const token = staged.eims.record(stage.identity.eimId).token;
  const certificates = (text('certificates') ?? 'given') === 'given';
  await drainDevice(stage, staged, signal);
  const maxCounterValue = text('maxCounterValue');
  const parameters: FactMap = {
    eid: staged.device.eid,
    counterValue,
    ...(token === undefined || tokenText === 'untold' ? {} : { associationToken: String(token) }),
    ...(maxCounterValue === undefined ? {} : { maxCounterValue }),
    ...(certificates
      ? {
          eumCertificate: staged.chain.eumCertificate,
          euiccCertificate: staged.chain.euiccCertificate,
        }
      : {}),
  };
  const { accepted, facts } = await stage.call('addDevice', parameters, signal);
  if (!accepted) throw new StateError(`the eIM refused the device: ${JSON.stringify(facts)}`);
  staged.added = true;
  // Without certificates it has work at once, and that is what such a sequence is about.
  if (certificates) await drainDevice(stage, staged, signal);
}

/** Gives the devices back, and takes from the eIM what it was told. Trouble is told in words. */
export async function releaseDevices(stage: EimStage, signal: AbortSignal): Promise<string[]> {
  const left: string[] = [];
  const { driver } = stage.session;
  driver.notifications?.setState('listening', stage.isOurs);
  for (const staged of stage.devices) {
    const { eid } = staged.device;
    try {
      if (staged.added && driver.management.operations.has('removeDevice')) {
        const { accepted, facts } = await stage.call('removeDevice', { eid }, signal);
        if (!accepted) left.push(`the eIM keeps device ${eid}: ${JSON.stringify(facts)}`);
      }
    } catch (error) {
      left.push(`device ${eid}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await closeEsipa(driver, eid);
      await driver.releaseDevice(staged.device);
    }
  }
  return left;
}
