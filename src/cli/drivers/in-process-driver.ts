/** The built-in eUICC in this very process. */
import { resolve } from 'node:path';
import type { EuiccDriver } from '../../../drivers/contract.js';
import { createEuiccDriver } from '../../../drivers/euicc-session.js';
import { inProcessTransport } from '../../../drivers/in-process.js';
import { targetFolder, type Target } from '../../engine/load-target.js';
import { onlyKeys } from '../../engine/yaml/nodes.js';
import { createEuicc } from '../../simulators/euicc/index.js';
import type { DriverContext } from './driver-for-target.js';
import { numberOf, textOf, wordOf } from './settings.js';

export const IN_PROCESS_KEYS = ['kind', 'personalisation', 'protocol', 'blockSize'] as const;
export const PROTOCOLS = ['T=0', 'T=1'] as const;

/** @throws {SuiteError} for its keys, {Sgp33Error} of `createEuicc`. */
export function inProcessDriver(target: Target, context: DriverContext): EuiccDriver {
  const { settings } = target.driver;
  onlyKeys(settings, IN_PROCESS_KEYS, 'the driver in-process');
  const personalisation = textOf(settings, 'personalisation');
  const protocol = wordOf(settings, 'protocol', PROTOCOLS);
  const blockSize = numberOf(settings, 'blockSize', 1, 255);
  const card = createEuicc({
    defects: context.defects,
    ...(context.defectObserver === undefined ? {} : { defectObserver: context.defectObserver }),
    ...(context.pki === undefined ? {} : { pki: context.pki }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(personalisation === undefined
      ? {}
      : { personalisation: resolve(targetFolder(target, context.root), personalisation) }),
  });
  return createEuiccDriver(inProcessTransport(card), {
    ...(blockSize === undefined ? {} : { blockSize }),
    personaliser: {
      personalise: async ({ action, parameters }) => card.applyPersonalisation(action, parameters),
    },
  });
}
