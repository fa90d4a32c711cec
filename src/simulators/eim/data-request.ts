/** IpaEuiccDataRequest (SGP.32 2.11.1.2). */
import { bitString, int, maybe, octets, unhex, wrap } from '../tlv/writer.js';
import { newTransactionId } from './build-package.js';
import type { EimCore } from './core.js';
import type { OrderRecord } from './records.js';
import type { OrderRequest } from './types.js';
import { hex } from '../tlv/writer.js';

/** Elements that a tagList may name. The texts of v1.0.1 name ipaCapabilities 88, its module A8. */
export const DATA_TAGS: Readonly<Record<'1.0.1' | '1.2', readonly number[]>> = {
  '1.2': [0x81, 0xbf20, 0xbf22, 0x83, 0x84, 0xa5, 0xa6, 0xa8, 0xa9, 0xa0, 0xa2],
  '1.0.1': [0x80, 0xbf20, 0xbf22, 0x83, 0x84, 0xa5, 0xa6, 0x88, 0xa8, 0xa9, 0xbf2b],
};
const DEFAULT_TAG_LIST = { '1.2': '81BF20BF228384A5A6A8A9A0A2', '1.0.1': '80BF20BF228384A5A688A9BF2B' };
const EVENTS = ['install', 'enable', 'disable', 'delete'];

type DataOrder = Extract<OrderRequest, { kind: 'ipaEuiccData' }>;

/** Gives the order its bytes. */
export function buildDataRequest(core: EimCore, order: OrderRecord, request: DataOrder): void {
  const { defects, version } = core;
  const id = version === '1.2' ? newTransactionId(core) : undefined;
  order.eimTransactionId = defects.has('data-transaction-id-missing') ? undefined : id;
  const ci = defects.has('data-ci-pk-id-missing') ? undefined : request.euiccCiPKIdentifierToBeUsed;
  order.message = hex(
    wrap(
      0xbf52,
      octets(0x5c, tagList(core, request)),
      maybe(ci, (v) => octets(0x04, v)),
      ...criteria(core, request),
      maybe(order.eimTransactionId, (v) => octets(0x83, v)),
    ),
  );
}

function tagList({ defects, version }: EimCore, { tagList: ordered }: DataOrder): Uint8Array {
  const wanted = defects.has('default-tag-list-always') ? undefined : ordered;
  const list = wanted ?? DEFAULT_TAG_LIST[version];
  const eid = defects.has('eid-in-tag-list') ? '5A' : '';
  const profiles = defects.has('profile-list-in-tag-list') ? 'BF2D' : '';
  const cut = defects.has('last-tag-missing') && list.length > 2 ? list.slice(0, -2) : list;
  return unhex(`${eid}${cut}${profiles}`);
}

/** Two criteria in v1.2, one for both lists in v1.0.1. */
function criteria({ defects, version }: EimCore, request: DataOrder): (Uint8Array | undefined)[] {
  const { searchCriteriaNotification: notification, searchCriteriaEuiccPackageResult: result } = request;
  const noted = defects.has('notification-criteria-missing') ? undefined : notification;
  const event = (name: string): Uint8Array => {
    const bit = EVENTS.indexOf(name);
    return bitString(0x81, [defects.has('event-bits-reversed') ? EVENTS.length - 1 - bit : bit]);
  };
  return [
    maybe(noted, (v) =>
      wrap(0xa1, 'seqNumber' in v ? int(0x80, v.seqNumber) : event(v.profileManagementOperation)),
    ),
    defects.has('result-criteria-missing')
      ? undefined
      : maybe(result, (v) => wrap(version === '1.2' ? 0xa2 : 0xa1, int(0x80, v.seqNumber))),
  ];
}
