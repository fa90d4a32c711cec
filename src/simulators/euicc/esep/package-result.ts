/** EuiccPackageResult in its three arms, and the signatures in it (SGP.32 2.11.2.1). */
import { sign as nodeSign } from 'node:crypto';
import { concat } from '../../../protocol/asn1/index.js';
import type { EuiccCore } from '../core.js';
import { Refused, SW } from '../os/status-word.js';
import { int, octets, unhex, utf8, wrap } from '../../tlv/writer.js';

export const PACKAGE_ERROR = {
  invalidEid: 3,
  replayError: 4,
  counterValueOutOfRange: 6,
  sizeOverflow: 15,
  ecallActive: 104,
} as const;

const UNDEFINED_ERROR = 127;

/** What a result repeats from its request, as elements, and how it is signed. */
export interface ResultContext {
  readonly eimId: Uint8Array;
  readonly counterValue: Uint8Array;
  readonly eimTransactionId: Uint8Array | undefined;
  /** The element `5F37` of the request: v1.0.1 signs it with the result. */
  readonly eimSignature: Uint8Array;
  /** Zero when the eIM has none. */
  readonly associationToken: number;
  readonly euiccCiPKId: string | undefined;
}

/** The association token as it goes into every signature input: `84 01 00` for an eIM without one. */
export const tokenElement = (token: number): Uint8Array => int(0x84, token);

/** @param results EuiccResultData elements. @returns the BF51, and the number under which it is to be stored. */
export function signedResult(
  core: EuiccCore,
  context: ResultContext,
  results: readonly Uint8Array[],
): { response: Uint8Array; seqNumber: number } {
  const { defects } = core;
  const shared = !defects.has('seq-number-not-shared');
  const seqNumber = defects.has('seq-number-constant') ? 1 : shared ? core.nextSeqNumber() : ownNumber(core);
  const data = wrap(
    0x30,
    core.defects.has('eim-id-of-first-eim') ? firstEimId(core, context) : context.eimId,
    defects.has('result-counter-incremented') ? incremented(context.counterValue) : context.counterValue,
    transactionId(core, context),
    int(0x83, seqNumber),
    wrap(0x30, ...(defects.has('results-reversed') ? [...results].reverse() : results)),
  );
  const signature = signData(core, context, data, 'EPR');
  const arm = [data, octets(0x5f37, signature)];
  const response = defects.has('epr-without-choice-tag')
    ? wrap(0xbf51, ...arm)
    : wrap(0xbf51, wrap(0xa0, ...arm));
  return { response, seqNumber };
}

export function signedError(core: EuiccCore, context: ResultContext, code: number): Uint8Array {
  const told = code === PACKAGE_ERROR.ecallActive && core.version === '1.0.1' ? UNDEFINED_ERROR : code;
  const data = wrap(0x30, context.eimId, context.counterValue, transactionId(core, context), int(0x02, told));
  return wrap(0xbf51, wrap(0xa1, data, octets(0x5f37, signData(core, context, data, 'EPE'))));
}

/** For a package that nobody known has signed; the token is told so that the eIM can take it up again. */
export function unsignedError(
  { defects, version }: EuiccCore,
  eimId: Uint8Array,
  eimTransactionId: Uint8Array | undefined,
  associationToken: number | undefined,
): Uint8Array {
  // v1.0.1 has no element for it.
  const echoed = version !== '1.0.1' && !defects.has('transaction-id-not-echoed-unsigned');
  const withToken = associationToken !== undefined && !defects.has('unsigned-error-without-token');
  return wrap(
    0xbf51,
    wrap(
      0xa2,
      eimId,
      echoed ? eimTransactionId : undefined,
      withToken ? tokenElement(associationToken) : undefined,
    ),
  );
}

function transactionId({ defects }: EuiccCore, context: ResultContext): Uint8Array | undefined {
  if (defects.has('transaction-id-not-echoed')) return undefined;
  const invented = defects.has('transaction-id-invented') ? octets(0x82, '00000000') : undefined;
  return context.eimTransactionId ?? invented;
}

/** Data TLV, then association token TLV; in v1.0.1 the eimSignature TLV of the request stands in its place. */
function signData(
  core: EuiccCore,
  context: ResultContext,
  data: Uint8Array,
  what: 'EPR' | 'EPE',
): Uint8Array {
  const { ecasd, defects } = core;
  const bare =
    what === 'EPR' ? defects.has('epr-signed-without-token') : defects.has('epe-signed-without-token');
  const scope = what === 'EPR' && defects.has('epr-signature-over-content') ? contentOf(data) : data;
  const second = core.version === '1.0.1' ? context.eimSignature : tokenElement(context.associationToken);
  const input = bare ? scope : concat([scope, second]);
  const ciPkId = defects.has('ci-pk-id-ignored') ? undefined : context.euiccCiPKId;
  if (what === 'EPR' && defects.has('epr-signature-der'))
    return new Uint8Array(nodeSign('sha256', input, ecasd.entryFor(ciPkId).privateKey));
  return ecasd.sign(ciPkId, input);
}

const contentOf = (element: Uint8Array): Uint8Array =>
  element.subarray((element[1] as number) < 0x80 ? 2 : 2 + ((element[1] as number) & 0x7f));

const ownNumber = ({ state }: EuiccCore): number => (state.results.at(-1)?.seqNumber ?? 0) + 1;

const firstEimId = ({ state }: EuiccCore, context: ResultContext): Uint8Array => {
  const first = state.eims[0];
  return first === undefined ? context.eimId : utf8(0x80, first.eimId);
};

function incremented(counterValue: Uint8Array): Uint8Array {
  const value = BigInt(`0x${Buffer.from(counterValue.subarray(2)).toString('hex')}`);
  return int(0x81, value + 1n);
}

/** For a result that is signed again by ProfileRollback. */
export function storedContext(stored: {
  eimId: string;
  counterValue: number;
  eimTransactionId?: string | undefined;
  eimSignature?: string | undefined;
  associationToken: number;
  euiccCiPKId?: string | undefined;
}): ResultContext {
  if (!Number.isSafeInteger(stored.counterValue)) throw new Refused(SW.noDiagnosis);
  return {
    eimId: utf8(0x80, stored.eimId),
    counterValue: int(0x81, stored.counterValue),
    eimTransactionId:
      stored.eimTransactionId === undefined ? undefined : octets(0x82, unhex(stored.eimTransactionId)),
    eimSignature: unhex(stored.eimSignature ?? ''),
    associationToken: stored.associationToken,
    euiccCiPKId: stored.euiccCiPKId,
  };
}
