/** Where the device finds its card. */
import type { SilentCard } from '../../src/simulators/virtual-card.js';

export interface Slot {
  /** `vpcd 127.0.0.1:35963`, `socket 127.0.0.1:40001`. */
  readonly place: string;
  readonly port: number;
  /**
   * Resolves when the reader can see it. Nothing happens when a card is in.
   * @throws {TransportError} `reader-gone`, `timeout`, `aborted`.
   */
  insert(card: SilentCard, signal?: AbortSignal): Promise<void>;
  /** Resolves when the card is out, if possible so that the reader notices. */
  pull(): Promise<void>;
  /** Takes it out in the middle of whatever goes on. */
  drop(): void;
  /** The card has left a command without answer, or (false) such a state is to end now. */
  mute(on: boolean): void;
  close(): Promise<void>;
}

/** The connection of the reader has ended. */
export type OnLeft = (how: 'disconnected' | 'pulled') => void;
