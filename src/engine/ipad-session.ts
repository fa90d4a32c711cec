/** What one run knows about one IPAd across its sequences. */
import type { IpadDriver } from '../../drivers/ipad-contract.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import type { Sgp32Version } from '../protocol/types/index.js';
import { settledConstants } from './constants.js';
import type { Target } from './load-target.js';
import type { Suite } from './suite.js';
import { literalNode, type YNode } from './yaml/nodes.js';

export interface IpadSessionOptions {
  readonly suite: Suite;
  readonly target: Target;
  readonly driver: IpadDriver;
  readonly pki: PkiFolder;
}

export class IpadSession {
  readonly kind = 'IPAd';
  readonly suite: Suite;
  readonly target: Target;
  readonly driver: IpadDriver;
  readonly pki: PkiFolder;
  readonly version: Sgp32Version;
  readonly constants: Map<string, YNode>;
  #opened: Promise<unknown> | undefined;

  constructor(options: IpadSessionOptions) {
    this.suite = options.suite;
    this.target = options.target;
    this.driver = options.driver;
    this.pki = options.pki;
    this.version = options.target.sgp32Version;
    this.constants = settledConstants(options);
  }

  /** Listeners and the card are there; what failed is tried again by the next sequence. @throws {TransportError} */
  async open(signal?: AbortSignal): Promise<void> {
    this.#opened ??= this.driver.open(signal).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    await this.#opened;
    const place = { file: this.target.file, line: 1, column: 1 };
    const { card, eims, notificationAddress } = this.driver;
    if (card !== undefined)
      for (const name of ['EID1', 'IUT_EID']) this.constants.set(name, literalNode(card.eid, place));
    if (notificationAddress !== undefined)
      this.constants.set('TEST_DP_ADDRESS1', literalNode(notificationAddress, place));
    for (const [role, listener] of eims)
      this.constants.set(`${role.toUpperCase()}_FQDN`, literalNode(listener.serverName, place));
  }
}
