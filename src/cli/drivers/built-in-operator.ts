/** The management API of the built-in eIM, called in this process: what a REST call would say, without the way there. */
import type {
  FactMap,
  Facts,
  ManagementAnswer,
  ManagementApi,
  ManagementOperation,
} from '../../../drivers/eim-contract.js';
import { MANAGEMENT_OPERATIONS } from '../../../drivers/eim-contract.js';
import type { TraceEvent } from '../../../drivers/contract.js';
import { Sgp33Error } from '../../protocol/errors.js';
import {
  EimRefusal,
  type EimOperator,
  type NewDevice,
  type OrderRequest,
  type PackageOperation,
} from '../../simulators/eim/index.js';

export interface BuiltInOperatorOptions {
  /** Asked for with each call: a restart makes a new one. */
  readonly operator: () => EimOperator;
  /** Without it `restart` is no operation of this eIM: all that it knows would be gone. */
  readonly restart?: () => Promise<void>;
}

const ENDS: readonly string[] = ['done', 'failed'];
/** Milliseconds between two looks at an order that is not where it is wanted. */
const POLL_MS = 20;
const POLL_DEADLINE_MS = 300;

export function builtInOperator(options: BuiltInOperatorOptions): ManagementApi {
  return {
    operations: new Set(
      MANAGEMENT_OPERATIONS.filter((o) => o !== 'restart' || options.restart !== undefined),
    ),
    async call(operation, parameters, signal): Promise<ManagementAnswer> {
      const events: TraceEvent[] = [];
      const note = (kind: 'api-request' | 'api-response', content: unknown): void => {
        events.push({ at: performance.now(), kind, text: JSON.stringify(content) });
      };
      note('api-request', { operation, parameters });
      try {
        const facts = await perform(options, operation, parameters, signal);
        note('api-response', facts);
        return { accepted: true, facts, events };
      } catch (error) {
        if (!(error instanceof EimRefusal)) throw error;
        const facts = { reason: error.code, message: error.message };
        note('api-response', facts);
        return { accepted: false, facts, events };
      }
    },
    close: async () => {},
  };
}

async function perform(
  { operator, restart }: BuiltInOperatorOptions,
  operation: ManagementOperation,
  p: FactMap,
  signal: AbortSignal | undefined,
): Promise<FactMap> {
  const eid = text(p, 'eid') ?? '';
  switch (operation) {
    case 'addDevice': {
      const device: NewDevice = {
        eid,
        eumCertificate: text(p, 'eumCertificate'),
        euiccCertificate: text(p, 'euiccCertificate'),
        associationToken: number(p, 'associationToken'),
        counterValue: number(p, 'counterValue'),
        maxCounterValue: number(p, 'maxCounterValue'),
      };
      return factsOf(await operator().addDevice(device));
    }
    case 'removeDevice':
      await operator().removeDevice(eid);
      return {};
    case 'device':
      return factsOf(await operator().device(eid));
    case 'exportEimConfiguration':
      return { eimConfigurationData: operator().eimConfiguration().der };
    case 'restart':
      if (restart === undefined)
        throw new Sgp33Error('operation-not-mapped', 'an eIM in this process is not restarted', {
          repair: 'Use a target that serves the built-in eIM, such as builtin-eim.',
        });
      await restart();
      return {};
    case 'outcome':
      return outcome(operator, p, signal);
    default: {
      const order = await operator().order(eid, orderOf(operation, p));
      return { ...factsOf(order), order: order.id };
    }
  }
}

/** Waits for the status that is wanted, or for an end. */
async function outcome(
  operator: () => EimOperator,
  p: FactMap,
  signal: AbortSignal | undefined,
): Promise<FactMap> {
  const wanted = p['wanted'] === undefined ? ENDS : [p['wanted']].flat().map(String);
  const until = Date.now() + POLL_DEADLINE_MS;
  for (;;) {
    const view = await operator().orderView(text(p, 'order') ?? '');
    // An order that is at its end will not come to another status.
    const there = wanted.includes(view.status) || ENDS.includes(view.status);
    if (there || Date.now() > until || signal?.aborted === true) return factsOf(view);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function orderOf(operation: ManagementOperation, p: FactMap): OrderRequest {
  const rest = without(p, 'eid');
  switch (operation) {
    case 'package':
      return {
        kind: 'package',
        operations: list(p, 'operations').map((o) => operationOf(text(o, 'operation') ?? '', o)),
      };
    case 'ipaEuiccData':
      return { kind: 'ipaEuiccData', ...numbersIn(rest) };
    case 'profileDownload':
      return {
        kind: 'profileDownload',
        activationCode: text(p, 'activationCode'),
        contactDefaultSmdp: flag(p, 'contactDefaultSmdp'),
        smdsAddress: text(p, 'smdsAddress'),
      };
    default:
      return { kind: 'package', operations: [operationOf(operation, rest)] };
  }
}

/** Flags and numbers by name; everything else is text already. */
function operationOf(operation: string, p: FactMap): PackageOperation {
  const rest = without(p, 'operation');
  const eim = rest['eim'];
  return {
    operation,
    ...rest,
    ...(rest['rollbackFlag'] === undefined ? {} : { rollbackFlag: rest['rollbackFlag'] === 'true' }),
    ...(rest['immediateEnableFlag'] === undefined
      ? {}
      : { immediateEnableFlag: rest['immediateEnableFlag'] === 'true' }),
    ...(isMap(eim) ? { eim: eimOf(eim) } : {}),
  } as unknown as PackageOperation;
}

const eimOf = (m: FactMap): object => ({
  ...m,
  ...(m['counterValue'] === undefined ? {} : { counterValue: number(m, 'counterValue') }),
  ...(m['associationToken'] === undefined ? {} : { associationToken: number(m, 'associationToken') }),
  ...(m['indirectProfileDownload'] === undefined
    ? {}
    : { indirectProfileDownload: m['indirectProfileDownload'] === 'true' }),
});

/** `seqNumber` of search criteria. */
const numbersIn = (m: FactMap): object =>
  Object.fromEntries(
    Object.entries(m).map(([k, v]) => [
      k,
      isMap(v) ? numbersIn(v) : k === 'seqNumber' && typeof v === 'string' ? Number(v) : v,
    ]),
  );

const without = (m: FactMap, key: string): FactMap =>
  Object.fromEntries(Object.entries(m).filter(([k]) => k !== key));

const isMap = (f: Facts | undefined): f is FactMap => typeof f === 'object' && !Array.isArray(f);
const text = (m: FactMap, key: string): string | undefined => {
  const value = m[key];
  return typeof value === 'string' ? value : undefined;
};
const number = (m: FactMap, key: string): number | undefined => {
  const value = text(m, key);
  return value === undefined ? undefined : Number(value);
};
const flag = (m: FactMap, key: string): boolean | undefined => {
  const value = text(m, key);
  return value === undefined ? undefined : value === 'true';
};
function list(m: FactMap, key: string): readonly FactMap[] {
  const value = m[key];
  if (Array.isArray(value) && (value as readonly Facts[]).every(isMap)) return value as readonly FactMap[];
  throw new Sgp33Error('management-parameter', `'${key}' must be a list of operations`, { place: key });
}

/** Plain JSON as facts: numbers and flags as text, what is undefined left out. */
export function factsOf(value: object): FactMap {
  const walk = (v: unknown): Facts | undefined => {
    if (v === undefined || v === null) return undefined;
    if (Array.isArray(v)) return v.map(walk).filter((x) => x !== undefined);
    if (typeof v === 'object')
      return Object.fromEntries(
        Object.entries(v)
          .map(([k, x]) => [k, walk(x)] as const)
          .filter((e): e is readonly [string, Facts] => e[1] !== undefined),
      );
    return typeof v === 'string' ? v : JSON.stringify(v);
  };
  return walk(value) as FactMap;
}
