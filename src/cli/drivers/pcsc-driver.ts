/** A card behind a PC/SC reader. */
import type { EuiccDriver } from '../../../drivers/contract.js';
import { createEuiccDriver } from '../../../drivers/euicc-session.js';
import { openPcsc } from '../../../drivers/pcsc/open-pcsc.js';
import { targetFolder, type Target } from '../../engine/load-target.js';
import { find, onlyKeys } from '../../engine/yaml/nodes.js';
import type { DriverContext } from './driver-for-target.js';
import { personaliserOf } from './personaliser.js';
import { bytesOf, formOf, numberOf, textOf, wordOf } from './settings.js';

export const PCSC_KEYS = [
  ...[
    'kind',
    'reader',
    'eid',
    'binding',
    'protocol',
    'deadlineMs',
    'reconnectDeadlineMs',
    'isdrAid',
    'blockSize',
  ],
  ...['terminalCapability', 'personaliser'],
] as const;
export const BINDINGS = ['auto', 'pcsclite', 'ffi'] as const;
export const PCSC_PROTOCOLS = ['T=0', 'T=1', 'any'] as const;

/** @throws {SuiteError} for its keys. Opens nothing. */
export function pcscDriver(target: Target, context: DriverContext): EuiccDriver {
  const { settings } = target.driver;
  onlyKeys(settings, PCSC_KEYS, 'the driver pcsc');
  const reader = textOf(settings, 'reader');
  const expectedEid = formOf(settings, 'eid', /^[0-9]{32}$/, 'an EID of 32 digits') ?? context.eid;
  const binding = wordOf(settings, 'binding', BINDINGS);
  const protocol = wordOf(settings, 'protocol', PCSC_PROTOCOLS);
  const deadlineMs = numberOf(settings, 'deadlineMs', 1, 600_000);
  const reconnectDeadlineMs = numberOf(settings, 'reconnectDeadlineMs', 0, 600_000);
  const blockSize = numberOf(settings, 'blockSize', 1, 255);
  const isdrAid = bytesOf(settings, 'isdrAid');
  const terminalCapability =
    textOf(settings, 'terminalCapability') === 'none' ? null : bytesOf(settings, 'terminalCapability');
  const node = find(settings, 'personaliser');
  const personaliser =
    node === undefined ? undefined : personaliserOf(node, targetFolder(target, context.root));
  return createEuiccDriver(
    (bound, signal) =>
      openPcsc(
        {
          ...(reader === undefined ? {} : { reader }),
          ...(binding === undefined ? {} : { binding }),
          ...(protocol === undefined ? {} : { protocol }),
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
          ...(isdrAid === undefined ? {} : { isdrAid }),
          // A reader that is named is opened as it is, so that another card in it is told by its EID.
          ...(bound.eid === undefined || reader !== undefined ? {} : { eid: bound.eid }),
        },
        signal,
      ),
    {
      ...(expectedEid === undefined ? {} : { expectedEid }),
      ...(isdrAid === undefined ? {} : { isdrAid }),
      ...(terminalCapability === undefined ? {} : { terminalCapability }),
      ...(blockSize === undefined ? {} : { blockSize }),
      ...(reconnectDeadlineMs === undefined ? {} : { reconnectDeadlineMs }),
      ...(personaliser === undefined ? {} : { personaliser }),
    },
  );
}
