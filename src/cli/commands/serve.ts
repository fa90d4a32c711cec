/** `sgp33 serve euicc`: S_eUICC as a card in a virtual PC/SC reader. */
import { resolve } from 'node:path';
import { meant } from '../../protocol/did-you-mean.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { serveEuicc } from '../../simulators/euicc/index.js';
import { PROTOCOLS } from '../drivers/in-process-driver.js';
import { pkiDirectory } from '../load.js';
import { print } from '../output.js';

export interface ServeEuiccOptions {
  readonly vpcd: string;
  readonly protocol?: string;
  readonly state?: string;
  readonly control?: string;
  readonly personalisation?: string;
  readonly pki?: string;
  readonly defect: readonly string[];
}

/** Runs until the reader goes away (exit code 0) or it is interrupted (0 too: that is how it ends). */
export async function serveEuiccCommand(options: ServeEuiccOptions): Promise<number> {
  const protocol = protocolOf(options.protocol);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const pki = options.pki === undefined ? pkiDirectory(undefined, '') : resolve(options.pki);
  try {
    const served = await serveEuicc({
      vpcd: options.vpcd,
      defects: options.defect,
      signal: stop.signal,
      ...(protocol === undefined ? {} : { protocol }),
      ...(pki === undefined ? {} : { pki }),
      ...(options.state === undefined ? {} : { stateFile: resolve(options.state) }),
      ...(options.control === undefined ? {} : { control: options.control }),
      ...(options.personalisation === undefined ? {} : { personalisation: resolve(options.personalisation) }),
    });
    print(`S_eUICC ${served.eid} is in the reader at ${served.vpcd}`);
    if (served.control !== undefined) print(`control ${served.control}`);
    await served.closed;
    return 0;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function protocolOf(text: string | undefined): (typeof PROTOCOLS)[number] | undefined {
  if (text === undefined) return undefined;
  const protocol = PROTOCOLS.find((p) => p === text);
  if (protocol !== undefined) return protocol;
  const repair = meant(text, PROTOCOLS);
  throw new Sgp33Error('usage', `'${text}' is no protocol`, {
    place: '--protocol',
    expected: PROTOCOLS.join(' or '),
    ...(repair === undefined ? {} : { repair }),
  });
}
