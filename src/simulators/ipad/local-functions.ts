/** ES10b functions that the IPAd calls for reasons of its own (SGP.32 3.4.5 to 3.4.7, 3.5.2, 5.9). */
import type { IpaVersion } from '../ipa/index.js';
import { read } from '../ipa/read-answer.js';
import { readFields, readOne } from '../tlv/reader.js';
import { bitString, bool, octets, wrap } from '../tlv/writer.js';
import type { IpadDefects } from './defects.js';
import { CAUSE } from './state/memory.js';

export const LOCAL_FUNCTIONS = [
  'addInitialEim',
  'resetEimConfiguration',
  'memoryReset',
  'executeFallback',
  'returnFromFallback',
  'enableEmergencyProfile',
  'disableEmergencyProfile',
  'immediateEnable',
] as const;
export type LocalFunction = (typeof LOCAL_FUNCTIONS)[number];

/** resetOptions of v1.2 by name, in the order of their bits. */
export const RESET_OPTIONS = [
  'deleteOperationalProfiles',
  'deleteFieldLoadedTestProfiles',
  'resetDefaultSmdpAddress',
  'deletePreLoadedTestProfiles',
  'deleteProvisioningProfiles',
  'resetEimConfigData',
  'resetImmediateEnableConfig',
] as const;
export type ResetOption = (typeof RESET_OPTIONS)[number];

/** v1.0.1 has fewer, and bits 3 and 4 mean something else. */
const RESET_BITS_1_0_1: Readonly<Partial<Record<ResetOption, number>>> = {
  deleteOperationalProfiles: 0,
  deleteFieldLoadedTestProfiles: 1,
  resetDefaultSmdpAddress: 2,
  resetEimConfigData: 3,
  resetImmediateEnableConfig: 4,
};

export interface LocalOptions {
  readonly version: IpaVersion;
  readonly refreshFlag: boolean;
  readonly memoryReset: readonly ResetOption[];
  /** EimConfigurationData one after the other, DER. */
  readonly initialEim: Uint8Array | undefined;
  readonly defects: IpadDefects;
}

export interface LocalRequest {
  readonly command: Uint8Array;
  /** Which field of the answer holds the code. */
  readonly codeTag: number;
  /** What the eIMs are told; undefined: nothing. */
  readonly cause: number | undefined;
  /** The enabled Profile may be another afterwards. */
  readonly switches: boolean;
}

/** @returns undefined where the version has no such function, or nothing is configured for it. */
export function localRequest(name: LocalFunction, options: LocalOptions): LocalRequest | undefined {
  const { version, initialEim, memoryReset, defects } = options;
  switch (name) {
    case 'addInitialEim':
      return initialEim === undefined
        ? undefined
        : {
            command: wrap(0xbf57, octets(0xa0, initialEim)),
            codeTag: 0x81,
            cause: undefined,
            switches: false,
          };
    case 'resetEimConfiguration': {
      const more: readonly ResetOption[] = defects.has('eim-reset-deletes-profiles')
        ? ['deleteOperationalProfiles']
        : [];
      return reset([...more, 'resetEimConfigData'], undefined, options);
    }
    case 'memoryReset':
      return reset(
        defects.has('memory-reset-everything') ? RESET_OPTIONS : memoryReset,
        CAUSE.reset,
        options,
      );
    case 'immediateEnable':
      return version === '1.0.1'
        ? { command: wrap(0xbf5a), codeTag: 0x80, cause: CAUSE.immediateEnableProfile, switches: true }
        : switching(0xbf5a, CAUSE.immediateEnableProfile, options);
    default:
      return version === '1.0.1' ? undefined : SWITCHES[name](options);
  }
}

const SWITCHES: Readonly<
  Record<
    'executeFallback' | 'returnFromFallback' | 'enableEmergencyProfile' | 'disableEmergencyProfile',
    (options: LocalOptions) => LocalRequest
  >
> = {
  executeFallback: (options) => switching(0xbf5d, CAUSE.fallback, options),
  returnFromFallback: (options) =>
    switching(options.defects.has('return-executes-fallback') ? 0xbf5d : 0xbf5e, CAUSE.fallback, options),
  enableEmergencyProfile: (options) =>
    switching(
      options.defects.has('emergency-functions-exchanged') ? 0xbf5c : 0xbf5b,
      CAUSE.emergencyProfile,
      options,
    ),
  disableEmergencyProfile: (options) => switching(0xbf5c, CAUSE.emergencyProfile, options),
};

const switching = (tag: number, cause: number, { refreshFlag, defects }: LocalOptions): LocalRequest => ({
  command: defects.has('refresh-flag-missing') ? wrap(tag) : wrap(tag, bool(0x80, refreshFlag)),
  codeTag: 0x80,
  cause,
  switches: true,
});

function reset(
  chosen: readonly ResetOption[],
  cause: number | undefined,
  { version, defects }: LocalOptions,
): LocalRequest {
  const old = version === '1.0.1' || defects.has('memory-reset-of-old-version');
  const bits = chosen.flatMap((option) =>
    old ? (RESET_BITS_1_0_1[option] ?? []) : RESET_OPTIONS.indexOf(option),
  );
  return {
    command: wrap(
      old ? 0xbf34 : 0xbf64,
      bitString(
        0x82,
        [...bits].sort((a, b) => a - b),
      ),
    ),
    // For the eIMs alone the eUICC tells in a field of its own.
    codeTag: cause === undefined ? 0x81 : old ? 0x02 : 0x80,
    cause,
    switches: cause !== undefined,
  };
}

/** The code in an answer, 0 for success; undefined for an answer that can not be read. */
export function localCode(request: LocalRequest, answer: Uint8Array): number | undefined {
  return read<number | undefined>(undefined, () => {
    const sent = readOne(request.command);
    const { tag, content } = readOne(answer);
    if (tag !== sent.tag) return undefined;
    // addInitialEimOk is a list, and holds no code.
    if (tag === 0xbf57 && content[0] === 0xa0) return 0;
    return readFields(content, [0x02, 0x80, 0x81, 0x82]).integer(request.codeTag);
  });
}
