/** The devices that S_IPA plays. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isValidEid } from '../../protocol/pki/eid.js';
import {
  asList,
  asMap,
  asText,
  find,
  need,
  onlyKeys,
  SuiteError,
  type YMap,
  type YNode,
} from '../../engine/yaml/nodes.js';
import { certificatesFile, identityOf } from './certificate-settings.js';
import type { EimDeviceSettings, EimDriverSettings } from './eim-settings-types.js';
import { numberOf } from './settings.js';

export const DEVICES_KEYS = ['concurrent', 'list'] as const;
export const DEVICE_KEYS = ['eid', 'personalisation', 'certificate', 'privateKey', 'eumCertificate'] as const;
const MOST = 1000;

/** `{ concurrent: N, list: [EID, { eid, personalisation, certificate, privateKey, eumCertificate }] }` */
export function devicesOf(n: YNode | undefined, folder: string): EimDriverSettings['devices'] {
  if (n === undefined) return { concurrent: 1, list: [] };
  const m = asMap(n, 'devices');
  onlyKeys(m, DEVICES_KEYS, 'devices');
  const node = find(m, 'list');
  const list: EimDeviceSettings[] = [];
  for (const item of node === undefined ? [] : asList(node, 'list').items) {
    const device = deviceOf(item, folder);
    if (list.some(({ eid }) => eid === device.eid))
      throw new SuiteError('duplicate-name', `the device ${device.eid} stands there twice`, item.place);
    list.push(device);
  }
  const concurrent = numberOf(m, 'concurrent', 1, MOST) ?? 1;
  if (list.length > 0 && concurrent > list.length)
    throw new SuiteError(
      'driver-setting',
      'more sequences at once than there are devices',
      find(m, 'concurrent')?.place ?? m.place,
      {
        expected: `at most ${list.length}`,
        actual: String(concurrent),
      },
    );
  return { concurrent, list };
}

function deviceOf(n: YNode, folder: string): EimDeviceSettings {
  if (n.kind === 'scalar') return { eid: eidOf(n) };
  const m = asMap(n, 'a device');
  onlyKeys(m, DEVICE_KEYS, 'a device');
  const personalisation = find(m, 'personalisation');
  return {
    eid: eidOf(need(m, 'eid', 'a device')),
    ...(personalisation === undefined
      ? {}
      : { personalisation: readable(personalisation, folder, 'personalisation') }),
    ...identity(m, folder),
  };
}

function eidOf(n: YNode): string {
  const eid = asText(n, 'eid');
  if (isValidEid(eid)) return eid;
  throw new SuiteError('driver-setting', `'${eid}' is no EID`, n.place, {
    expected: '32 digits, the last two of which are check digits',
  });
}

function identity(m: YMap, folder: string): Partial<EimDeviceSettings> {
  const keys = ['certificate', 'privateKey', 'eumCertificate'];
  const there = keys.filter((key) => find(m, key) !== undefined);
  if (there.length === 0) return {};
  if (there.length < keys.length)
    throw new SuiteError('missing-key', 'the identity of a device is not whole', m.place, {
      expected: keys.join(', '),
    });
  return {
    ...identityOf(m, folder, DEVICE_KEYS),
    eumCertificate: certificatesFile(need(m, 'eumCertificate', 'a device'), folder),
  };
}

function readable(n: YNode, folder: string, what: string): string {
  const file = resolve(folder, asText(n, what));
  try {
    readFileSync(file);
    return file;
  } catch (cause) {
    throw new SuiteError('file-not-readable', `the file of ${what} can not be read`, n.place, {
      actual: cause instanceof Error ? cause.message : String(cause),
    });
  }
}
