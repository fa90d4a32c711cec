/** SGP.32 v1.2: ES10b functions by which the IPA changes the enabled Profile itself (SGP.32 5.9.15, 5.9.16, 5.9.20 to 5.9.23). */
import { BOOLEAN, integer, opt, req, sequence, type ValueOf } from '../asn1/schema.js';
import { EuiccPackageResult } from './esep-result.js';

export const ImmediateEnableRequest = sequence('ImmediateEnableRequest', 0xbf5a, {
  refreshFlag: req(0x80, BOOLEAN),
});
export type ImmediateEnableRequest = ValueOf<typeof ImmediateEnableRequest>;

export const ImmediateEnableResponse = sequence('ImmediateEnableResponse', 0xbf5a, {
  immediateEnableResult: req(
    0x80,
    integer({ ok: 0, immediateEnableNotAvailable: 1, noSessionContext: 4, catBusy: 5, undefinedError: 127 }),
  ),
});
export type ImmediateEnableResponse = ValueOf<typeof ImmediateEnableResponse>;

export const ProfileRollbackRequest = sequence('ProfileRollbackRequest', 0xbf58, {
  refreshFlag: req(0x80, BOOLEAN),
});
export type ProfileRollbackRequest = ValueOf<typeof ProfileRollbackRequest>;

export const ProfileRollbackResponse = sequence('ProfileRollbackResponse', 0xbf58, {
  cmdResult: req(integer({ ok: 0, rollbackNotAllowed: 1, catBusy: 5, commandError: 7, undefinedError: 127 })),
  eUICCPackageResult: opt(0xbf51, EuiccPackageResult),
});
export type ProfileRollbackResponse = ValueOf<typeof ProfileRollbackResponse>;

export const ExecuteFallbackMechanismRequest = sequence('ExecuteFallbackMechanismRequest', 0xbf5d, {
  refreshFlag: req(0x80, BOOLEAN),
});
export type ExecuteFallbackMechanismRequest = ValueOf<typeof ExecuteFallbackMechanismRequest>;

export const ExecuteFallbackMechanismResponse = sequence('ExecuteFallbackMechanismResponse', 0xbf5d, {
  executeFallbackMechanismResult: req(
    0x80,
    integer({
      ok: 0,
      profileNotInDisabledState: 2,
      catBusy: 5,
      fallbackNotAvailable: 6,
      commandError: 7,
      ecallActive: 104,
      undefinedError: 127,
    }),
  ),
});
export type ExecuteFallbackMechanismResponse = ValueOf<typeof ExecuteFallbackMechanismResponse>;

export const ReturnFromFallbackRequest = sequence('ReturnFromFallbackRequest', 0xbf5e, {
  refreshFlag: req(0x80, BOOLEAN),
});
export type ReturnFromFallbackRequest = ValueOf<typeof ReturnFromFallbackRequest>;

export const ReturnFromFallbackResponse = sequence('ReturnFromFallbackResponse', 0xbf5e, {
  returnFromFallbackResult: req(
    0x80,
    integer({ ok: 0, catBusy: 5, fallbackNotAvailable: 6, commandError: 7, undefinedError: 127 }),
  ),
});
export type ReturnFromFallbackResponse = ValueOf<typeof ReturnFromFallbackResponse>;

export const EnableEmergencyProfileRequest = sequence('EnableEmergencyProfileRequest', 0xbf5b, {
  refreshFlag: req(0x80, BOOLEAN),
});
export type EnableEmergencyProfileRequest = ValueOf<typeof EnableEmergencyProfileRequest>;

export const EnableEmergencyProfileResponse = sequence('EnableEmergencyProfileResponse', 0xbf5b, {
  enableEmergencyProfileResult: req(
    0x80,
    integer({ ok: 0, profileNotInDisabledState: 2, catBusy: 5, ecallNotAvailable: 8, undefinedError: 127 }),
  ),
});
export type EnableEmergencyProfileResponse = ValueOf<typeof EnableEmergencyProfileResponse>;

export const DisableEmergencyProfileRequest = sequence('DisableEmergencyProfileRequest', 0xbf5c, {
  refreshFlag: req(0x80, BOOLEAN),
});
export type DisableEmergencyProfileRequest = ValueOf<typeof DisableEmergencyProfileRequest>;

export const DisableEmergencyProfileResponse = sequence('DisableEmergencyProfileResponse', 0xbf5c, {
  disableEmergencyProfileResult: req(
    0x80,
    integer({ ok: 0, profileNotInEnabledState: 2, catBusy: 5, undefinedError: 127 }),
  ),
});
export type DisableEmergencyProfileResponse = ValueOf<typeof DisableEmergencyProfileResponse>;
