/** Which answers say that the enabled Profile changes, so that the device has to act on REFRESH (SGP.32 3.4). */

const RESULT_FIELDS: Readonly<Record<string, string>> = {
  ProfileRollback: 'cmdResult',
  ImmediateEnable: 'immediateEnableResult',
  EnableEmergencyProfile: 'enableEmergencyProfileResult',
  DisableEmergencyProfile: 'disableEmergencyProfileResult',
  ExecuteFallbackMechanism: 'executeFallbackMechanismResult',
  ReturnFromFallback: 'returnFromFallbackResult',
  eUICCMemoryReset: 'resetResult',
};

interface PackageResult {
  euiccPackageResultSigned?: { euiccPackageResultDataSigned?: { euiccResult?: Record<string, unknown>[] } };
}

/** @param name of the ES10 function. @param answer its decoded answer, as far as it could be decoded. */
export function switchesProfile(name: string | undefined, answer: unknown): boolean {
  if (name === undefined || typeof answer !== 'object' || answer === null) return false;
  if (name === 'LoadEuiccPackage') {
    const results = (answer as PackageResult).euiccPackageResultSigned?.euiccPackageResultDataSigned
      ?.euiccResult;
    return results?.some((r) => r['enableResult'] === 0 || r['disableResult'] === 0) === true;
  }
  const field = RESULT_FIELDS[name];
  return field !== undefined && (answer as Record<string, unknown>)[field] === 0;
}
