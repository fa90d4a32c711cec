/** ProfileDownloadTriggerRequest (SGP.32 2.11.1.3, 2.11.2.3): looked at here, carried out by whoever downloads. */
import { readFields, readOne, type Tlv } from '../tlv/reader.js';
import { int, octets, wrap } from '../tlv/writer.js';
import type { IpaDefects, IpaOptions } from './options.js';
import { read } from './read-answer.js';

const ECALL_ACTIVE = 104;
const UNDEFINED_ERROR = 127;
/** ipaFeatures: the eIM knows what to download. */
const EIM_DOWNLOAD_DATA_HANDLING = 2;

/** `1$` address `$` matching id, and what may follow (SGP.22 4.1). */
const ACTIVATION_CODE = /^(?:LPA:)?1\$[^$]+\$[^$]*(?:\$[^$]*(?:\$1?)?)?$/;

/** Whether a ProfileDownloadTriggerRequest is in its format, and has what a download needs. */
export const isTrigger = (options: IpaOptions, trigger: Tlv): boolean =>
  readTrigger(options, trigger) !== undefined;

/** @returns the ProfileDownloadTriggerResult, `BF54`; undefined for a request that is not in its format. */
export async function profileDownload(
  options: IpaOptions,
  trigger: Tlv,
  defects: IpaDefects,
): Promise<Uint8Array | undefined> {
  const form = readTrigger(options, trigger);
  if (form === undefined) return undefined;
  const old = options.version === '1.0.1';
  const refused = !old && !defects.has('trigger-during-ecall') && (await options.ecallActive?.()) === true;
  const failure = (reason: number): Uint8Array => (old ? wrap(0x30) : wrap(0x30, int(0x80, reason)));
  const data = refused
    ? failure(ECALL_ACTIVE)
    : await (options.download?.(trigger.raw) ?? failure(UNDEFINED_ERROR));
  const id = defects.has('trigger-result-without-transaction-id') ? undefined : form.id;
  return wrap(0xbf54, id === undefined ? undefined : octets(0x82, id), data);
}

function readTrigger(options: IpaOptions, trigger: Tlv): { readonly id: Uint8Array | undefined } | undefined {
  return read<{ id: Uint8Array | undefined } | undefined>(undefined, () => {
    const fields = readFields(trigger.content, [0xa0, 0x82]);
    const id = fields.octets(0x82, 1, 16);
    return isUsable(fields.octets(0xa0), options) ? { id } : undefined;
  });
}

/** Without data the eIM must be one that handles them for this IPA. */
function isUsable(data: Uint8Array | undefined, { ipaCapabilities }: IpaOptions): boolean {
  if (data === undefined) return ipaCapabilities?.ipaFeatures.includes(EIM_DOWNLOAD_DATA_HANDLING) === true;
  const { tag, raw } = readOne(data);
  const arm = readFields(raw, [0x80, 0x81, 0xa2]);
  if (tag === 0x80) return ACTIVATION_CODE.test(arm.text(0x80, 0, 255) ?? '');
  return tag === 0xa2 || (tag === 0x81 && arm.flag(0x81));
}
