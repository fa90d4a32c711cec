/** From what the eUICC says of an eIM to a line to it (SGP.32 2.11.1.1.1, 3.1.2). */
import type { IpadDefects } from '../defects.js';
import type { EsipaTransport } from '../options.js';
import { CoapEsipa } from './coap-esipa.js';
import type { EimEntry, TlsAnchor } from './eim-entry.js';
import type { EsipaSession } from './esipa-session.js';
import { HttpClient } from './http-client.js';
import { httpsEsipa } from './https-esipa.js';
import type { NetworkOptions } from './network-options.js';
import { placeOf, type Place } from './place.js';
import { retrying, type RetryPolicy } from './retrying.js';

const FQDN_TYPE = 2;
/** Bits of eimSupportedProtocol. */
const RETRIEVAL: Readonly<Record<EsipaTransport, number>> = { https: 0, coaps: 1 };
const PROPRIETARY = 4;
/** A defect must come to an end in a test. */
const MANY = 40;
const PORTS: Readonly<Record<EsipaTransport, number>> = { https: 443, coaps: 5684 };

/**
 * @param all every entry of the eUICC; only a defect looks at another than its own.
 * @returns the line, or why there can be none.
 */
export function connectEim(
  entry: EimEntry,
  all: readonly EimEntry[],
  options: NetworkOptions,
): EsipaSession | string {
  const { defects } = options;
  const transport = transportFor(entry, options);
  if (transport === undefined) return 'no protocol in common';
  const at = defects.has('address-of-first-eim') ? (all[0] ?? entry) : entry;
  const fqdn = fqdnOf(at, defects);
  if (fqdn === undefined) return 'neither eimFqdn nor an eimId that is one';
  const place = placeOf(fqdn, options.resolve, PORTS[transport]);
  if (place === undefined) return `no host name: ${JSON.stringify(fqdn.slice(0, 80))}`;
  const { anchor } = defects.has('anchor-of-first-eim') ? (all[0] ?? entry) : entry;
  const session = sessionOn(transport, place, anchor, options);
  return retrying(session, { policy: policyOf(options), stop: options.stop, log: options.log });
}

function policyOf({ timings, defects }: NetworkOptions): RetryPolicy {
  return {
    retries: defects.has('retries-without-end') ? MANY : defects.has('never-retried') ? 0 : timings.retries,
    delayMs: defects.has('no-back-off') ? 0 : timings.retryDelayMs,
    maxDelayMs: timings.maxRetryDelayMs,
    maxAskedMs: timings.maxAskedDelayMs,
  };
}

function fqdnOf({ eimFqdn, eimId, eimIdType }: EimEntry, defects: IpadDefects): string | undefined {
  if (eimFqdn !== undefined) return eimFqdn;
  return eimIdType === FQDN_TYPE && !defects.has('eim-id-not-taken-as-host') ? eimId : undefined;
}

/** Without a protocol of the standard the eIM is tried with the one that this device likes best. */
function transportFor(
  { protocols = [PROPRIETARY] }: EimEntry,
  { transports, defects }: NetworkOptions,
): EsipaTransport | undefined {
  if (protocols.length === 1 && protocols[0] === PROPRIETARY) return transports[0];
  if (defects.has('supported-protocol-ignored')) return transports[0];
  return transports.find((name) => protocols.includes(RETRIEVAL[name]));
}

function sessionOn(
  transport: EsipaTransport,
  place: Place,
  anchor: TlsAnchor | undefined,
  options: NetworkOptions,
): EsipaSession {
  const { authorities, timings, memory } = options;
  const trust = { anchor, authorities, name: place.name };
  const common = { ...options, place, trust, deadlineMs: timings.deadlineMs };
  if (transport === 'https') return httpsEsipa({ ...options, http: new HttpClient(common) });
  const address = `${place.host}:${String(place.port)}`;
  const session =
    memory.sessions.get(address) ?? new CoapEsipa({ ...common, ackTimeoutMs: timings.ackTimeoutMs });
  // One that was closed makes a new handshake when it is used again.
  memory.sessions.set(address, session);
  return session;
}
