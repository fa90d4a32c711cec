/** The eIM as a party of the operator: an order or a question to its management API. */
import {
  MANAGEMENT_OPERATIONS,
  type FactMap,
  type ManagementAnswer,
  type ManagementOperation,
} from '../../drivers/eim-contract.js';
import type { TextValue } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { meant } from '../protocol/did-you-mean.js';
import { evaluateData } from './evaluate.js';
import type { Scope } from './scope.js';
import type { Knowledge, Prepared } from './stage.js';
import type { ExchangeStep } from './suite.js';
import { asMap, asText, find, onlyKeys, SuiteError, type YEntry, type YMap } from './yaml/nodes.js';

export const OPERATOR_EXTRAS: readonly string[] = ['save'];

export interface OperatorParty {
  readonly knowledge: Knowledge;
  /** EID that an operation is about when it names none. */
  readonly eid: string;
  /** Handle of the last order, for `outcome: {}`. */
  lastOrder: string | undefined;
  call(operation: ManagementOperation, parameters: FactMap, signal: AbortSignal): Promise<ManagementAnswer>;
  /** Names of the facts that can come; undefined: any. */
  tells(operation: ManagementOperation): ReadonlySet<string> | undefined;
}

/** The operation that a step names. @throws {SuiteError} `unknown-operation`. */
export function operationOf(node: YMap): { operation: ManagementOperation; entry: YEntry } {
  const entry = node.entries.find((e) => !OPERATOR_EXTRAS.includes(e.key));
  if (entry === undefined) throw new SuiteError('step-shape', 'the operator orders nothing', node.place);
  onlyKeys(node, [entry.key, ...OPERATOR_EXTRAS], 'an order');
  const operation = MANAGEMENT_OPERATIONS.find((o) => o === entry.key);
  if (operation !== undefined) return { operation, entry };
  const repair = meant(entry.key, MANAGEMENT_OPERATIONS);
  throw new SuiteError('unknown-operation', `unknown operation '${entry.key}'`, entry.keyPlace, {
    expected: MANAGEMENT_OPERATIONS.join(', '),
    ...(repair === undefined ? {} : { repair }),
  });
}

/** @throws {SuiteError} for an order that can not be built. */
export function prepareOperation(party: OperatorParty, step: ExchangeStep, scope: Scope): Prepared {
  const { operation, entry } = operationOf(step.request);
  const given = evaluateData(asMap(entry.value, operation), {
    scope,
    eims: party.knowledge.eims,
  }) as FactMap;
  const save = find(step.request, 'save');
  const parameters: FactMap = {
    eid: party.eid,
    ...(operation === 'outcome' && party.lastOrder !== undefined ? { order: party.lastOrder } : {}),
    ...given,
  };
  let order: string | undefined;
  return {
    title: `${operation} ${JSON.stringify(given)}`.replace(' {}', ''),
    message: undefined,
    async send(signal) {
      checkTold(party, operation, step);
      const { accepted, facts } = await party.call(operation, parameters, signal);
      order = typeof facts['order'] === 'string' ? facts['order'] : undefined;
      if (order !== undefined) party.lastOrder = order;
      return { data: new Uint8Array(0), accepted, facts };
    },
    after: () => ({
      variables: new Map<string, TextValue>(
        save === undefined || order === undefined ? [] : [[asText(save, 'save'), order]],
      ),
    }),
  };
}

/** What the target does not map can not be asked for: the eIM is not to blame. @throws {Sgp33Error} `management-fact`. */
function checkTold(party: OperatorParty, operation: ManagementOperation, { answer }: ExchangeStep): void {
  const told = party.tells(operation);
  const accepted = answer === undefined ? undefined : find(answer, 'accepted');
  if (told === undefined || accepted?.kind !== 'map') return;
  const missing = accepted.entries.map((e) => e.key).filter((name) => !told.has(name));
  if (missing.length > 0)
    throw new Sgp33Error('management-fact', `the target does not tell ${missing.join(', ')}`, {
      place: `driver.management.operations.${operation}.answer`,
      expected: missing.join(', '),
      actual: [...told].join(', '),
      repair: 'Map it, where the eIM can tell it.',
    });
}
