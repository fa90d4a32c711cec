/** The answer to reset of either personality (ISO/IEC 7816-3 8.2, ETSI TS 102 221 6.3). */
import type { Defects } from '../defects.js';

export type Protocol = 'T=0' | 'T=1';

// TA1 96: F=512, D=32. TD1 names the protocol, for T=1 with its IFSC and waiting times. The last TD, xF, announces
// the global bytes: C7 (clock stop, classes A, B and C), and the byte whose bit 2 tells an eUICC (SGP.22 5.7.1).
const INTERFACE: Record<Protocol, readonly number[]> = {
  'T=0': [0x96, 0x80, 0x3f, 0xc7],
  'T=1': [0x96, 0x81, 0xb1, 0xfe, 0x45, 0x3f, 0xc7],
};
const EUICC_FUNCTIONS = 0x82;
// Category 80; 31 A0: card service data; 73 BE 21 13: card capabilities; then a pre-issuing object.
const HISTORICAL = [0x80, 0x31, 0xa0, 0x73, 0xbe, 0x21, 0x13, 0x67, 0x43, 0x20, 0x07, 0x18, 0x00, 0x00, 0x01];

/** TS, T0, interface bytes, 15 historical bytes and TCK. */
export function answerToReset(protocol: Protocol, defects: Defects): Uint8Array {
  const announced = INTERFACE[protocol];
  const global = defects.has('atr-without-euicc-functions') ? 0x80 : EUICC_FUNCTIONS;
  const body = [0x90 | HISTORICAL.length, ...announced, global, ...HISTORICAL];
  const tck = body.reduce((sum, byte) => sum ^ byte, 0);
  return Uint8Array.from([0x3b, ...body, tck]);
}
