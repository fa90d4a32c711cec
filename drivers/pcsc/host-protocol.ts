/** The messages between the driver and the child process that holds the PC/SC connection. */
import type { BindingName, Connection, Disposition, ReaderInfo } from './binding.js';

/** What the host process can do, by name: parameters and result. */
export interface HostCalls {
  listReaders: { parameters: []; result: ReaderInfo[] };
  connect: { parameters: [reader: string, protocols: number]; result: Connection };
  transmit: { parameters: [command: Uint8Array]; result: Uint8Array };
  disconnect: { parameters: [disposition: Disposition]; result: undefined };
}
export type HostCallName = keyof HostCalls;

export type HostRequest = {
  [Name in HostCallName]: {
    readonly id: number;
    readonly call: Name;
    readonly parameters: HostCalls[Name]['parameters'];
  };
}[HostCallName];

export type HostReply =
  /** First message: the binding that was loaded. */
  | { readonly kind: 'ready'; readonly binding: BindingName }
  /** First message instead: no binding could be loaded, with the reason of each. */
  | { readonly kind: 'unusable'; readonly reasons: readonly string[] }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'scard-error'; readonly id: number; readonly call: string; readonly code: number }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string };
