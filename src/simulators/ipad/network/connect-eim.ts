/** From what the eUICC says of an eIM to a line to it (SGP.32 2.11.1.1.1, 3.1.2). */
import type { IpaVersion } from '../../ipa/index.js';
import type { IpadDefects } from '../defects.js';
import type { EsipaTransport, IpadTimings } from '../options.js';
import type { EimEntry } from './eim-entry.js';
import type { EsipaSession } from './esipa-session.js';
import { HttpClient } from './http-client.js';
import { httpsEsipa } from './https-esipa.js';
import { placeOf, type Place, type Resolutions } from './place.js';
import { retrying } from './retrying.js';

export interface NetworkOptions {
  readonly version: IpaVersion;
  readonly binding: 'asn1' | 'json';
  readonly transports: readonly EsipaTransport[];
  readonly resolve: Resolutions;
  readonly authorities: string;
  readonly userAgent: string;
  readonly maxBodyBytes: number;
  readonly timings: IpadTimings;
  readonly defects: IpadDefects;
  readonly log: (line: string) => void;
  readonly stop: AbortSignal;
}

const FQDN_TYPE = 2;
/** Bits of eimSupportedProtocol. */
const RETRIEVAL: Readonly<Record<EsipaTransport, number>> = { https: 0, coaps: 1 };
const PROPRIETARY = 4;
const PORTS: Readonly<Record<EsipaTransport, number>> = { https: 443, coaps: 5684 };

/** @returns the line, or why there can be none. */
export function connectEim(entry: EimEntry, options: NetworkOptions): EsipaSession | string {
  const transport = transportFor(entry, options.transports);
  if (transport === undefined) return 'no protocol in common';
  const fqdn = entry.eimFqdn ?? (entry.eimIdType === FQDN_TYPE ? entry.eimId : undefined);
  if (fqdn === undefined) return 'neither eimFqdn nor an eimId that is one';
  const place = placeOf(fqdn, options.resolve, PORTS[transport]);
  if (place === undefined) return `no host name: ${JSON.stringify(fqdn.slice(0, 80))}`;
  const { timings, stop, log } = options;
  const policy = {
    retries: timings.retries,
    delayMs: timings.retryDelayMs,
    maxDelayMs: timings.maxRetryDelayMs,
  };
  return retrying(sessionOn(place, entry, options), { policy, stop, log });
}

/** Without a protocol of the standard the eIM is tried with the one that this device likes best. */
function transportFor(
  { protocols = [PROPRIETARY] }: EimEntry,
  transports: readonly EsipaTransport[],
): EsipaTransport | undefined {
  if (protocols.length === 1 && protocols[0] === PROPRIETARY) return transports[0];
  return transports.find((name) => protocols.includes(RETRIEVAL[name]));
}

function sessionOn(place: Place, { anchor }: EimEntry, options: NetworkOptions): EsipaSession {
  const { authorities, timings, stop } = options;
  const trust = { anchor, authorities, name: place.name };
  const http = new HttpClient({ ...options, place, trust, deadlineMs: timings.deadlineMs, stop });
  return httpsEsipa({ ...options, http });
}
