/** The driver that a target asks for. */
import type { EuiccDriver } from '../../../drivers/contract.js';
import type { EimDriver } from '../../../drivers/eim-contract.js';
import type { IpadDriver } from '../../../drivers/ipad-contract.js';
import type { DefectObserver } from '../../simulators/defect-set.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { meant } from '../../protocol/did-you-mean.js';
import type { Target } from '../../engine/load-target.js';
import { find, SuiteError } from '../../engine/yaml/nodes.js';
import { eimDriver } from './eim-driver.js';
import { eimInProcessDriver } from './eim-in-process-driver.js';
import { inProcessDriver } from './in-process-driver.js';
import { ipadDriver } from './ipad-driver.js';
import { pcscDriver } from './pcsc-driver.js';

export interface DriverContext {
  readonly root: string;
  /** Folder of certificates and keys; undefined: those of the package. */
  readonly pki: string | undefined;
  /** Seeded defects, for a built-in IUT. */
  readonly defects: readonly string[];
  /** Is told which of them the built-in IUT asks for; defects that it does not watch may matter at any time. */
  readonly defectObserver?: DefectObserver;
  /** Binds the driver to this card, when the target names none. */
  readonly eid?: string;
}

export type AnyDriver = EuiccDriver | IpadDriver | EimDriver;

type Factory = (target: Target, context: DriverContext) => AnyDriver;

interface Kind {
  readonly reaches: Target['iut'];
  readonly make: Factory;
  /** The IUT is always part of the tool. */
  readonly builtIn?: true;
}

const DRIVERS: Readonly<Record<string, Kind>> = {
  'in-process': { reaches: 'eUICC', make: inProcessDriver, builtIn: true },
  pcsc: { reaches: 'eUICC', make: pcscDriver },
  'eim-https': { reaches: 'eIM', make: eimDriver },
  'eim-coap': { reaches: 'eIM', make: eimDriver },
  'eim-in-process': { reaches: 'eIM', make: eimInProcessDriver, builtIn: true },
  ipad: { reaches: 'IPAd', make: ipadDriver },
};
const KINDS = Object.keys(DRIVERS);

/** True for an IUT that is part of the tool. */
export const isBuiltIn = ({ driver: { kind, settings } }: Target): boolean =>
  (Object.hasOwn(DRIVERS, kind) && DRIVERS[kind]?.builtIn === true) ||
  find(settings, 'builtIn') !== undefined;

/**
 * Makes the driver; nothing is sent before its `open`.
 * @throws {SuiteError} `unknown-driver`, `driver-setting`, `unknown-key`; {Sgp33Error} `defect-not-possible`, and those
 *   of `createEuicc`.
 */
export function driverForTarget(target: Target, context: DriverContext): AnyDriver {
  const { kind, settings } = target.driver;
  const place = find(settings, 'kind')?.place ?? settings.place;
  const driver = Object.hasOwn(DRIVERS, kind) ? DRIVERS[kind] : undefined;
  if (driver === undefined) {
    const repair = meant(kind, KINDS);
    throw new SuiteError('unknown-driver', `unknown driver '${kind}'`, place, {
      expected: KINDS.join(', '),
      ...(repair === undefined ? {} : { repair }),
    });
  }
  const { reaches, make } = driver;
  if (target.iut !== reaches)
    throw new SuiteError('unknown-driver', `the driver ${kind} reaches no ${target.iut}`, place, {
      expected: `iut: ${reaches}`,
    });
  if (context.defects.length > 0 && !isBuiltIn(target))
    throw new Sgp33Error('defect-not-possible', 'only a built-in IUT has seeded defects', {
      place: target.file,
      actual: context.defects.join(', '),
      repair: `Leave --defect out, or start \`sgp33 serve ${reaches.toLowerCase()} --defect NAME\` as the IUT.`,
    });
  return make(target, context);
}
