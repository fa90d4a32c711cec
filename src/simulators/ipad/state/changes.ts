/** State changes that eIMs are to be told of, each eIM once (SGP.32 3.4, 5.14.5). */
import type { IpadDefects } from '../defects.js';
import { CAUSE, type Memory } from './memory.js';

export class StateChanges {
  constructor(
    private readonly memory: Memory,
    private readonly defects: IpadDefects,
  ) {}

  /** @param except the eIM that made the change knows of it. */
  record(cause: number, eimIds: readonly string[], except?: string): void {
    if (this.#forgets(cause)) return;
    const others = this.defects.has('own-change-told') ? eimIds : eimIds.filter((eimId) => eimId !== except);
    const told = this.defects.has('change-told-to-first-eim') ? others.slice(0, 1) : others;
    const shown = this.defects.has('state-change-cause-always-undefined') ? CAUSE.undefined : cause;
    const { changes } = this.memory.state;
    this.memory.change({
      changes: { ...changes, ...Object.fromEntries(told.map((eimId) => [eimId, shown])) },
    });
  }

  pending(eimId: string): number | undefined {
    const { changes } = this.memory.state;
    return Object.hasOwn(changes, eimId) ? changes[eimId] : undefined;
  }

  /** The eIM answered: whatever it said, it knows now. */
  told(eimId: string): void {
    if (this.pending(eimId) === undefined || this.defects.has('told-change-not-forgotten')) return;
    const rest = Object.entries(this.memory.state.changes).filter(([name]) => name !== eimId);
    this.memory.change({ changes: Object.fromEntries(rest) });
  }

  #forgets(cause: number): boolean {
    switch (cause) {
      case CAUSE.otherEim:
        return this.defects.has('change-by-other-eim-not-told');
      case CAUSE.fallback:
        return this.defects.has('fallback-not-told');
      case CAUSE.emergencyProfile:
        return this.defects.has('emergency-profile-not-told');
      case CAUSE.reset:
        return this.defects.has('memory-reset-not-told');
      case CAUSE.immediateEnableProfile:
        return this.defects.has('immediate-enable-not-told');
      default:
        return this.defects.has('device-change-not-told');
    }
  }
}
