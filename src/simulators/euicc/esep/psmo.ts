/** The Profile state management operations of a package (SGP.32 2.11.1.1.3, 5.13). */
import { setDefaultDpAddress } from '../es10/addresses.js';
import { ratEntries } from '../es10/information.js';
import { configureImmediateEnable } from '../es10/immediate-enable.js';
import { profileInfoList } from '../es10/profile-info.js';
import { Malformed, must, readElements, readFields, type Tlv } from '../../tlv/reader.js';
import { hex, int, wrap } from '../../tlv/writer.js';
import { toldCode } from '../version.js';
import { setFallbackAttribute, unsetFallbackAttribute } from './fallback-attribute.js';
import type { OperationResult, PackageRun } from './package-run.js';
import { deleteProfile, disable, enable } from './profile-operations.js';

/** setFallbackAttribute, unsetFallbackAttribute, setDefaultDpAddress. */
const SINCE_V1_1 = [0xa8, 0xa9, 0xbf65];

/** @throws {Malformed} for an operation that is unknown, damaged, or not allowed at its place. */
export function executePsmo(run: PackageRun, operation: Tlv): OperationResult {
  const { core } = run;
  const { tag, content } = operation;
  const result = (resultTag: number, code: number): OperationResult => ({
    element: int(resultTag, toldCode(core.version, resultTag, code)),
    ok: code === 0,
  });
  if (core.version === '1.0.1' && SINCE_V1_1.includes(tag)) throw new Malformed('unknown PSMO');
  switch (tag) {
    case 0xa3: {
      const fields = readFields(content, [0x5a, 0x05]);
      const iccid = hex(must(fields.octets(0x5a, 10, 10)));
      if (++run.enables > 1 && !core.defects.has('two-enables-accepted'))
        throw new Malformed('a second enable');
      return result(0x83, enable(run, iccid, fields.flag(0x05)));
    }
    case 0xa4: {
      const iccid = iccidOf(content);
      if (++run.disables > 1) throw new Malformed('a second disable');
      return result(0x84, disable(run, iccid));
    }
    case 0xa5:
      return result(0x85, deleteProfile(run, iccidOf(content)));
    case 0xbf2d: {
      const changed = run.busy || (run.changed && !core.defects.has('list-after-change-allowed'));
      const list = profileInfoList(core, content, changed);
      return { element: list.response, ok: list.ok };
    }
    case 0xa6:
      readElements(content);
      return { element: wrap(0xa6, ...ratEntries(core)), ok: true };
    case 0xa7:
      return result(0x87, configureImmediateEnable(core, content, 7));
    case 0xa8:
      return result(0x8d, setFallbackAttribute(core, iccidOf(content)));
    case 0xa9:
      readElements(content);
      return result(0x8e, unsetFallbackAttribute(core));
    case 0xbf65:
      return { element: setDefaultDpAddress(core, operation), ok: true };
    default:
      throw new Malformed('unknown PSMO');
  }
}

const iccidOf = (content: Uint8Array): string => hex(must(readFields(content, [0x5a]).octets(0x5a, 10, 10)));
