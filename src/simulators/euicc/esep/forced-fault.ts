/** Faults that a terminal can not bring about: the personaliser asks for them, the next package meets them. */
import { int, utf8, wrap } from '../../tlv/writer.js';
import type { EuiccCore } from '../core.js';
import { signedError, type ResultContext } from './package-result.js';

const UNDEFINED_ERROR = 127;

/** How an operation tells a code, by its tag; what is not here has none. */
const PSMO_RESULT: ReadonlyMap<number, (code: number) => Uint8Array> = new Map([
  [0xa3, (code) => int(0x83, code)],
  [0xa4, (code) => int(0x84, code)],
  [0xa5, (code) => int(0x85, code)],
  [0xbf2d, (code) => wrap(0xbf2d, int(0x81, code))],
  [0xa7, (code) => int(0x87, code)],
  [0xa8, (code) => int(0x8d, code)],
  [0xa9, (code) => int(0x8e, code)],
  [0xbf65, (code) => wrap(0xbf65, int(0x80, code))],
]);
const ECO_RESULT: typeof PSMO_RESULT = new Map([
  [0xa8, (code) => wrap(0xa8, int(0x02, code))],
  [0xa9, (code) => int(0x89, code)],
  [0xaa, (code) => int(0x8a, code)],
  [0xab, (code) => wrap(0xab, int(0x81, code))],
]);

/**
 * The result of `fail-next-operation`, when it is this operation's turn. The operation itself does not run.
 * @param count operations of this package that ran before.
 */
export function forcedResult(
  { state }: EuiccCore,
  kind: 'psmoList' | 'ecoList',
  tag: number,
  count: number,
): Uint8Array | undefined {
  const fault = state.failOperation;
  if (fault === undefined || fault.after !== count) return undefined;
  delete state.failOperation;
  const write = (kind === 'psmoList' ? PSMO_RESULT : ECO_RESULT).get(tag);
  const terminated = fault.processingTerminated || write === undefined;
  return terminated ? int(0x02, fault.code) : write(fault.code);
}

/** The answer of `fail-next-package` to a package that all checks let pass; nothing of it runs. */
export function forcedPackageError(
  core: EuiccCore,
  context: ResultContext,
  eimId: string,
): Uint8Array | undefined {
  const { state } = core;
  const fault = state.failPackage;
  if (fault === undefined) return undefined;
  delete state.failPackage;
  if (!fault.unsigned) return signedError(core, context, fault.code ?? UNDEFINED_ERROR);
  return wrap(
    0xbf51,
    wrap(
      0xa2,
      utf8(0x80, eimId),
      core.version === '1.0.1' ? undefined : context.eimTransactionId,
      context.associationToken === 0 ? undefined : int(0x84, context.associationToken),
      // euiccPackageUnsignedErrorCode of v1.3.
      fault.code === undefined ? undefined : int(0x8f, fault.code),
    ),
  );
}
