/** S_eIM as the script of a sequence: the message that a step waits for, and the answer that it gives. */
import type {
  ConnectionArrival,
  EsipaArrival,
  GarbageArrival,
  ListenerArrival,
} from '../../drivers/ipad-contract.js';
import { bytesToHex } from '../protocol/asn1/index.js';
import { typeByName } from '../protocol/types/index.js';
import { defaultReply, functionOf, tagOf } from './ipad-default-reply.js';
import { buildReply } from './ipad-reply.js';
import type { IpadStage } from './ipad-stage.js';
import { endText } from './ipad-traffic.js';
import { typesIn } from './ipad-expectation.js';
import type { Scope } from './scope.js';
import type { Seen, Served } from './stage.js';
import { textOf } from './scope.js';
import type { ServeStep } from './suite.js';
import { asMap, find, onlyKeys, texts, type YMap } from './yaml/nodes.js';

const NOTHING = new Uint8Array(0);

/** Waits for what the step expects of the IPAd at one of the listeners. @throws {TransportError} `aborted`. */
export async function serveEsipa(
  stage: IpadStage,
  step: ServeStep,
  scope: Scope,
  signal: AbortSignal,
): Promise<Served> {
  const silence = find(step.expected, 'silence');
  if (silence !== undefined)
    return noReply(await quiet(stage, step.to, silenceOf(asMap(silence, 'silence'), scope), signal));
  if (find(step.expected, 'fault') !== undefined) return handshake(stage, step, scope, signal);
  return message(stage, step, scope, signal);
}

const noReply = (seen: Seen): Served => ({
  seen,
  reply: () => Promise.resolve(undefined),
  refuse: () => Promise.resolve(),
});

/** Milliseconds of `performance.now()` until which a step waits. */
export function patience(stage: IpadStage, expected: YMap, scope: Scope): number {
  const within = find(expected, 'within');
  const ms = within === undefined ? stage.driver.patienceMs : Number(textOf(within, scope, 'within'));
  return performance.now() + ms;
}

async function message(
  stage: IpadStage,
  step: ServeStep,
  scope: Scope,
  signal: AbortSignal,
): Promise<Served> {
  const { traffic, version } = stage;
  const types = typesIn(step.expected, stage, scope);
  const tags = new Set(types.map((t) => typeByName(version, t).tag));
  const others: string[] = [];
  const taken = await traffic.wait<EsipaArrival | GarbageArrival | 'over'>(
    () => {
      for (;;) {
        const arrival = traffic.takeArrival(step.to, isSaying);
        if (arrival === undefined) return isOver(stage) ? 'over' : undefined;
        if (arrival.kind === 'garbage' || isWanted(arrival, tags, stage)) return arrival;
        others.push(nameOf(stage, arrival));
        answerByDefault(stage, arrival);
      }
    },
    patience(stage, step.expected, scope),
    signal,
  );
  if (taken === undefined || taken === 'over')
    return noReply(nothingCame(stage, types.join(' or ') || 'a message', others, taken === 'over'));
  if (taken.kind === 'garbage')
    return noReply({
      data: taken.data,
      facts: taken.facts,
      fault: { kind: 'malformed', path: 'request', expected: 'a request', actual: taken.reason },
    });
  const seen: Seen = {
    data: taken.data,
    facts: taken.facts,
    findings: taken.findings,
    notes: others.map((name) => ({
      code: 'not-mentioned',
      text: `${name} came before and was answered as a good eIM does`,
    })),
  };
  return {
    seen,
    async reply(inner) {
      const built = buildReply(step.reply ?? DEFAULT, inner, stage);
      const reply = built.reply ?? defaultReply(version, taken.data);
      if (reply.message !== undefined)
        stage.recorder.event({ kind: 'esipa-response', hex: bytesToHex(reply.message) });
      traffic.answering(step.to);
      const { events, facts } = await taken.reply(reply);
      stage.recorder.trace(events, stage.recorder.now);
      return { facts, title: built.title, message: built.message, variables: built.variables };
    },
    async refuse() {
      const { events } = await taken.reply(defaultReply(version, taken.data));
      stage.recorder.trace(events, stage.recorder.now);
    },
  };
}

const DEFAULT: YMap = {
  kind: 'map',
  tag: undefined,
  entries: [
    {
      key: 'default',
      keyPlace: { file: '', line: 1, column: 1 },
      value: { kind: 'map', tag: undefined, entries: [], place: { file: '', line: 1, column: 1 } },
    },
  ],
  place: { file: '', line: 1, column: 1 },
};

const isSaying = (a: ListenerArrival): a is EsipaArrival | GarbageArrival =>
  a.kind === 'message' || a.kind === 'garbage';

/** What is no message of the IPAd at all is judged by the step that waits for one. */
function isWanted(arrival: EsipaArrival, tags: ReadonlySet<number | undefined>, stage: IpadStage): boolean {
  return (
    tags.size === 0 || tags.has(tagOf(arrival.data)) || functionOf(stage.version, arrival.data) === undefined
  );
}

/** The device ended, and what it had sent is all taken. */
const isOver = (stage: IpadStage): boolean => stage.traffic.ending !== undefined && stage.traffic.idle;

export function answerByDefault(stage: IpadStage, arrival: EsipaArrival): void {
  void arrival.reply(defaultReply(stage.version, arrival.data));
}

/** What waits at a listener and no step will take. */
export function answerAllByDefault(stage: IpadStage, role: string): void {
  const next = (): EsipaArrival | undefined => stage.traffic.takeArrival(role, isMessage);
  for (let arrival = next(); arrival !== undefined; arrival = next()) answerByDefault(stage, arrival);
}

const isMessage = (a: ListenerArrival): a is EsipaArrival => a.kind === 'message';

export const nameOf = (stage: IpadStage, { data }: EsipaArrival): string =>
  functionOf(stage.version, data) ??
  (data.length === 0 ? 'a request without an ESipa message' : `${bytesToHex(data.subarray(0, 16))}...`);

function nothingCame(stage: IpadStage, wanted: string, others: readonly string[], over: boolean): Seen {
  const { ending } = stage.traffic;
  const why = over && ending !== undefined ? endText(ending) : `nothing in ${stage.driver.patienceMs} ms`;
  const came = others.length === 0 ? '' : `; what came: ${others.slice(0, 8).join(', ')}`;
  return {
    data: NOTHING,
    fault: {
      kind: over ? 'reset' : 'timeout',
      path: wanted,
      expected: wanted,
      actual: `${why}${came}${stage.traffic.storm ? '; a storm of messages' : ''}`,
    },
  };
}

/** A connection that comes to nothing: the IPAd refuses the server. */
async function handshake(
  stage: IpadStage,
  step: ServeStep,
  scope: Scope,
  signal: AbortSignal,
): Promise<Served> {
  const { traffic } = stage;
  const isEnd = (a: ListenerArrival): a is EsipaArrival | ConnectionArrival =>
    a.kind === 'message' || a.kind === 'handshake-failed' || a.kind === 'closed';
  const taken = await traffic.wait(
    () => traffic.takeArrival(step.to, isEnd) ?? (isOver(stage) ? ('over' as const) : undefined),
    patience(stage, step.expected, scope),
    signal,
  );
  if (taken === undefined || taken === 'over')
    return noReply(nothingCame(stage, 'a connection', [], taken === 'over'));
  if (taken.kind === 'message') {
    answerByDefault(stage, taken);
    return noReply({ data: taken.data, facts: taken.facts, findings: taken.findings });
  }
  return noReply({
    data: NOTHING,
    facts: taken.facts,
    fault: {
      kind: 'handshake',
      path: 'tls',
      expected: 'a session',
      actual: taken.kind === 'closed' ? 'the connection was closed without a request' : 'no session',
    },
  });
}

interface Silence {
  /** Types that must not come; none: no message at all. */
  readonly types: readonly string[];
  /** Milliseconds after the eIM's last answer before which they must not come; infinite: never. */
  readonly before: number;
}

function silenceOf(silence: YMap, scope: Scope): Silence {
  onlyKeys(silence, ['of', 'before'], 'silence');
  const [of, before] = [find(silence, 'of'), find(silence, 'before')];
  return {
    types: of === undefined ? [] : texts(of, 'of'),
    before: before === undefined ? Infinity : Number(textOf(before, scope, 'before')),
  };
}

/** Until the device is idle nothing that is forbidden comes; all else is answered by default. */
async function quiet(
  stage: IpadStage,
  role: string,
  { types, before }: Silence,
  signal: AbortSignal,
): Promise<Seen> {
  const { traffic, version } = stage;
  const tags = new Set(types.map((t) => typeByName(version, t).tag));
  const broken = await traffic.wait<EsipaArrival | GarbageArrival | 'idle'>(
    () => {
      for (;;) {
        const arrival = traffic.takeArrival(role, isSaying);
        if (arrival === undefined) return traffic.idle ? 'idle' : undefined;
        if (arrival.kind === 'message') answerByDefault(stage, arrival);
        if ((traffic.waited(arrival) ?? 0) >= before) continue;
        if (arrival.kind === 'garbage' || types.length === 0 || tags.has(tagOf(arrival.data))) return arrival;
      }
    },
    performance.now() + stage.driver.patienceMs,
    signal,
  );
  if (broken === undefined || broken === 'idle') return { data: NOTHING };
  const name = broken.kind === 'garbage' ? broken.reason : nameOf(stage, broken);
  return {
    data: broken.data,
    facts: broken.facts,
    fault: {
      kind: 'unexpected',
      path: name,
      expected: `${types.length === 0 ? 'no message' : `no ${types.join(', no ')}`}${
        before === Infinity ? '' : ` in ${before} ms`
      }`,
      actual: `${name} ${bytesToHex(broken.data.subarray(0, 64))}`.trim(),
    },
  };
}
