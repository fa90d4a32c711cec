/** A card made of software: what a reader, virtual or in-process, does with it. */
export interface VirtualCard {
  /** Answer to reset; its TDi bytes decide between T=0 and T=1. */
  atr(): Uint8Array;
  powerOn(): void;
  powerOff(): void;
  /** Warm reset: all logical channels are closed, a chain that was not finished is dropped. */
  reset(): void;
  /** One C-APDU of any bytes in, one R-APDU (data, SW1 SW2) out. Never throws for bytes of the peer. */
  transmit(command: Uint8Array): Uint8Array;
}

/** A card that may also stay silent. */
export interface SilentCard extends Omit<VirtualCard, 'transmit'> {
  /** @returns undefined where no answer goes out. */
  transmit(command: Uint8Array): Uint8Array | undefined;
}
