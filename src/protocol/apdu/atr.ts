/** The answer to reset, as far as the choice of the transmission protocol needs it (ISO/IEC 7816-3 8.2). */

/**
 * The protocol that a reader negotiates when both are allowed: T=1 if any TDi offers it, else T=0.
 * A damaged ATR counts as T=0.
 */
export function protocolOfAtr(atr: Uint8Array): 'T=0' | 'T=1' {
  let indicator = (atr[1] ?? 0) & 0xf0;
  let position = 2;
  while ((indicator & 0x80) !== 0) {
    position += bit(indicator, 0x10) + bit(indicator, 0x20) + bit(indicator, 0x40);
    const td = atr[position];
    if (td === undefined) return 'T=0';
    if ((td & 0x0f) === 1) return 'T=1';
    indicator = td & 0xf0;
    position += 1;
  }
  return 'T=0';
}

function bit(byte: number, mask: number): 0 | 1 {
  return (byte & mask) === 0 ? 0 : 1;
}
