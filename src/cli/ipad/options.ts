/** From the options of `sgp33 serve ipad` to those of an IPAd. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createEuicc } from '../../simulators/euicc/index.js';
import {
  builtInCard,
  RESET_OPTIONS,
  socketCard,
  type CardPort,
  type IpadOptions,
} from '../../simulators/ipad/index.js';
import { count, hexBytes, listenAt, oneOf, resolution, usage } from '../arguments.js';
import { pkiDirectory } from '../load.js';
import { initialEimOf } from './initial-eim.js';
import { readerCard } from './reader-card.js';

/** As commander gives them. */
export interface ServeIpadCommandOptions {
  readonly card?: string;
  readonly reader?: string;
  readonly personalisation?: string;
  readonly cardState?: string;
  readonly pki?: string;
  readonly once?: string;
  readonly every?: string;
  readonly boot: string;
  readonly wait?: boolean;
  readonly state?: string;
  readonly sgp32Version: string;
  readonly binding: string;
  readonly transports: string;
  readonly resolve: readonly string[];
  readonly trust: readonly string[];
  readonly userAgent?: string;
  readonly resultBy: string;
  readonly bundle: boolean;
  readonly eidInResults: boolean;
  readonly notifications: string;
  readonly receiverBinding: string;
  readonly rplmn?: string;
  readonly refreshFlag: string;
  readonly rollback: boolean;
  readonly memoryReset: string;
  readonly initialEim?: string;
  readonly fallbackAfter: string;
  readonly deviceId?: string;
  readonly pollAfterChange: boolean;
  readonly inject?: string;
  readonly injectTls?: string;
  readonly terminalProfile: string;
  readonly terminalCapability?: string;
  readonly blockSize: string;
  readonly maxPackages: string;
  readonly maxBodyBytes: string;
  readonly cardDeadlineMs: string;
  readonly deadlineMs: string;
  readonly retries: string;
  readonly retryDelayMs: string;
  readonly maxRetryDelayMs: string;
  readonly maxAskedDelayMs: string;
  readonly ackTimeoutMs: string;
  readonly rollbackAfterMs: string;
  readonly defect: readonly string[];
  readonly verbose?: boolean;
}

const VERSIONS = ['1.2', '1.0.1'] as const;
/** TERMINAL PROFILE of a device whose toolkit does no REFRESH. */
const NO_REFRESH = Uint8Array.of(0, 0, 0);
const MAX_BODY = 1 << 30;

/** @throws {Sgp33Error} `usage`, with the option as the place; those of a card in this process. */
export function ipadOptionsOf(
  given: ServeIpadCommandOptions,
  log: (line: string) => void,
): Omit<IpadOptions, 'signal'> {
  return {
    version: oneOf('--sgp32-version', given.sgp32Version, VERSIONS),
    port: cardOf(given),
    binding: oneOf('--binding', given.binding, ['asn1', 'json']),
    transports: given.transports.split(',').map((name) => oneOf('--transports', name, ['https', 'coaps'])),
    resolve: Object.fromEntries(given.resolve.map(resolution)),
    authorities: given.trust.map((file) => pemIn('--trust', file)).join('\n'),
    resultBy:
      oneOf('--result-by', given.resultBy, ['provide', 'notification']) === 'provide'
        ? 'provideEimPackageResult'
        : 'handleNotification',
    bundle: given.bundle,
    eidInResults: given.eidInResults,
    notifications: oneOf('--notifications', given.notifications, ['eim', 'direct']),
    receiverBinding: oneOf('--receiver-binding', given.receiverBinding, ['json', 'asn1']),
    refreshFlag: oneOf('--refresh-flag', given.refreshFlag, ['true', 'false']) === 'true',
    rollback: given.rollback,
    memoryReset: given.memoryReset.split(',').map((name) => oneOf('--memory-reset', name, RESET_OPTIONS)),
    fallbackAfter: count('--fallback-after', given.fallbackAfter, 1000),
    pollAfterChange: given.pollAfterChange,
    blockSize: Math.max(1, count('--block-size', given.blockSize, 255)),
    maxPackages: count('--max-packages', given.maxPackages, 10_000),
    maxBodyBytes: count('--max-body-bytes', given.maxBodyBytes, MAX_BODY),
    timings: timingsOf(given),
    defects: given.defect,
    log,
    ...terminalOf(given),
    ...(given.userAgent === undefined ? {} : { userAgent: given.userAgent }),
    ...(given.rplmn === undefined ? {} : { rPLMN: plmnOf(given.rplmn) }),
    ...(given.initialEim === undefined ? {} : { initialEim: initialEimOf(given.initialEim) }),
    ...(given.deviceId === undefined ? {} : { deviceId: given.deviceId }),
    ...(given.state === undefined ? {} : { stateFile: resolve(given.state) }),
  };
}

function timingsOf(given: ServeIpadCommandOptions): NonNullable<IpadOptions['timings']> {
  return {
    deadlineMs: count('--deadline-ms', given.deadlineMs),
    retries: count('--retries', given.retries, 100),
    retryDelayMs: count('--retry-delay-ms', given.retryDelayMs),
    maxRetryDelayMs: count('--max-retry-delay-ms', given.maxRetryDelayMs),
    maxAskedDelayMs: count('--max-asked-delay-ms', given.maxAskedDelayMs),
    ackTimeoutMs: count('--ack-timeout-ms', given.ackTimeoutMs),
    rollbackAfterMs: count('--rollback-after-ms', given.rollbackAfterMs),
  };
}

function terminalOf(
  given: ServeIpadCommandOptions,
): Pick<IpadOptions, 'terminalProfile' | 'terminalCapability'> {
  const { terminalProfile: profile, terminalCapability: capability } = given;
  return {
    ...(profile === 'refresh' ? {} : { terminalProfile: profileOf(profile) }),
    ...(capability === undefined
      ? {}
      : {
          terminalCapability: capability === 'none' ? null : hexBytes('--terminal-capability', capability),
        }),
  };
}

function profileOf(profile: string): Uint8Array | null {
  if (profile === 'none') return null;
  return profile === 'no-refresh' ? NO_REFRESH : hexBytes('--terminal-profile', profile);
}

function cardOf(given: ServeIpadCommandOptions): CardPort {
  const deadlineMs = count('--card-deadline-ms', given.cardDeadlineMs);
  const { card = given.reader === undefined ? 'built-in' : undefined, reader } = given;
  if (card !== undefined && reader !== undefined)
    throw usage('--reader', 'one card is enough', '--card or --reader', 'both');
  if (reader !== undefined) return readerCard(reader, deadlineMs);
  if (card === 'built-in') return builtIn(given);
  if (card?.startsWith('tcp:') === true)
    return socketCard({ ...listenAt('--card', card.slice('tcp:'.length)), deadlineMs });
  throw usage('--card', 'not a card', 'tcp:127.0.0.1:PORT or built-in', card ?? '');
}

function builtIn({ personalisation, cardState, pki, sgp32Version }: ServeIpadCommandOptions): CardPort {
  const folder = pki === undefined ? pkiDirectory(undefined, '') : resolve(pki);
  return builtInCard(
    createEuicc({
      sgp32Version: oneOf('--sgp32-version', sgp32Version, VERSIONS),
      ...(personalisation === undefined ? {} : { personalisation: resolve(personalisation) }),
      ...(cardState === undefined ? {} : { stateFile: resolve(cardState) }),
      ...(folder === undefined ? {} : { pki: folder }),
    }),
  );
}

/** `26201` or `310260`, in the nibbles of TS 24.008. */
function plmnOf(text: string): Uint8Array {
  const [a, b, c, d, e, f = 'F'] = /^\d{5,6}$/.test(text) ? [...text] : [];
  if (e === undefined) throw usage('--rplmn', 'no network', 'MCC and MNC, 5 or 6 digits', text);
  return new Uint8Array(Buffer.from(`${b ?? ''}${a ?? ''}${f}${c ?? ''}${e}${d ?? ''}`, 'hex'));
}

/** @throws {Sgp33Error} `usage`. */
export function pemIn(place: string, file: string, label = 'CERTIFICATE'): string {
  let text: string;
  try {
    text = readFileSync(resolve(file), 'utf8');
  } catch (error) {
    const actual = `${file}: ${error instanceof Error ? error.message : String(error)}`;
    throw usage(place, 'a file that can not be read', 'a PEM file', actual);
  }
  if (text.includes(`${label}-----`)) return text;
  throw usage(place, `a file without ${label}`, 'a PEM file', file);
}
