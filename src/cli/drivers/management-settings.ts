/** `driver.management` of a target: how the vendor's management API is used. Everything is checked before anything is sent. */
import { MANAGEMENT_OPERATIONS, type ManagementOperation } from '../../../drivers/eim-contract.js';
import type {
  CallMapping,
  HttpSettings,
  ManagementMapping,
  OperationMapping,
} from '../../../drivers/management/mapping.js';
import { OPERATION_SHAPES } from '../../../drivers/management/parameters.js';
import { meant } from '../../protocol/did-you-mean.js';
import {
  asList,
  asMap,
  find,
  need,
  onlyKeys,
  SuiteError,
  type YEntry,
  type YMap,
  type YNode,
} from '../../engine/yaml/nodes.js';
import { certificatesFile, identityOf } from './certificate-settings.js';
import { answerTemplate } from './management-answers.js';
import { callOf, headersOf } from './management-calls.js';
import type { Names } from './management-notation.js';
import { flagOf, numberOf, textOf, urlOf } from './settings.js';

export const MANAGEMENT_KEYS = ['http', 'operations'] as const;
export const MANAGEMENT_HTTP_KEYS = [
  'url',
  'headers',
  'trust',
  'identity',
  'servername',
  'deadlineMs',
] as const;
export const MANAGEMENT_TRUST_KEYS = ['ca', 'insecure'] as const;
export const OPERATION_KEYS = ['steps', 'answer'] as const;
const DEADLINE_MS = 10_000;
/** Stands for every operation that no other key names. */
const ALL_OTHERS = '*';

export interface MappingContext {
  /** Paths of files are relative to it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The target's settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** The base URL is known without the mapping: that of the built-in eIM. */
  readonly hasBaseUrl: boolean;
}

/** @throws {SuiteError} for each mistake, at its place. */
export function managementOf(n: YNode, context: MappingContext): ManagementMapping {
  const m = asMap(n, 'management');
  onlyKeys(m, MANAGEMENT_KEYS, 'management');
  const http = find(m, 'http');
  const written = asMap(need(m, 'operations', 'management'), 'operations');
  const settings = http === undefined ? undefined : httpSettings(asMap(http, 'http'), context);
  const entries = operationEntries(written);
  const bound = new Map<ManagementOperation, ReadonlySet<string>>();
  const operations = new Map<ManagementOperation, OperationMapping>();
  // What orders bind is known to `outcome`, which therefore comes last.
  const inOrder = [...entries].sort(([a], [b]) => Number(a === 'outcome') - Number(b === 'outcome'));
  for (const [operation, entry] of inOrder) {
    const names: Names = {
      operation,
      bound: operation === 'outcome' ? boundByAllOrders(bound) : new Set(),
      env: context.env,
      settings: new Set(Object.keys(context.settings)),
    };
    const mapping = operationOf(entry, operation, names);
    bound.set(operation, new Set(mapping.steps.flatMap((s) => s.bind.map(([name]) => name))));
    operations.set(operation, mapping);
    if (
      settings?.url === undefined &&
      !context.hasBaseUrl &&
      mapping.steps.some((s) => s.call.kind === 'http')
    )
      throw new SuiteError('missing-key', 'HTTP calls need a base URL', (http ?? m).place, {
        expected: 'management.http.url',
      });
  }
  return {
    folder: context.folder,
    settings: context.settings,
    ...(settings === undefined ? {} : { http: settings }),
    operations,
  };
}

/** Names that every order binds: `outcome` may be asked for any of them. */
function boundByAllOrders(bound: ReadonlyMap<ManagementOperation, ReadonlySet<string>>): ReadonlySet<string> {
  const orders = [...bound]
    .filter(([operation]) => OPERATION_SHAPES[operation].order)
    .map(([, names]) => names);
  const [first, ...others] = orders;
  return new Set([...(first ?? [])].filter((name) => others.every((names) => names.has(name))));
}

/** `enable, disable: ...` is both; `*` is what nobody else names. @throws {SuiteError} `unknown-operation`, `duplicate-name`. */
function operationEntries(m: YMap): Map<ManagementOperation, YEntry> {
  const found = new Map<ManagementOperation, YEntry>();
  for (const entry of m.entries) {
    if (entry.key === ALL_OTHERS) continue;
    for (const name of entry.key.split(',').map((part) => part.trim())) {
      const operation = MANAGEMENT_OPERATIONS.find((o) => o === name);
      if (operation === undefined) {
        const repair = meant(name, MANAGEMENT_OPERATIONS);
        throw new SuiteError('unknown-operation', `unknown operation '${name}'`, entry.keyPlace, {
          expected: MANAGEMENT_OPERATIONS.join(', '),
          ...(repair === undefined ? {} : { repair }),
        });
      }
      if (found.has(operation))
        throw new SuiteError('duplicate-name', `${operation} is mapped twice`, entry.keyPlace);
      found.set(operation, entry);
    }
  }
  const others = m.entries.find((e) => e.key === ALL_OTHERS);
  if (others !== undefined)
    for (const operation of MANAGEMENT_OPERATIONS) if (!found.has(operation)) found.set(operation, others);
  if (found.size === 0)
    throw new SuiteError('driver-setting', 'operations maps nothing', m.place, {
      expected: MANAGEMENT_OPERATIONS.join(', '),
    });
  return found;
}

function operationOf(entry: YEntry, operation: ManagementOperation, names: Names): OperationMapping {
  const m = asMap(entry.value, operation);
  const answer = find(m, 'answer');
  const list = find(m, 'steps');
  const bound = new Set(names.bound);
  const step = (node: YMap, others: readonly string[]): CallMapping => {
    const call = callOf(node, operation, { ...names, bound: new Set(bound) }, others);
    for (const [name] of call.bind) bound.add(name);
    return call;
  };
  if (list !== undefined) onlyKeys(m, OPERATION_KEYS, operation);
  const steps =
    list === undefined
      ? [step(m, OPERATION_KEYS)]
      : asList(list, 'steps').items.map((item) => step(asMap(item, 'a step'), []));
  const last = steps.at(-1);
  if (last === undefined) throw new SuiteError('driver-setting', 'steps is empty', list?.place ?? m.place);
  const read =
    answer === undefined ? undefined : answerTemplate(answer, 'answer', { ...names, bound }, false);
  checkAnswers(entry, operation, last, bound, read);
  return { steps, ...(read === undefined ? {} : { answer: read }) };
}

/** Facts that the tool can not do without. A command or a person may tell them as they are. */
function checkAnswers(
  entry: YEntry,
  operation: ManagementOperation,
  last: CallMapping,
  bound: ReadonlySet<string>,
  answer: OperationMapping['answer'],
): void {
  if (last.call.kind !== 'http' && answer === undefined && last.bind.length === 0) return;
  const told = new Set(answer?.kind === 'map' ? answer.entries.map(([name]) => name) : []);
  const whole = answer !== undefined && answer.kind !== 'map';
  const wanted = OPERATION_SHAPES[operation].order ? 'order' : operation === 'outcome' ? 'status' : undefined;
  if (
    wanted !== undefined &&
    !whole &&
    !told.has(wanted) &&
    !(bound.has(wanted) && (wanted === 'order' || answer === undefined))
  )
    throw new SuiteError('missing-key', `${operation} does not tell '${wanted}'`, entry.keyPlace, {
      expected: wanted === 'order' ? 'bind: { order: ... }' : 'answer: { status: ... }',
    });
  if (last.until !== undefined && last.until.from === undefined && !whole && !told.has('status'))
    throw new SuiteError(
      'missing-key',
      `until waits for a status that ${operation} does not tell`,
      entry.keyPlace,
      {
        expected: 'answer: { status: ... }, or until with from and is',
      },
    );
}

/** @throws {SuiteError} for each mistake, at its place. */
export function httpSettings(
  m: YMap,
  { folder, env, settings }: Pick<MappingContext, 'folder' | 'env' | 'settings'>,
): HttpSettings {
  onlyKeys(m, MANAGEMENT_HTTP_KEYS, 'http');
  const url = urlOf(m, 'url', ['http:', 'https:']);
  const servername = textOf(m, 'servername');
  const trust = find(m, 'trust');
  const identity = find(m, 'identity');
  return {
    ...(url === undefined ? {} : { url: url.replace(/\/+$/, '') }),
    headers: headersOf(find(m, 'headers'), {
      bound: new Set(),
      env,
      settings: new Set(Object.keys(settings)),
    }),
    ...(trust === undefined ? {} : trustOf(asMap(trust, 'trust'), folder)),
    ...(servername === undefined ? {} : { servername }),
    ...(identity === undefined ? {} : { identity: identityOf(asMap(identity, 'identity'), folder) }),
    deadlineMs: numberOf(m, 'deadlineMs', 1, 600_000) ?? DEADLINE_MS,
  };
}

function trustOf(m: YMap, folder: string): { ca: string } | { trustAll: true } | object {
  onlyKeys(m, MANAGEMENT_TRUST_KEYS, 'trust');
  const ca = find(m, 'ca');
  if (ca !== undefined) return { ca: certificatesFile(ca, folder) };
  return flagOf(m, 'insecure') === true ? { trustAll: true } : {};
}
