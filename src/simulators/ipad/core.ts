/** The parts of an IPAd, put together from its options. */
import { ISD_R_AID, TERMINAL_CAPABILITY_IPAD } from '../../protocol/apdu/commands.js';
import { unhex } from '../tlv/writer.js';
import { DeviceCard } from './card/device-card.js';
import { ipadDefectsOf, type IpadDefects } from './defects.js';
import type { NetworkOptions } from './network/network-options.js';
import { DEFAULT_TIMINGS, type IpadOptions } from './options.js';
import { StateChanges } from './state/changes.js';
import { Memory } from './state/memory.js';

export interface IpadCore {
  readonly options: IpadOptions;
  readonly defects: IpadDefects;
  readonly card: DeviceCard;
  readonly network: NetworkOptions;
  readonly memory: Memory;
  readonly changes: StateChanges;
  readonly log: (line: string) => void;
  readonly stop: AbortSignal;
}

/** Announces REFRESH (third octet, bit 8), and no more. */
const TERMINAL_PROFILE_REFRESH = unhex('000080');
const MAX_BODY_BYTES = 1 << 20;

/** @throws {Sgp33Error} `unknown-defect`, `ipad-state-file`. */
export function coreOf(options: IpadOptions): IpadCore {
  const defects = ipadDefectsOf(options.defects ?? [], options.defectObserver);
  const log = options.log ?? ((): void => undefined);
  const stop = options.signal ?? new AbortController().signal;
  const memory = new Memory(options.stateFile);
  return {
    options,
    defects,
    log,
    stop,
    memory,
    changes: new StateChanges(memory, defects),
    card: new DeviceCard({
      port: options.port,
      isdrAid: options.isdrAid ?? ISD_R_AID,
      terminalProfile:
        options.terminalProfile === undefined ? TERMINAL_PROFILE_REFRESH : options.terminalProfile,
      terminalCapability:
        options.terminalCapability === undefined ? TERMINAL_CAPABILITY_IPAD : options.terminalCapability,
      blockSize: options.blockSize ?? 255,
      defects,
      log,
    }),
    network: {
      version: options.version,
      binding: options.binding ?? 'asn1',
      receiverBinding: options.receiverBinding ?? 'json',
      transports: options.transports ?? ['https', 'coaps'],
      resolve: options.resolve ?? {},
      authorities: options.authorities ?? '',
      userAgent: options.userAgent ?? 'gsma-rsp-ipad',
      maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
      timings: { ...DEFAULT_TIMINGS, ...options.timings },
      defects,
      log,
      stop,
      memory: { sessions: new Map(), tickets: new Map() },
    },
  };
}
