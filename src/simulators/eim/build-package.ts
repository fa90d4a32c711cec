/** The euiccPackageRequest: numbered, signed, and stored before anybody sees it (SGP.32 2.11.1.1, 3.3.1). */
import { createHash, randomBytes, sign } from 'node:crypto';
import { concat } from '../../protocol/asn1/index.js';
import { signEcdsa } from '../../protocol/crypto/ecdsa.js';
import { readOne } from '../tlv/reader.js';
import { hex, int, maybe, octets, utf8, wrap } from '../tlv/writer.js';
import { ECO_OPERATIONS } from './check-operations.js';
import type { EimCore } from './core.js';
import { maxCounter } from './queue.js';
import { deviceKey, type DeviceRecord, type OrderRecord } from './records.js';
import type { OrderRequest, PackageOperation } from './types.js';
import { writeOperation } from './write-operations.js';

/** The association token in a signature input: `84 01 00` when the eUICC gave none. */
export const tokenElement = (token: number | undefined): Uint8Array => int(0x84, token ?? 0);

/** 16 random bytes, hex; undefined when the eIM goes without. */
export function newTransactionId({ transactionIds, defects }: EimCore): string | undefined {
  if (!transactionIds) return undefined;
  if (defects.has('transaction-id-constant')) return '00112233445566778899AABBCCDDEEFF';
  return hex(randomBytes(defects.has('transaction-id-too-long') ? 17 : 16));
}

/**
 * Gives the order its counterValue and its bytes.
 * @returns false when the counter of that eUICC is used up; nothing changed then.
 */
export function buildPackage(core: EimCore, device: DeviceRecord, order: OrderRecord): boolean {
  const { defects } = core;
  if (order.request.kind !== 'package') throw new TypeError('not an order for a package');
  const counterValue = nextCounter(core, device);
  if (counterValue > maxCounter(core, device)) return false;
  const id = newTransactionId(core);
  const eimTransactionId = defects.has('package-transaction-id-missing') ? undefined : id;
  const signed = packageSigned(core, device, order.request, counterValue, eimTransactionId);
  const signature = octets(0x5f37, packageSignature(core, device, signed));
  const request = wrap(0xbf51, signed, signature);
  device.counterValue = counterValue;
  order.counterValue = counterValue;
  order.eimTransactionId = eimTransactionId;
  order.associationToken = device.associationToken;
  order.eimSignature = hex(signature);
  order.message = hex(defects.has('package-tag-doubled') ? wrap(0xbf51, request) : request);
  return true;
}

function nextCounter({ defects, store }: EimCore, device: DeviceRecord): number {
  const fresh = device.counterValue === device.initialCounterValue;
  const first = fresh && defects.has('counter-starts-at-configured-value');
  if (first || defects.has('counter-not-increased')) return device.counterValue;
  const last = defects.has('counter-shared-between-devices') ? greatest(store) : device.counterValue;
  return defects.has('counter-16-bit') ? (last + 1) & 0xffff : last + 1;
}

const greatest = (store: EimCore['store']): number =>
  Math.max(
    ...[...store.keys(deviceKey(''))].map(
      (key) => (JSON.parse(store.get(key) ?? '{}') as DeviceRecord).counterValue,
    ),
  );

type PackageRequest = Extract<OrderRequest, { kind: 'package' }>;

function packageSigned(
  core: EimCore,
  device: DeviceRecord,
  { operations }: PackageRequest,
  counterValue: number,
  eimTransactionId: string | undefined,
): Uint8Array {
  const { defects, eimId, eimFqdn } = core;
  const eid = defects.has('eid-nibbles-swapped') ? device.eid.replace(/(.)(.)/g, '$2$1') : device.eid;
  const transaction = maybe(eimTransactionId, (v) => octets(0x82, v));
  const late = defects.has('transaction-id-after-list');
  return wrap(
    0x30,
    utf8(0x80, defects.has('fqdn-as-eim-id') ? (eimFqdn ?? eimId) : eimId),
    octets(0x5a, eid),
    int(0x81, counterValue),
    late ? undefined : transaction,
    ...operationLists(core, operations),
    late ? transaction : undefined,
  );
}

/** A0 psmoList or A1 ecoList; both only by a defect. */
function operationLists(core: EimCore, operations: readonly PackageOperation[]): Uint8Array[] {
  const { defects } = core;
  const isEco = ({ operation }: PackageOperation): boolean => ECO_OPERATIONS.has(operation);
  const ecos = operations.filter(isEco);
  const psmos = operations.filter((operation) => !isEco(operation));
  const list = (tag: number, all: readonly PackageOperation[]): Uint8Array =>
    wrap(tag, ...arranged(core, all).map((operation) => writeOperation(core, operation)));
  const ecoTag = defects.has('eco-list-as-psmo-list') ? 0xa0 : 0xa1;
  if (ecos.length === 0) return [list(0xa0, psmos)];
  return psmos.length === 0 ? [list(ecoTag, ecos)] : [list(0xa0, psmos), list(ecoTag, ecos)];
}

function arranged({ defects }: EimCore, operations: readonly PackageOperation[]): PackageOperation[] {
  const all = [...operations];
  if (defects.has('operations-reversed')) return all.reverse();
  if (defects.has('only-first-operation')) return all.slice(0, 1);
  if (defects.has('deletions-first'))
    return all.sort((a, b) => Number(b.operation === 'delete') - Number(a.operation === 'delete'));
  return all;
}

/** 64 bytes r || s over the whole euiccPackageSigned and the association token (SGP.32 2.11.1.1). */
function packageSignature(core: EimCore, device: DeviceRecord, signed: Uint8Array): Uint8Array {
  const { defects, keys } = core;
  const scope = defects.has('signature-over-content') ? readOne(signed).content : signed;
  const token = defects.has('signature-with-zero-token') ? 0 : device.associationToken;
  const bare = defects.has('signature-without-token');
  const input = bare ? scope : concat([scope, tokenElement(token)]);
  const stale = defects.has('stale-key-after-update');
  const key = defects.has('signature-by-other-key')
    ? keys.foreignKey()
    : keys.privateKey(stale ? undefined : device.signingIdentity);
  return defects.has('signature-der') ? new Uint8Array(sign('sha256', input, key)) : signEcdsa(key, input);
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
