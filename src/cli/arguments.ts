/** Values of options on the command line. */
import { meant } from '../protocol/did-you-mean.js';
import { Sgp33Error } from '../protocol/errors.js';

/** `HOST:PORT`, or a port alone on 127.0.0.1. @throws {Sgp33Error} `usage`, with the option as the place. */
export function listenAt(place: string, text: string): { host: string; port: number } {
  const match = /^(?:(\[[0-9A-Fa-f:.]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65535)
    throw usage(place, 'not an address', 'HOST:PORT, such as 127.0.0.1:8443', text);
  return { host: match[1]?.replace(/[[\]]/g, '') ?? '127.0.0.1', port };
}

/** `NAME=HOST:PORT` of `--resolve`. @throws {Sgp33Error} `usage`. */
export function resolution(text: string): [string, string] {
  const match = /^([^=]+)=([^=]+:\d{1,5})$/.exec(text);
  if (match === null)
    throw usage('--resolve', 'not a name and an address', 'smdp.example.com=127.0.0.1:8444', text);
  return [match[1] ?? '', match[2] ?? ''];
}

/** @throws {Sgp33Error} `usage` for a word that is none of them. */
export function oneOf<T extends string>(place: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  const repair = meant(text, known);
  throw usage(place, `'${text}' is not possible here`, known.join(' or '), text, repair);
}

export const usage = (
  place: string,
  what: string,
  expected: string,
  actual: string,
  repair?: string,
): Sgp33Error =>
  new Sgp33Error('usage', what, { place, expected, actual, ...(repair === undefined ? {} : { repair }) });

/** A number of milliseconds or the like. @throws {Sgp33Error} `usage`. */
export function count(place: string, text: string, max = 86_400_000): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value <= max) return value;
  throw usage(place, 'not a number', `a whole number up to ${String(max)}`, text);
}

/** @throws {Sgp33Error} `usage`. */
export function hexBytes(place: string, text: string): Uint8Array {
  if (/^(?:[0-9A-Fa-f]{2})+$/.test(text)) return new Uint8Array(Buffer.from(text, 'hex'));
  throw usage(place, 'not hex', 'pairs of hexadecimal digits', text);
}
