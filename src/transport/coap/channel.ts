/** What carries datagrams both ways between two endpoints: plain UDP, or DTLS. */
export interface DatagramChannel {
  /** Resolves when the datagram is handed over, not when it arrived. */
  send(data: Uint8Array): Promise<void>;
  onMessage(callback: (data: Uint8Array) => void): void;
  /** With an error when the channel broke. */
  onClose(callback: (error?: Error) => void): void;
  close(): Promise<void>;
}

/** One datagram as it passed, with its text; `text` says `malformed: ...` for what is no message. */
export type CoapTrace = (direction: 'out' | 'in', bytes: Uint8Array, text: string) => void;
