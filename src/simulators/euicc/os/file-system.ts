/** The few files that a terminal reads before it knows that this is an eUICC (ETSI TS 102 221 13). */
import { bytesToHex } from '../../../protocol/asn1/index.js';
import { octets, unhex, wrap } from '../../tlv/writer.js';
import { Refused, SW } from './status-word.js';

export type FileId = 'MF' | 'EF_ICCID' | 'EF_DIR';

const BY_ID: Readonly<Record<string, FileId>> = { '3F00': 'MF', '2FE2': 'EF_ICCID', '2F00': 'EF_DIR' };
const IDS: Readonly<Record<FileId, string>> = { MF: '3F00', EF_ICCID: '2FE2', EF_DIR: '2F00' };

/** USIM of the enabled Profile, by convention. */
const USIM_AID = 'A0000000871002FFFFFFFF8900000100';
const ICCID_WITHOUT_PROFILE = 'FFFFFFFFFFFFFFFFFFFF';
export const DIR_RECORD_LENGTH = 0x26;

/** By file identifier or by path from the MF; undefined: not there. */
export function fileById(data: Uint8Array): FileId | undefined {
  const path = bytesToHex(data);
  return BY_ID[path.length > 4 && path.startsWith('3F00') ? path.slice(4) : path];
}

/** @param iccid of the enabled Profile, as in its EF_ICCID. */
export const iccidFile = (iccid: string | undefined): Uint8Array => unhex(iccid ?? ICCID_WITHOUT_PROFILE);

/** The one record of EF_DIR: the USIM, while a Profile is enabled. */
export function dirRecord(number: number, hasProfile: boolean): Uint8Array {
  if (number !== 1) throw new Refused(SW.recordNotFound);
  const record = new Uint8Array(DIR_RECORD_LENGTH).fill(0xff);
  if (hasProfile) record.set(wrap(0x61, octets(0x4f, USIM_AID)));
  return record;
}

/** FCP of a file; that of the MF tells that TERMINAL CAPABILITY is supported (ETSI TS 102 221 11.1.1.4.6). */
export function fcp(file: FileId): Uint8Array {
  const common = [octets(0x83, IDS[file]), octets(0x8a, '05')];
  if (file === 'MF')
    return wrap(0x62, octets(0x82, '7821'), ...common, wrap(0xa5, octets(0x80, '71'), octets(0x87, '01')));
  const size = file === 'EF_ICCID' ? '000A' : '0026';
  return wrap(0x62, octets(0x82, file === 'EF_ICCID' ? '4121' : '4221002601'), ...common, octets(0x80, size));
}
