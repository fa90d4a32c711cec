/** `sgp33 serve ipad`: the built-in IPAd as a device of its own. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Sgp33Error } from '../../protocol/errors.js';
import { createEuicc } from '../../simulators/euicc/index.js';
import {
  builtInCard,
  Ipad,
  socketCard,
  type CardPort,
  type IpadOptions,
} from '../../simulators/ipad/index.js';
import { count, hexBytes, listenAt, oneOf, resolution, usage } from '../arguments.js';
import { readerCard } from '../ipad/reader-card.js';
import { pkiDirectory } from '../load.js';
import { print, printError } from '../output.js';

export interface ServeIpadCommandOptions {
  readonly card?: string;
  readonly reader?: string;
  readonly personalisation?: string;
  readonly cardState?: string;
  readonly pki?: string;
  readonly once?: string;
  readonly sgp32Version: string;
  readonly binding: string;
  readonly transports: string;
  readonly resolve: readonly string[];
  readonly trust: readonly string[];
  readonly terminalProfile: string;
  readonly terminalCapability?: string;
  readonly blockSize: string;
  readonly cardDeadlineMs: string;
  readonly deadlineMs: string;
  readonly retries: string;
  readonly retryDelayMs: string;
  readonly maxRetryDelayMs: string;
  readonly rollbackAfterMs: string;
  readonly defect: readonly string[];
  readonly verbose?: boolean;
}

const FAILED = 1;

/** @returns 0 when the device did what it was told; 1, with the reason on standard error, when it could not. */
export async function serveIpadCommand(given: ServeIpadCommandOptions): Promise<number> {
  const ipad = new Ipad(ipadOptionsOf(given));
  oneOf('--once', given.once ?? 'poll', ['poll']);
  try {
    await ipad.poll();
    return 0;
  } catch (error) {
    if (!(error instanceof Sgp33Error)) throw error;
    printError(`${error.message} [${error.code}]`);
    return FAILED;
  } finally {
    await ipad.close();
  }
}

/**
 * What the command line asks for.
 * @throws {Sgp33Error} `usage`, with the option as the place; those of a card in this process.
 */
export function ipadOptionsOf(given: ServeIpadCommandOptions): IpadOptions {
  return {
    version: oneOf('--sgp32-version', given.sgp32Version, ['1.2', '1.0.1']),
    port: cardOf(given),
    binding: oneOf('--binding', given.binding, ['asn1', 'json']),
    transports: given.transports.split(',').map((name) => oneOf('--transports', name, ['https', 'coaps'])),
    resolve: Object.fromEntries(given.resolve.map(resolution)),
    authorities: given.trust.map((file) => pemIn(file)).join('\n'),
    blockSize: count('--block-size', given.blockSize, 255),
    timings: {
      deadlineMs: count('--deadline-ms', given.deadlineMs),
      retries: count('--retries', given.retries, 100),
      retryDelayMs: count('--retry-delay-ms', given.retryDelayMs),
      maxRetryDelayMs: count('--max-retry-delay-ms', given.maxRetryDelayMs),
      rollbackAfterMs: count('--rollback-after-ms', given.rollbackAfterMs),
    },
    defects: given.defect,
    ...terminalOf(given),
    ...(given.verbose === true ? { log: print } : {}),
  };
}

function terminalOf(
  given: ServeIpadCommandOptions,
): Pick<IpadOptions, 'terminalProfile' | 'terminalCapability'> {
  const profile = given.terminalProfile;
  const capability = given.terminalCapability;
  return {
    ...(profile === 'refresh'
      ? {}
      : {
          terminalProfile:
            profile === 'none'
              ? null
              : profile === 'no-refresh'
                ? NO_REFRESH
                : hexBytes('--terminal-profile', profile),
        }),
    ...(capability === undefined
      ? {}
      : {
          terminalCapability: capability === 'none' ? null : hexBytes('--terminal-capability', capability),
        }),
  };
}

/** TERMINAL PROFILE of a device whose toolkit does no REFRESH. */
const NO_REFRESH = Uint8Array.of(0, 0, 0);

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
      sgp32Version: oneOf('--sgp32-version', sgp32Version, ['1.2', '1.0.1']),
      ...(personalisation === undefined ? {} : { personalisation: resolve(personalisation) }),
      ...(cardState === undefined ? {} : { stateFile: resolve(cardState) }),
      ...(folder === undefined ? {} : { pki: folder }),
    }),
  );
}

function pemIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(resolve(file), 'utf8');
  } catch (error) {
    throw usage(
      '--trust',
      'a file that can not be read',
      'a PEM file',
      `${file}: ${(error as Error).message}`,
    );
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw usage('--trust', 'a file without a certificate', 'a PEM file', file);
}
