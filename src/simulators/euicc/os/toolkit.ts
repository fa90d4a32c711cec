/** The proactive part: REFRESH for a change of the enabled Profile (ETSI TS 102 223, SGP.32 3.4.1). */
import type { EuiccCore } from '../core.js';
import { applyChange } from '../profile-switch.js';
import { readElements } from '../../tlv/reader.js';
import { octets, wrap } from '../../tlv/writer.js';
import { Refused, SW } from './status-word.js';

/** Qualifier 04: UICC reset. */
const REFRESH = wrap(0xd0, octets(0x81, '010104'), octets(0x82, '8182'));

/** Third octet of TERMINAL PROFILE, bit 8: proactive command REFRESH. */
const announcesRefresh = (profile: Uint8Array): boolean => ((profile[2] ?? 0) & 0x80) !== 0;

export class Toolkit {
  #announced = false;
  #fetched = false;

  constructor(private readonly core: EuiccCore) {}

  reset(): void {
    this.#announced = false;
    this.#fetched = false;
  }

  terminalProfile(profile: Uint8Array): void {
    this.#announced = announcesRefresh(profile);
  }

  /** Length of the proactive command that waits; undefined: none. */
  get pending(): number | undefined {
    return this.#waiting && !this.#fetched ? REFRESH.length : undefined;
  }

  get #waiting(): boolean {
    const { state, defects } = this.core;
    const announced = this.#announced || defects.has('refresh-unannounced');
    return state.pendingChange?.refresh === true && announced && !defects.has('refresh-missing');
  }

  /** The one that waits. @throws {Refused} 6985 when none does. */
  proactiveCommand(): Uint8Array {
    // Fetched again, with the Le that 6Cxx told, it is the same command.
    if (!this.#waiting) throw new Refused(SW.conditionsNotSatisfied);
    return REFRESH;
  }

  fetch(): Uint8Array {
    const command = this.proactiveCommand();
    this.#fetched = true;
    return command;
  }

  /** Performed: the change takes effect. A terminal that is unable is asked again. */
  terminalResponse(data: Uint8Array): void {
    if (!this.#fetched) throw new Refused(SW.conditionsNotSatisfied);
    this.#fetched = false;
    const result = readElements(data).find(({ tag }) => (tag & 0x7f) === 0x03)?.content[0];
    if (result === undefined) throw new Refused(SW.wrongData);
    if (result < 0x10) this.#apply();
  }

  /** The answer that asked for a change has been read: without a REFRESH it takes effect now. */
  answerDelivered(): void {
    if (this.core.state.pendingChange !== undefined && !this.#waiting) this.#apply();
  }

  #apply(): void {
    applyChange(this.core);
    this.core.commit();
  }
}
