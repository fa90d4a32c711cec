/** ESipa in the ASN.1 binding: one message in, at most one out (SGP.32 6.3). */
import { Malformed } from '../tlv/reader.js';
import { int, wrap } from '../tlv/writer.js';
import { oneElement } from './ber.js';
import type { EimCore } from './core.js';
import { getEimPackage } from './get-eim-package.js';
import { handleNotification } from './handle-notification.js';
import { provideEimPackageResult } from './provide-eim-package-result.js';
import { EsipaRefusal } from './refusals.js';

/** The device that asked last over a connection. */
export type Connections = WeakMap<object, string>;

/** @throws {EsipaRefusal} `esipa-malformed`, `esipa-unknown-function`; {StoreFailure}. */
export async function handleEsipa(
  core: EimCore,
  connections: Connections,
  message: Uint8Array,
  connection: object | undefined,
): Promise<Uint8Array | undefined> {
  const polled = connection === undefined ? undefined : connections.get(connection);
  try {
    const { tag, content } = oneElement(message);
    switch (tag) {
      case 0xbf4f:
        return await getEimPackage(
          core,
          content,
          (eid) => {
            if (connection !== undefined) connections.set(connection, eid);
          },
          connection,
        );
      case 0xbf50:
        return await provideEimPackageResult(core, content, polled);
      case 0xbf3d:
        return await handleNotification(core, content, polled);
      default:
        return notOffered(core, tag);
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new EsipaRefusal('esipa-malformed', 'not an ESipa message', {
      actual: `${message.length} bytes: ${error.message}`,
      cause: error,
    });
  }
}

/** Indirect download is not offered: each of its functions is answered with undefinedError, or what comes nearest. */
function notOffered({ version }: EimCore, tag: number): Uint8Array {
  const first = version === '1.2' ? 127 : 1;
  const answers: Readonly<Record<number, Uint8Array>> = {
    0xbf39: int(0x81, first),
    0xbf3b: int(0x82, 127),
    0xbf3a: int(0x81, 127),
    0xbf41: int(0x81, 127),
  };
  const answer = answers[tag];
  if (answer === undefined)
    throw new EsipaRefusal('esipa-unknown-function', 'no function that an IPA calls', {
      actual: tag.toString(16).toUpperCase(),
    });
  return wrap(tag, answer);
}
