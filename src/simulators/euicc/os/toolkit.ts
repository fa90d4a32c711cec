/** The proactive part: REFRESH for a change of the enabled Profile (ETSI TS 102 223, SGP.32 3.4.1). */
import type { EuiccCore } from '../core.js';
import { applyChange } from '../profile-switch.js';
import { readElements, type Tlv } from '../../tlv/reader.js';
import { hex, octets, wrap } from '../../tlv/writer.js';
import { Refused, SW } from './status-word.js';

/** Where nothing else is personalised: UICC reset. */
const UICC_RESET = 0x04;
/** First results of TERMINAL RESPONSE that say "may be asked again", and "can not be done" (TS 102 223 8.12). */
const TEMPORARY = 0x20;
const PERMANENT = 0x30;

/** Command number 01, type 01, and the qualifier. */
const details = (qualifier: number): Uint8Array => Uint8Array.of(0x01, 0x01, qualifier);

/** Third octet of TERMINAL PROFILE, bit 8: proactive command REFRESH. */
const announcesRefresh = (profile: Uint8Array): boolean => ((profile[2] ?? 0) & 0x80) !== 0;

export class Toolkit {
  #announced = false;
  /** What the terminal has fetched and not answered. */
  #fetched: Uint8Array | undefined;
  /** The terminal was unable: the next command but this one tells again. */
  #postponed = false;
  /** The terminal can not: nothing is asked any more, a reset is waited for. */
  #givenUp = false;

  constructor(private readonly core: EuiccCore) {}

  reset(): void {
    this.#announced = false;
    this.#fetched = undefined;
    this.#postponed = false;
    this.#givenUp = false;
  }

  /** A command has come. */
  begin(): void {
    this.#postponed = false;
  }

  terminalProfile(profile: Uint8Array): void {
    this.#announced = announcesRefresh(profile);
  }

  /** Length of the proactive command that waits; undefined: none. */
  get pending(): number | undefined {
    const told = this.#asks && this.#fetched === undefined && !this.#postponed;
    return told ? this.#refresh().length : undefined;
  }

  /** The change waits for the terminal: for REFRESH, or for the reset after a REFRESH that it could not do. */
  get #waiting(): boolean {
    const { state, defects } = this.core;
    const announced = this.#announced || defects.has('refresh-unannounced');
    return state.pendingChange?.refresh === true && announced && !defects.has('refresh-missing');
  }

  get #asks(): boolean {
    return this.#waiting && !this.#givenUp;
  }

  get #qualifier(): number {
    return this.core.state.capabilities.refreshQualifier ?? UICC_RESET;
  }

  #refresh(): Uint8Array {
    return wrap(0xd0, octets(0x81, hex(details(this.#qualifier))), octets(0x82, '8182'));
  }

  /** The one that waits. @throws {Refused} 6985 when none does. */
  proactiveCommand(): Uint8Array {
    // Fetched again, with the Le that 6Cxx told, it is the same command.
    if (this.#fetched !== undefined) return this.#fetched;
    if (!this.#asks) throw new Refused(SW.conditionsNotSatisfied);
    return this.#refresh();
  }

  fetch(): Uint8Array {
    return (this.#fetched = this.proactiveCommand());
  }

  /**
   * Performed: the change takes effect. A terminal that is unable is told again with its next command; one that can not
   * is left alone, and the change takes effect with its next reset.
   * @throws {Refused} 6985 when nothing was fetched, 6A80 without a result, or for another command.
   */
  terminalResponse(data: Uint8Array): void {
    const fetched = this.#fetched;
    if (fetched === undefined) throw new Refused(SW.conditionsNotSatisfied);
    const answered = elementsOf(data);
    const result = simple(answered, 0x03)?.content[0];
    const about = simple(answered, 0x01)?.content;
    if (result === undefined || about === undefined) throw new Refused(SW.wrongData);
    // D0 L 81 03, then the details.
    if (hex(about) !== hex(fetched.subarray(4, 7))) throw new Refused(SW.wrongData);
    this.#fetched = undefined;
    if (result < TEMPORARY) this.#apply();
    else if (result < PERMANENT) this.#postponed = true;
    else this.#givenUp = true;
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

/** @throws {Refused} 6A80. */
function elementsOf(data: Uint8Array): Tlv[] {
  try {
    return readElements(data);
  } catch {
    throw new Refused(SW.wrongData);
  }
}

/** A simple TLV by its tag, with or without "comprehension required". */
const simple = (elements: readonly Tlv[], tag: number): Tlv | undefined =>
  elements.find((e) => (e.tag & 0x7f) === tag);
