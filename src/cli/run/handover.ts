/** What the main process gives to the worker that runs the sequences, and what each test gives back. */
import type { RunInfo, Verdict } from '../../engine/result.js';
import type { RunRequest } from './plan-run.js';

export interface Handover {
  readonly request: RunRequest;
  /** Folder of the run store, absolute. */
  readonly store: string;
  /** The same as the user may type it. */
  readonly shown: string;
  readonly info: RunInfo;
  readonly colour: boolean;
  /** The worker writes its process id here, so that an interruption reaches it. */
  readonly pidFile: string;
}

export interface SequenceMeta {
  readonly verdict: Verdict;
  /** Lines for the terminal. */
  readonly progress: string;
  readonly failure: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    sgp33: Handover;
  }
  export interface TaskMeta {
    sgp33?: SequenceMeta;
  }
}
