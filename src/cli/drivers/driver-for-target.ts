/** The driver that a target asks for. */
import type { EuiccDriver } from '../../../drivers/contract.js';
import { Sgp33Error } from '../../protocol/errors.js';
import { meant } from '../../protocol/did-you-mean.js';
import type { Target } from '../../engine/load-target.js';
import { find, SuiteError } from '../../engine/yaml/nodes.js';
import { inProcessDriver } from './in-process-driver.js';
import { pcscDriver } from './pcsc-driver.js';

export interface DriverContext {
  readonly root: string;
  /** Folder of certificates and keys; undefined: those of the package. */
  readonly pki: string | undefined;
  /** Seeded defects, for a built-in IUT. */
  readonly defects: readonly string[];
  /** Binds the driver to this card, when the target names none. */
  readonly eid?: string;
}

type Factory = (target: Target, context: DriverContext) => EuiccDriver;

const FACTORIES: Readonly<Record<string, Factory>> = { 'in-process': inProcessDriver, pcsc: pcscDriver };

/** True for an IUT that is part of the tool. */
export const isBuiltIn = (target: Target): boolean => target.driver.kind === 'in-process';

/**
 * Makes the driver; nothing is sent before its `open`.
 * @throws {SuiteError} `unknown-driver`, `driver-setting`, `unknown-key`; {Sgp33Error} `defect-not-possible`, and those
 *   of `createEuicc`.
 */
export function driverForTarget(target: Target, context: DriverContext): EuiccDriver {
  const { kind, settings } = target.driver;
  const factory = Object.hasOwn(FACTORIES, kind) ? FACTORIES[kind] : undefined;
  if (factory === undefined) {
    const repair = meant(kind, Object.keys(FACTORIES));
    throw new SuiteError(
      'unknown-driver',
      `unknown driver '${kind}'`,
      find(settings, 'kind')?.place ?? settings.place,
      {
        expected: Object.keys(FACTORIES).join(', '),
        ...(repair === undefined ? {} : { repair }),
      },
    );
  }
  if (target.iut !== 'eUICC')
    throw new SuiteError('unknown-driver', `the driver ${kind} reaches no ${target.iut}`, settings.place, {
      expected: 'iut: eUICC',
    });
  if (context.defects.length > 0 && !isBuiltIn(target))
    throw new Sgp33Error('defect-not-possible', 'only a built-in IUT has seeded defects', {
      place: target.file,
      actual: context.defects.join(', '),
      repair: 'Leave --defect out, or start `sgp33 serve euicc --defect NAME` behind the reader.',
    });
  return factory(target, context);
}
