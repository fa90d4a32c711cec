/** The IPAd's line to one eIM: messages out, answers in, whatever carries them. */

export interface EsipaSession {
  /**
   * One EsipaMessageFromIpaToEim, DER.
   * @returns the EsipaMessageFromEimToIpa, DER; empty when the eIM answered without a body.
   * @throws {EsipaError}
   */
  exchange(message: Uint8Array): Promise<Uint8Array>;
  /** Ends the connection; the next exchange makes another, with a key exchange of its own. Never rejects. */
  close(): Promise<void>;
}
