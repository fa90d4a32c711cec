/** The state of an eUICC fresh from its personalisation. */
import type { KnownProfile, Personalisation } from './personalisation-schema.js';
import type { EuiccState, Profile } from './state.js';

export function initialState(from: Personalisation): EuiccState {
  const state: EuiccState = {
    format: 1,
    eid: from.eid,
    profiles: [],
    notifications: [],
    results: [],
    seqNumber: 0,
    eims: [],
    associationToken: 0,
    eimSeen: false,
    defaultDpAddress: from.defaultDpAddress,
    initialDefaultDpAddress: from.defaultDpAddress,
    rootDsAddress: from.rootDsAddress,
    rat: structuredClone(from.rulesAuthorisationTable),
    ipaMode: 'ipad',
    limits: { ...from.limits },
    capabilities: structuredClone(from.capabilities),
    catBusy: false,
    memoryFull: false,
  };
  for (const known of from.profiles)
    if (known.installed) state.profiles.push(profileOf(known, state.profiles));
  return state;
}

/** @param others decide which ISD-P AID is free. */
export function profileOf(
  known: Omit<KnownProfile, 'name' | 'installed'> & { name?: string; installed?: boolean },
  others: readonly Profile[],
): Profile {
  const { name, installed, isdpAid, ...rest } = structuredClone(known);
  void name;
  void installed;
  return { ...rest, isdpAid: isdpAid ?? freeAid(others) };
}

function freeAid(others: readonly Profile[]): string {
  for (let n = 0x10; ; n++) {
    const aid = `A0000005591010FFFFFFFF8900${(0x1000 + n).toString(16).toUpperCase()}00`;
    if (!others.some((p) => p.isdpAid === aid)) return aid;
  }
}
