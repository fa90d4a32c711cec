/** What the main process gives to the worker that runs the sequences, and what each test gives back. */
import type { RunInfo, Verdict } from '../../engine/result.js';
import type { RunRequest } from './plan-run.js';

/** How an interruption reaches the worker. */
export interface HandoverFiles {
  /** The worker writes its process id here. */
  readonly pidFile: string;
  /** Exists when the run was interrupted before the worker could take a signal. */
  readonly stopFile: string;
}

export interface Handover extends HandoverFiles {
  readonly request: RunRequest;
  /** Folder of the run store, absolute. */
  readonly store: string;
  /** The same as the user may type it. */
  readonly shown: string;
  readonly info: RunInfo;
  readonly colour: boolean;
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
