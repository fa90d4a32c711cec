/** setFallbackAttribute and unsetFallbackAttribute (SGP.32 3.4.6, 3.4.7). Each returns its result code. */
import type { EuiccCore } from '../core.js';
import { enabledProfile, profileByIccid } from '../state.js';

const OK = 0;
const NOT_FOUND = 1;
const FALLBACK_NOT_ALLOWED = 2;
const NO_FALLBACK_ATTRIBUTE = 2;
const FALLBACK_PROFILE_ENABLED = 3;

export function setFallbackAttribute({ state, defects }: EuiccCore, iccid: string): number {
  const target = profileByIccid(state, iccid);
  if (target === undefined) return NOT_FOUND;
  if (target.fallbackAttribute) return OK;
  const eligible = target.fallbackAllowed && !target.ecallIndication && target.profileClass !== 'test';
  const allowed = state.capabilities.fallbackSupported && eligible;
  if (!allowed && !defects.has('fallback-not-allowed-ignored')) return FALLBACK_NOT_ALLOWED;
  if (enabledProfile(state)?.fallbackAttribute === true) return FALLBACK_PROFILE_ENABLED;
  if (!defects.has('fallback-attribute-twice')) for (const p of state.profiles) p.fallbackAttribute = false;
  target.fallbackAttribute = true;
  return OK;
}

export function unsetFallbackAttribute({ state }: EuiccCore): number {
  const holder = state.profiles.find((p) => p.fallbackAttribute);
  if (holder === undefined) return NO_FALLBACK_ATTRIBUTE;
  if (enabledProfile(state) === holder) return FALLBACK_PROFILE_ENABLED;
  holder.fallbackAttribute = false;
  return OK;
}
