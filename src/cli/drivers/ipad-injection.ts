/** The way to an IPAd that takes packages which an eIM injects (SGP.32 3.1.1.2). */
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { EimObservation, EsipaChannel } from '../../../drivers/eim-contract.js';
import { createHttpsChannel } from '../../../drivers/eim-https/index.js';
import { Sgp33Error } from '../../protocol/errors.js';
import type { Sgp32Version } from '../../protocol/types/index.js';
import type { IpadInjectionSettings } from './ipad-settings.js';

/** Below the ports that a system gives to outgoing connections by itself. */
const [FIRST, LAST] = [20_000, 32_000];
const ATTEMPTS = 50;

export async function injectionInto(
  { url, servername, ca }: IpadInjectionSettings,
  sgp32Version: Sgp32Version,
  deadlineMs: number,
): Promise<{ channel: EsipaChannel; port: number }> {
  const place = url ?? `http://127.0.0.1:${await freePort()}`;
  const channel = createHttpsChannel({
    url: place,
    binding: 'asn1',
    sgp32Version,
    userAgent: 'gsma-rsp-eim',
    trust: ca === undefined ? { none: true } : { ca },
    ...(servername === undefined ? {} : { servername }),
    deadlineMs,
  });
  return { channel: lenient(channel), port: Number(new URL(place).port) };
}

/** Where an IPAd is a server, the headers of its answers are nothing that SGP.32 6.1 is known to speak of. */
function lenient(channel: EsipaChannel): EsipaChannel {
  return {
    transport: channel.transport,
    binding: channel.binding,
    url: channel.url,
    async exchange(request, signal): Promise<EimObservation> {
      const seen = await channel.exchange(request, signal);
      return { ...seen, findings: seen.findings.map((f) => ({ ...f, severity: 'note' })) };
    },
    close: (device) => channel.close(device),
  };
}

/** For a device that is told its port before it starts. @throws {Sgp33Error} `no-free-port`. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Sgp33Error('no-free-port', 'no port is free for the built-in IPAd', {
    expected: `a free one of 127.0.0.1:${FIRST} to ${LAST}`,
  });
}
