/** The eUICC identifier: 32 decimal digits, the last two of which are check digits (SGP.02 2.2.2, SGP.29). */

/** True for 32 digits whose number is 1 modulo 97. */
export function isValidEid(eid: string): boolean {
  return /^\d{32}$/.test(eid) && mod97(eid) === 1n;
}

/**
 * Appends the check digits to the first 30 digits.
 * @throws {RangeError} when `body` is not 30 digits.
 */
export function eidWithCheckDigits(body: string): string {
  if (!/^\d{30}$/.test(body)) throw new RangeError(`30 digits are needed, got ${body}`);
  const check = 98n - mod97(`${body}00`);
  return body + check.toString().padStart(2, '0');
}

function mod97(digits: string): bigint {
  return BigInt(digits) % 97n;
}
