/**
 * How a device is made to do something, as data: made from YAML by the commands, read by `createIpadTriggers`. Nothing in
 * it knows where it was written.
 */
import type { HttpCall, HttpSettings, PromptCall } from '../management/mapping.js';
import type { Template } from '../management/template.js';
import type { IpadTriggerName } from '../ipad-contract.js';

/** Until when a process may live: to the end of the sequence, or of the run. */
export const LIFETIMES = ['sequence', 'run'] as const;
export type Lifetime = (typeof LIFETIMES)[number];

export interface ProcessStart {
  /** Program and arguments, or one line for the shell, in which nothing is replaced. */
  readonly run: readonly Template[] | string;
  readonly env: readonly (readonly [string, Template])[];
  /** Relative to the folder of the mapping. */
  readonly cwd?: Template;
  readonly lifetime: Lifetime;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

export interface CommandWay extends ProcessStart {
  readonly kind: 'command';
  /** Undefined: its end tells nothing. */
  readonly timeoutMs: number | undefined;
}

/** The device itself, where it is a program that goes on. */
export interface DeviceProcess extends ProcessStart {
  /** What it writes when it is ready, to standard output or standard error; undefined: it is ready at once. */
  readonly ready: RegExp | undefined;
  readonly readyMs: number;
  /**
   * What it is told on its standard input after a sequence, in place of being ended, and what it writes when it is as
   * after a start; a device that does not within `graceMs` is ended.
   */
  readonly reset?: { readonly text: string; readonly done: RegExp };
}

export type TriggerWay =
  | CommandWay
  | { readonly kind: 'http'; readonly call: HttpCall; readonly accepted?: readonly number[] }
  | { readonly kind: 'prompt'; readonly call: PromptCall }
  /** The device does it by itself in a while. */
  | { readonly kind: 'wait' }
  /** A signal to the device's process; `done` is what it writes when it has done what it was told. */
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals; readonly done?: RegExp }
  /** Text to the standard input of the device's process. */
  | { readonly kind: 'stdin'; readonly text: Template; readonly done?: RegExp }
  /** The device's process. */
  | { readonly kind: 'start' | 'stop' | 'restart' };

export interface TriggerMapping {
  /** Programs run there; by default the working folder. */
  readonly folder?: string;
  /** Values of `{settings.NAME}`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly http?: HttpSettings;
  readonly process?: DeviceProcess;
  readonly triggers: ReadonlyMap<IpadTriggerName, TriggerWay>;
}
