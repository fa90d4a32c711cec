/** Collects what happens in one sequence: the timeline and the steps, with times from one clock. */
import type { TraceEvent } from '../../drivers/contract.js';
import { bytesToHex } from '../protocol/asn1/index.js';
import type {
  Message,
  Note,
  Phase,
  Problem,
  SourcePlace,
  StepResult,
  TimelineEvent,
  Verdict,
} from './result.js';

export interface StepStart {
  readonly phase: Phase;
  readonly title: string;
  readonly direction: string;
  readonly requirements: readonly string[];
  readonly place: SourcePlace;
}

export interface StepEnd {
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
  readonly notes?: readonly Note[];
  readonly request?: Message;
  readonly answer?: Message;
  readonly expected?: string;
  readonly actual?: string;
}

export class Recorder {
  readonly steps: StepResult[] = [];
  readonly timeline: TimelineEvent[] = [];
  readonly #start = performance.now();
  readonly #numbers: Record<Phase, number> = { initial: 0, test: 0, restore: 0 };

  /** Milliseconds since the sequence began, to a tenth of a microsecond. */
  get now(): number {
    return Math.round((performance.now() - this.#start) * 1000) / 1000;
  }

  event(event: Omit<TimelineEvent, 'at'>): void {
    this.timeline.push({ at: this.now, ...event });
  }

  /** The driver's events carry its own clock; here they are put behind one another on ours. */
  trace(events: readonly TraceEvent[], began: number): void {
    const first = events[0]?.at ?? 0;
    for (const e of events)
      this.timeline.push({
        at: Math.round((began + e.at - first) * 1000) / 1000,
        kind: e.kind,
        ...(e.bytes === undefined ? {} : { hex: bytesToHex(e.bytes) }),
        ...(e.text === undefined ? {} : { text: e.text }),
      });
  }

  /** Begins a step; the function that comes back ends it. */
  step(start: StepStart): (end: StepEnd) => StepResult {
    const at = this.now;
    const from = this.timeline.length;
    const number = ++this.#numbers[start.phase];
    return (end) => {
      const result: StepResult = {
        number,
        phase: start.phase,
        title: start.title,
        direction: start.direction,
        verdict: end.verdict,
        requirements: start.requirements,
        place: start.place,
        at,
        durationMs: Math.round((this.now - at) * 1000) / 1000,
        ...(end.request === undefined ? {} : { request: end.request }),
        ...(end.answer === undefined ? {} : { answer: end.answer }),
        ...(end.expected === undefined ? {} : { expected: end.expected }),
        ...(end.actual === undefined ? {} : { actual: end.actual }),
        problems: end.problems,
        notes: end.notes ?? [],
        events: [from, this.timeline.length],
      };
      this.steps.push(result);
      return result;
    };
  }
}
