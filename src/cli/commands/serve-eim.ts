/** `sgp33 serve eim`: S_eIM as a server. */
import { resolve } from 'node:path';
import { OPENAPI_PATH, serveEim, type ServeEimOptions } from '../../simulators/eim/serve/index.js';
import { listenAt, oneOf, resolution, usage } from '../arguments.js';
import { pkiDirectory } from '../load.js';
import { print } from '../output.js';

export interface ServeEimCommandOptions {
  readonly https?: string;
  readonly coaps?: string;
  readonly psk?: string;
  readonly api?: string;
  readonly store?: string;
  readonly sgp32Version: string;
  readonly eimId?: string;
  readonly eimFqdn?: string;
  readonly tlsIdentity: string;
  readonly signingIdentity?: string;
  readonly pki?: string;
  readonly resolve: readonly string[];
  readonly smdpPlain?: boolean;
  readonly transactionIds: string;
  readonly http2?: boolean;
  readonly strictHost?: boolean;
  readonly defect: readonly string[];
  readonly verbose?: boolean;
}

const VERSIONS = ['1.2', '1.0.1'] as const;

/** Runs until it is interrupted; exit code 0 then, for that is how it ends. */
export async function serveEimCommand(given: ServeEimCommandOptions): Promise<number> {
  const options = serveOptionsOf(given);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const served = await serveEim(options);
    try {
      print(`S_eIM ${served.eim.eimId}, SGP.32 v${served.eim.sgp32Version}`);
      if (served.https !== undefined) print(`https ${served.https}`);
      if (served.coaps !== undefined) print(`coaps ${served.coaps}`);
      if (served.api !== undefined) print(`api ${served.api}, described at ${served.api}${OPENAPI_PATH}`);
      print(
        options.store === undefined ? 'store none: all ends with this process' : `store ${options.store}`,
      );
      await aborted(stop.signal);
    } finally {
      await served.close();
    }
    return 0;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });

/**
 * What the command line asks for.
 * @throws {Sgp33Error} `usage`, with the option as the place.
 */
export function serveOptionsOf(given: ServeEimCommandOptions): ServeEimOptions {
  const nowhere = given.https === undefined && given.coaps === undefined && given.api === undefined;
  const https = nowhere ? '127.0.0.1:8443' : given.https;
  const api = nowhere ? '127.0.0.1:8080' : given.api;
  const pki = given.pki === undefined ? pkiDirectory(undefined, '') : resolve(given.pki);
  return {
    sgp32Version: oneOf('--sgp32-version', given.sgp32Version, VERSIONS),
    transactionIds: oneOf('--transaction-ids', given.transactionIds, ['true', 'false']) === 'true',
    tlsIdentity: given.tlsIdentity,
    resolve: Object.fromEntries(given.resolve.map(resolution)),
    defects: given.defect,
    smdpPlain: given.smdpPlain ?? false,
    http2: given.http2 ?? false,
    strictHost: given.strictHost ?? false,
    ...(https === undefined ? {} : { https: listenAt('--https', https) }),
    ...(given.coaps === undefined
      ? {}
      : { coaps: { ...listenAt('--coaps', given.coaps), ...pskOf(given.psk) } }),
    ...(api === undefined ? {} : { api: listenAt('--api', api) }),
    ...(given.store === undefined ? {} : { store: resolve(given.store) }),
    ...(given.eimId === undefined ? {} : { eimId: given.eimId }),
    ...(given.eimFqdn === undefined ? {} : { eimFqdn: given.eimFqdn }),
    ...(given.signingIdentity === undefined ? {} : { signingIdentity: given.signingIdentity }),
    ...(pki === undefined ? {} : { pki }),
    ...(given.verbose === true ? { log: print } : {}),
  };
}

function pskOf(text: string | undefined): Pick<NonNullable<ServeEimOptions['coaps']>, 'psk'> {
  if (text === undefined) return {};
  const match = /^(.+):((?:[0-9A-Fa-f]{2})+)$/.exec(text);
  // The key itself is not shown: a mistyped secret is a secret still.
  if (match === null)
    throw usage('--psk', 'not an identity and a key', 'IDENTITY:KEY, the key in hex', 'something else');
  return { psk: { identity: match[1] ?? '', key: new Uint8Array(Buffer.from(match[2] ?? '', 'hex')) } };
}
