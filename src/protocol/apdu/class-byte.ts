/** Coding of the logical channel in the class byte (ISO/IEC 7816-4 5.4.1, GlobalPlatform 11.1.4). */

/** Channels 0 to 19 exist; 4 to 19 need the further class coding. */
export const MAX_CHANNEL = 19;

/** CLA of interindustry commands (SELECT, GET RESPONSE): `0x` for 0..3, `4x` for 4..19. */
export function interindustryClass(channel: number): number {
  assertChannel(channel);
  return channel < 4 ? channel : 0x40 | (channel - 4);
}

/** CLA of GlobalPlatform and ETSI commands (STORE DATA, STATUS): `8x` for 0..3, `Cx` for 4..19. */
export function proprietaryClass(channel: number): number {
  assertChannel(channel);
  return channel < 4 ? 0x80 | channel : 0xc0 | (channel - 4);
}

/** The logical channel that a class byte names. */
export function channelOf(cla: number): number {
  return (cla & 0x40) === 0 ? cla & 0x03 : 4 + (cla & 0x0f);
}

function assertChannel(channel: number): void {
  if (!Number.isInteger(channel) || channel < 0 || channel > MAX_CHANNEL) {
    throw new RangeError(`logical channel ${channel} is not between 0 and ${MAX_CHANNEL}`);
  }
}
