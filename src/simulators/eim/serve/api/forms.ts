/**
 * How values look in the management API, and how they look inside: ICCIDs as they are printed, DER in base64, other
 * bytes in hex.
 */
import { z } from 'zod';

const swapNibbles = (digits: string): string => digits.replace(/(.)(.)/g, '$2$1');

/**
 * 18 to 20 printed digits to the 10 bytes of tag 5A in hex (ITU-T E.118, TS 102 221 13.2). What is no ICCID stays as
 * it is: the eIM has a refusal for it.
 */
export const iccidToWire = (printed: string): string =>
  /^\d{18,20}$/.test(printed) ? swapNibbles(printed.padEnd(20, 'F')) : printed;

/** The printed digits; what is none stays hex. */
export function iccidToPrinted(wire: string): string {
  const digits = swapNibbles(wire.toUpperCase()).replace(/F{1,2}$/, '');
  return /^\d{18,20}$/.test(digits) ? digits : wire;
}

export const base64ToHex = (text: string): string =>
  Buffer.from(text, 'base64').toString('hex').toUpperCase();
export const hexToBase64 = (text: string): string => Buffer.from(text, 'hex').toString('base64');

/** 10 bytes in hex, in whatever a listing tells, become printed digits. */
export function printIccids(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(printIccids);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => [
      name,
      name === 'iccid' && typeof inner === 'string' ? iccidToPrinted(inner) : printIccids(inner),
    ]),
  );
}

export const eid = z
  .string()
  .meta({ description: 'EID, 32 digits', examples: ['89049032123451234512345678901235'] });

export const iccid = z
  .string()
  .max(64)
  .meta({ description: 'ICCID, 19 or 20 digits as printed', examples: ['8949449999999990023'] })
  .transform(iccidToWire);

/** DER, base64 in the API and hex inside. */
export const der = z.base64().transform(base64ToHex);

export const hexBytes = z
  .string()
  .regex(/^([0-9A-Fa-f]{2})*$/, 'not hex')
  .transform((text) => text.toUpperCase());

export const count = z.int().min(0);
