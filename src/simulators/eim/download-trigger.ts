/** ProfileDownloadTriggerRequest (SGP.32 2.11.1.3). */
import { hex, maybe, nothing, octets, utf8, wrap } from '../tlv/writer.js';
import { newTransactionId } from './build-package.js';
import type { EimCore } from './core.js';
import type { OrderRecord } from './records.js';
import type { OrderRequest } from './types.js';

type DownloadOrder = Extract<OrderRequest, { kind: 'profileDownload' }>;

/** Gives the order its bytes. */
export function buildTrigger(core: EimCore, order: OrderRecord, request: DownloadOrder): void {
  const id = newTransactionId(core);
  order.eimTransactionId = core.defects.has('trigger-transaction-id-missing') ? undefined : id;
  const data = downloadData(core, request);
  order.message = hex(
    wrap(
      0xbf54,
      maybe(data, (v) => wrap(0xa0, v)),
      maybe(order.eimTransactionId, (v) => octets(0x82, v)),
    ),
  );
}

function downloadData({ defects }: EimCore, request: DownloadOrder): Uint8Array | undefined {
  const { activationCode: code, smdsAddress: smds } = request;
  if (code !== undefined) {
    const whole = !defects.has('activation-code-cut');
    return utf8(0x80, whole ? code : code.split('$').slice(0, 3).join('$'));
  }
  if (request.contactDefaultSmdp === true)
    return defects.has('default-smdp-as-activation-code') ? nothing(0x80) : nothing(0x81);
  if (smds === undefined) return defects.has('trigger-data-invented') ? nothing(0x81) : undefined;
  const address = smds === '' || defects.has('smds-address-missing') ? undefined : utf8(0x80, smds);
  return defects.has('contact-smds-primitive') ? utf8(0x82, smds) : wrap(0xa2, address);
}
