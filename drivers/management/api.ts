/** The interpreter of a mapping. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Sgp33Error } from '../../src/protocol/errors.js';
import type { FactMap, ManagementAnswer, ManagementApi, ManagementOperation } from '../eim-contract.js';
import { checkFacts } from './check-facts.js';
import type { CallAnswer, CallContext } from './call.js';
import { callCommand } from './command-call.js';
import { environmentNames, EventRecorder, hider } from './events.js';
import type { Value } from './filters.js';
import { httpCaller, type HttpCaller } from './http-call.js';
import type { CallMapping, ManagementMapping, OperationMapping } from './mapping.js';
import { OPERATION_SHAPES } from './parameters.js';
import { isDone, pauseBeforeNext, pollOf, timedOut } from './poll.js';
import { askAtTerminal, callPrompt, type AskPerson } from './prompt-call.js';
import { answeredValue, readAnswer } from './read-answer.js';
import type { Scope } from './render.js';
import { judgeAnswer } from './refusal.js';

export interface ManagementContext {
  /** Base URL of HTTP calls where the mapping names none. */
  readonly url?: string;
  /** Values of `{env.NAME}`; by default those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the driver was opened, for `at` of the events. */
  readonly now?: () => number;
  /** Asks a person; by default at the terminal. */
  readonly ask?: AskPerson;
}

/** What an order bound, for its `outcome`; the oldest are forgotten. */
const REMEMBERED = 20_000;

/** Nothing is sent before the first call. */
export function createManagementApi(
  mapping: ManagementMapping,
  context: ManagementContext = {},
): ManagementApi {
  const start = performance.now();
  const now = context.now ?? ((): number => performance.now() - start);
  const http = httpCaller(mapping.http, context.url);
  const env = context.env ?? process.env;
  const hide = hider(environmentNames(mapping).map((name) => env[name] ?? ''));
  const orders = new Map<string, Readonly<Record<string, Value>>>();
  return {
    operations: new Set(mapping.operations.keys()),
    tells: (operation) => namesTold(mapping.operations.get(operation)),
    async call(operation, parameters, signal) {
      const mapped = mapping.operations.get(operation);
      if (mapped === undefined)
        throw new Sgp33Error('operation-not-mapped', `the target does not map ${operation}`, {
          expected: [...mapping.operations.keys()].join(', '),
          repair: `Add ${operation} to driver.management.operations of the target.`,
        });
      const recorder = new EventRecorder(now, hide);
      const bound: Record<string, Value> = {};
      const order = parameters['order'];
      const remembered = typeof order === 'string' ? (orders.get(order) ?? {}) : {};
      const common = {
        operation,
        parameters,
        uuid: randomUUID(),
        env: env as Value,
        settings: mapping.settings ?? {},
      };
      const run: Run = {
        operation,
        parameters,
        mapped,
        scope: [bound, parameters, remembered, common],
        bound,
        recorder,
        signal,
        http,
        folder: mapping.folder ?? process.cwd(),
        ask: context.ask ?? askAtTerminal,
      };
      try {
        const answer = await runSteps(run);
        const made = answer.facts['order'];
        if (answer.accepted && OPERATION_SHAPES[operation].order && typeof made === 'string') {
          orders.set(made, { ...bound, ordered: operation, eid: parameters['eid'] ?? '' });
          if (orders.size > REMEMBERED) for (const [oldest] of orders) if (orders.delete(oldest)) break;
        }
        return answer;
      } catch (error) {
        if (error instanceof Sgp33Error) Object.assign(error, { events: recorder.events });
        throw error;
      }
    },
    close: () => http.close(),
  };
}

interface Run {
  readonly operation: ManagementOperation;
  readonly parameters: FactMap;
  readonly mapped: OperationMapping;
  readonly scope: Scope;
  readonly bound: Record<string, Value>;
  readonly recorder: EventRecorder;
  readonly signal: AbortSignal | undefined;
  readonly http: HttpCaller;
  readonly folder: string;
  readonly ask: AskPerson;
}

async function runSteps(run: Run): Promise<ManagementAnswer> {
  const { mapped, operation, recorder } = run;
  let facts: FactMap = {};
  for (const [index, step] of mapped.steps.entries()) {
    const last = index === mapped.steps.length - 1;
    const poll = pollOf(step, last && operation === 'outcome' ? run.parameters : undefined);
    const end = performance.now() + (poll?.deadlineMs ?? 0);
    for (let round = 0; ; round++) {
      recorder.nextRound(round);
      const answer = await callOnce(run, step);
      const refusal = judgeAnswer(step, answer);
      if (refusal !== undefined) return { accepted: false, facts: refusal, events: recorder.events };
      const bound = bindAll(run, step, answer);
      Object.assign(run.bound, bound);
      if (last) facts = factsOfAnswer(run, bound, answer);
      if (poll === undefined || isDone(poll, answeredValue(answer), last ? facts['status'] : undefined))
        break;
      if (await pauseBeforeNext(poll, end, run.signal)) continue;
      // What an order has come to is an answer as well; anything else that is not ready is none.
      if (last && operation === 'outcome') break;
      throw timedOut(poll, operation);
    }
  }
  checkFacts(operation, facts);
  return { accepted: true, facts, events: recorder.events };
}

function bindAll({ scope }: Run, { bind }: CallMapping, answer: CallAnswer): FactMap {
  const entries = bind.map(([name, from]) => [name, readAnswer(from, answeredValue(answer), scope)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as FactMap;
}

/** The mapped answer and the order; without a mapping what the last call bound, or what a command or person told. */
function factsOfAnswer({ mapped, scope, bound: all }: Run, bound: FactMap, answer: CallAnswer): FactMap {
  const step = mapped.steps.at(-1);
  const told: AnswerMapping =
    mapped.answer ??
    (step?.call.kind === 'http' || step === undefined || step.bind.length > 0 ? undefined : WHOLE_BODY);
  const read = told === undefined ? undefined : readAnswer(told, answeredValue(answer), scope);
  const order = all['order'];
  return {
    ...(typeof order === 'string' ? { order } : {}),
    ...(mapped.answer === undefined ? bound : {}),
    ...(typeof read === 'object' && !Array.isArray(read) ? (read as FactMap) : {}),
  };
}

/** Undefined where the answer is taken as it is: what a command or person tells has no names before. */
function namesTold(mapped: OperationMapping | undefined): ReadonlySet<string> | undefined {
  if (mapped?.answer?.kind !== 'map') return undefined;
  return new Set(['order', ...mapped.answer.entries.map(([name]) => name)]);
}

type AnswerMapping = OperationMapping['answer'];
const WHOLE_BODY: AnswerMapping = {
  kind: 'value',
  from: [{ steps: ['body'], filters: [], written: 'body' }],
};

function callOnce(run: Run, { call }: CallMapping): Promise<CallAnswer> {
  const context: CallContext = { scope: run.scope, signal: run.signal, record: run.recorder.record };
  switch (call.kind) {
    case 'http':
      return run.http.call(call, context);
    case 'command':
      return callCommand(call, run.folder, { operation: run.operation, parameters: run.parameters }, context);
    case 'prompt':
      return callPrompt(call, run.ask, context);
  }
}
