/** The listener of a built-in IPAd for packages that eIMs inject (SGP.32 3.1.1.2). */
import { listenForPackages, type Device } from '../../simulators/ipad/index.js';
import { listenAt, usage } from '../arguments.js';
import { pemIn, type ServeIpadCommandOptions } from './options.js';

/** Where eIMs may bring packages; undefined where nobody asked for that. @throws {Sgp33Error} `usage`, with the option. */
export async function openInjection(
  { inject, injectTls }: ServeIpadCommandOptions,
  device: Device,
  log: (line: string) => void,
): Promise<{ readonly url: string; close(): Promise<void> } | undefined> {
  if (inject === undefined) return undefined;
  const [certificate, key] = injectTls?.split(',') ?? [];
  if (injectTls !== undefined && (certificate === undefined || key === undefined))
    throw usage('--inject-tls', 'not a certificate and a key', 'CERT.pem,KEY.pem', injectTls);
  const listener = await listenForPackages({
    at: listenAt('--inject', inject),
    device,
    log,
    ...(certificate === undefined || key === undefined
      ? {}
      : {
          tls: {
            cert: pemIn('--inject-tls', certificate),
            key: pemIn('--inject-tls', key, 'PRIVATE KEY'),
          },
        }),
  });
  const url = `${injectTls === undefined ? 'http' : 'https'}://${listener.address}`;
  return { url, close: () => listener.close() };
}
