/** Initial conditions of an IPAd's sequences: its card as new, the eIMs associated with it, and how they present themselves. */
import type { PersonalisationRequest } from '../../drivers/contract.js';
import { bytesToHex, type TextValue } from '../protocol/asn1/index.js';
import { meant } from '../protocol/did-you-mean.js';
import { evaluateData, evaluateText, type Evaluation } from './evaluate.js';
import { StateError } from './fingerprint.js';
import { eimConfigurationData } from './ipad-eim-configuration.js';
import type { IpadStage } from './ipad-stage.js';
import { learn } from './learn.js';
import { faultOf, FAULT_KEYS, present, PRESENTATION_KEYS, presentationOf } from './party-ipad-order.js';
import { asText, find, onlyKeys, SuiteError, type YMap } from './yaml/nodes.js';

const ASSOCIATED = ['trust', 'token', 'counterValue', 'with'];

/** Keys beside the kind, by the role that the condition is about. */
export const IPAD_CONDITIONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  S_eIM: { associated: ASSOCIATED, presents: PRESENTATION_KEYS },
  S_eIM2: { associated: ASSOCIATED, presents: PRESENTATION_KEYS },
  S_eUICC: {
    'profile-enabled': ['iccid'],
    'profile-disabled': ['iccid'],
    'profile-absent': ['iccid'],
    personalised: ['action', 'parameters'],
    answers: FAULT_KEYS,
  },
};

export interface IpadCondition {
  readonly role: string;
  readonly kind: string;
  readonly map: YMap;
}

/** Checks the shape; procedures are left to the caller. @throws {SuiteError} `unknown-condition`. */
export function ipadCondition(c: YMap): IpadCondition | undefined {
  if (find(c, 'use') !== undefined) {
    onlyKeys(c, ['use', 'with'], 'an initial condition');
    return undefined;
  }
  const role = Object.keys(IPAD_CONDITIONS).find((r) => find(c, r) !== undefined);
  const node = role === undefined ? undefined : find(c, role);
  const kind = node === undefined ? '' : asText(node, 'an initial condition');
  const known = IPAD_CONDITIONS[role ?? ''] ?? {};
  const keys = Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (role === undefined || keys === undefined) {
    const names = role === undefined ? Object.keys(IPAD_CONDITIONS) : Object.keys(known);
    const repair = meant(role === undefined ? (c.entries[0]?.key ?? '') : kind, names);
    throw new SuiteError('unknown-condition', `unknown initial condition '${kind}'`, c.place, {
      expected: names.join(', '),
      ...(repair === undefined ? {} : { repair }),
    });
  }
  onlyKeys(c, [role, ...keys], `the condition ${kind}`);
  return { role, kind, map: c };
}

/**
 * The last condition of a role and kind wins where there can be one only, so that a sequence can replace that of its
 * test case.
 */
function lastOfEach(conditions: readonly IpadCondition[]): IpadCondition[] {
  const single = (c: IpadCondition): boolean => c.kind === 'associated' || c.kind === 'presents';
  return conditions.filter(
    (c, i) => !single(c) || !conditions.slice(i + 1).some((d) => d.role === c.role && d.kind === c.kind),
  );
}

/** @throws {StateError} with what could not be brought about, {TransportError}. */
export async function bringAboutIpad(
  stage: IpadStage,
  conditions: readonly YMap[],
  signal: AbortSignal,
): Promise<void> {
  const all = lastOfEach(conditions.map(ipadCondition).filter((c) => c !== undefined));
  const at: Evaluation = { scope: stage.scope, eims: stage.eims };
  for (const [role, listener] of stage.driver.eims) {
    await listener.clear();
    const own = all.find((c) => c.role === role && c.kind === 'presents');
    await present(stage, role, own === undefined ? {} : presentationOf(without(own.map, role), at));
  }
  await stage.clearNotifications();
  const { card } = stage.driver;
  if (card === undefined) {
    const needs = all.find((c) => c.role === 'S_eUICC');
    if (needs !== undefined) throw new StateError(`${needs.kind}: ${stage.noCard().message}`);
    return;
  }
  card.clear();
  await card.renew(
    all.flatMap((c) => actionsOf(c, at)),
    signal,
  );
  await associate(
    stage,
    all.filter((c) => c.kind === 'associated'),
    at,
  );
  await stage.readCertificates();
  stage.faults = all
    .filter((c) => c.kind === 'answers')
    .map((c) => faultOf(without(c.map, c.role), at, stage.version));
  card.fault(stage.faults);
}

/** The parameters of a condition, its kind put aside. */
const without = (map: YMap, role: string): YMap => ({
  ...map,
  entries: map.entries.filter((e) => e.key !== role),
});

/** On a card as new: no Profile is Enabled, and no eIM is associated. */
function actionsOf(c: IpadCondition, at: Evaluation): PersonalisationRequest[] {
  if (c.role !== 'S_eUICC') return [];
  const text = (key: string): string => evaluateText(find(c.map, key) ?? c.map, at, key);
  switch (c.kind) {
    case 'personalised': {
      const parameters = find(c.map, 'parameters');
      return [
        {
          action: text('action'),
          parameters:
            parameters === undefined ? {} : (evaluateData(parameters, at) as { [key: string]: TextValue }),
        },
      ];
    }
    case 'profile-enabled':
    case 'profile-disabled':
      return [
        { action: 'install-profile', parameters: { iccid: text('iccid') } },
        {
          action: 'set-profile-state',
          parameters: { iccid: text('iccid'), state: c.kind.replace('profile-', '') },
        },
      ];
    case 'profile-absent':
      return [
        { action: 'install-profile', parameters: { iccid: text('iccid') } },
        { action: 'remove-profile', parameters: { iccid: text('iccid') } },
      ];
    default:
      return [];
  }
}

/** AddInitialEim of all of them at once, with what an IPAd needs to find the listeners and to trust them. */
async function associate(
  stage: IpadStage,
  conditions: readonly IpadCondition[],
  at: Evaluation,
): Promise<void> {
  if (conditions.length === 0) return;
  const list = conditions.map((c) => eimConfigurationData(stage, c.role, c.map, at));
  const { request, answer, value } = await stage.call(
    'AddInitialEimRequest',
    { eimConfigurationDataList: list },
    'AddInitialEimResponse',
  );
  learn(stage, request, answer);
  if ((value as { addInitialEimOk?: unknown } | undefined)?.addInitialEimOk === undefined)
    throw new StateError(`AddInitialEim was answered ${bytesToHex(answer)}`);
}
