/** Where a server is: the name that it must prove, and the address to connect to. */
import { isIP } from 'node:net';

export interface Place {
  /** For SNI, Host and the certificate; without port. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Host header and Uri-Host: with the port where it is not the usual one. */
  readonly authority: string;
}

/** `resolve` of curl: a name (with port or without) to `host:port`. */
export type Resolutions = Readonly<Record<string, string>>;

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/;

/**
 * @param fqdn as the eUICC has it; some carry a port.
 * @returns undefined for a text that names no host.
 */
export function placeOf(fqdn: string, resolve: Resolutions, standardPort: number): Place | undefined {
  const named = parse(fqdn);
  if (named === undefined) return undefined;
  const real = resolve[fqdn] ?? resolve[named.host];
  const reached = real === undefined ? named : parse(real);
  if (reached === undefined) return undefined;
  const shown = isIP(named.host) === 6 ? `[${named.host}]` : named.host;
  return {
    name: named.host,
    host: reached.host,
    port: reached.port ?? standardPort,
    authority: named.port === undefined ? shown : `${shown}:${String(named.port)}`,
  };
}

function parse(text: string): { host: string; port: number | undefined } | undefined {
  const match = ADDRESS.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (match === null || host === undefined || host.length > 253 || /[^\x21-\x7e]/.test(host))
    return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  return port !== undefined && (port < 1 || port > 65535) ? undefined : { host, port };
}
