/** ESipa.GetEimPackage (SGP.32 5.14.5). */
import { int, hex, nothing, unhex, wrap } from '../tlv/writer.js';
import { Members } from './ber.js';
import type { EimCore } from './core.js';
import { nextOrder } from './deliver.js';
import { eidOf } from './eid.js';
import { StoreFailure } from './refusals.js';
import { stateChanged } from './state-change.js';
import { Work } from './work.js';

export const EIM_PACKAGE_ERROR = {
  noEimPackageAvailable: 1,
  eidNotFound: 2,
  invalidEid: 3,
  missingEid: 4,
  undefinedError: 127,
} as const;

/**
 * @param seen is told the EID of the device that asked.
 * @param connection on which it asks.
 * @throws {Malformed}
 */
export async function getEimPackage(
  core: EimCore,
  content: Uint8Array,
  seen: (eid: string) => void,
  connection: object | undefined,
): Promise<Uint8Array> {
  const { defects } = core;
  const request = readRequest(core, content);
  if (request.eidValue === undefined)
    return failed(core, defects.has('missing-eid-as-invalid-eid') ? 'invalidEid' : 'missingEid');
  const eid = eidOf(core, request.eidValue);
  if (eid === undefined) return failed(core, 'invalidEid');
  seen(eid);
  try {
    return await core.store.exclusively(eid, () => answer(core, eid, request, connection));
  } catch (error) {
    if (error instanceof StoreFailure) return failed(core, 'undefinedError');
    throw error;
  }
}

async function answer(
  core: EimCore,
  eid: string,
  request: Request,
  connection: object | undefined,
): Promise<Uint8Array> {
  const { defects } = core;
  const work = new Work(core);
  const device = work.device(eid);
  if (device === undefined)
    return failed(core, defects.has('unknown-eid-as-no-package') ? 'noEimPackageAvailable' : 'eidNotFound');
  if (request.reported) stateChanged(core, work, device, request.cause);
  if (request.rPLMN !== undefined && !defects.has('rplmn-forgotten')) device.rPLMN = request.rPLMN;
  const order = nextOrder(core, work, device, connection);
  await work.commit();
  if (order?.message === undefined) return failed(core, 'noEimPackageAvailable');
  return wrap(0xbf4f, unhex(order.message));
}

interface Request {
  readonly eidValue: Uint8Array | undefined;
  readonly reported: boolean;
  readonly cause: number | undefined;
  readonly rPLMN: string | undefined;
}

/** Tag 81 is the cause in v1.2, and the PLMN in v1.0.1. */
function readRequest({ version }: EimCore, content: Uint8Array): Request {
  const members = new Members(content, [0x5a, 0x80, 0x81, 0x82]);
  const first = version === '1.0.1';
  const cause = first ? undefined : members.integer(0x81);
  const rPLMN = members.content(first ? 0x81 : 0x82);
  return {
    eidValue: members.content(0x5a),
    reported: members.has(0x80) || cause !== undefined,
    cause,
    rPLMN: rPLMN?.length === 3 ? hex(rPLMN) : undefined,
  };
}

/** v1.0.1 knows no more than noEimPackageAvailable and undefinedError. */
function failed({ version, defects }: EimCore, error: keyof typeof EIM_PACKAGE_ERROR): Uint8Array {
  if (error === 'noEimPackageAvailable' && defects.has('no-package-without-error')) return nothing(0xbf4f);
  const told = version === '1.0.1' && error !== 'noEimPackageAvailable' ? 'undefinedError' : error;
  return wrap(0xbf4f, int(0x02, EIM_PACKAGE_ERROR[told]));
}
