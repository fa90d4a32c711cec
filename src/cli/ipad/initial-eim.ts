/** The eIMs that a device is given in its own configuration: EimConfigurationData in a file (SGP.32 3.5.2). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { TlvHeader } from '../../protocol/asn1/tlv.js';
import { usage } from '../arguments.js';

const SEQUENCE = 0x30;

/**
 * @param given a file with DER, hex or base64 of one EimConfigurationData or of several behind each other; or the hex
 *   itself, after `hex:`.
 * @throws {Sgp33Error} `usage`.
 */
export function initialEimOf(given: string): Uint8Array {
  const data = given.startsWith('hex:') ? fromText(given.slice('hex:'.length)) : fromFile(given);
  if (data !== undefined && isListOfSequences(data)) return data;
  throw usage(
    '--initial-eim',
    'no EimConfigurationData',
    'DER, hex or base64 that begins with 30',
    given.slice(0, 80),
  );
}

function fromFile(file: string): Uint8Array | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(file));
  } catch (error) {
    const actual = `${file}: ${error instanceof Error ? error.message : String(error)}`;
    throw usage('--initial-eim', 'a file that can not be read', 'EimConfigurationData', actual);
  }
  return bytes[0] === SEQUENCE && !/^[0-9A-Fa-f\s]+$/.test(bytes.toString('latin1'))
    ? new Uint8Array(bytes)
    : fromText(bytes.toString('latin1'));
}

function fromText(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '');
  if (/^(?:[0-9A-Fa-f]{2})+$/.test(digits)) return new Uint8Array(Buffer.from(digits, 'hex'));
  return /^[0-9A-Za-z+/]+=*$/.test(digits) ? new Uint8Array(Buffer.from(digits, 'base64')) : undefined;
}

function isListOfSequences(data: Uint8Array): boolean {
  const header = new TlvHeader();
  let at = 0;
  while (at < data.length) {
    if (!header.read(data, at, data.length) || header.fault !== 'none' || header.tag !== SEQUENCE)
      return false;
    at = header.end;
  }
  return at > 0;
}
