/** What is recorded of the calls: all but secrets. */
import type { TraceEvent } from '../contract.js';
import type { AnswerTemplate, ManagementMapping, OperationMapping } from './mapping.js';
import { placeholdersOf, type Template } from './template.js';

const SECRET_HEADERS = /^((?:proxy-)?authorization|cookie|set-cookie|x-api-key|x-auth-token): .*$/gim;
const SECRET_MEMBERS =
  /("(?:access_token|refresh_token|id_token|password|client_secret|apiKey|token)"\s*:\s*)"[^"]*"/g;
const SECRET_FIELDS = /(^|&)(client_secret|password|refresh_token)=[^&]*/g;
/** Shorter ones hide what is not meant. */
const SHORTEST = 4;
const HIDDEN = '***';

/** Replaces what must not be in a trace. */
export function hider(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((s) => s.length >= SHORTEST).sort((a, b) => b.length - a.length);
  const forms = long.flatMap((s) => [s, encodeURIComponent(s)]);
  return (text) => {
    let shown = text
      .replace(SECRET_HEADERS, `$1: ${HIDDEN}`)
      .replace(SECRET_MEMBERS, `$1"${HIDDEN}"`)
      .replace(SECRET_FIELDS, `$1$2=${HIDDEN}`);
    for (const secret of forms) shown = shown.replaceAll(secret, HIDDEN);
    return shown;
  };
}

/** Names of the environment variables that the mapping uses: their values are secrets. */
export function environmentNames(mapping: ManagementMapping): string[] {
  const pairs = mapping.http?.headers.map(([, t]) => t) ?? [];
  const templates = [...pairs, ...[...mapping.operations.values()].flatMap(templatesOf)];
  const names = new Set<string>();
  for (const template of templates)
    for (const { name } of placeholdersOf(template))
      if (name?.[0] === 'env' && name[1] !== undefined) names.add(name[1]);
  return [...names];
}

/** Every template of what an operation sends and tells. */
export function templatesOf({ steps, answer }: OperationMapping): Template[] {
  const bound = [
    ...steps.flatMap((s) => s.bind.map(([, a]) => a)),
    ...(answer === undefined ? [] : [answer]),
  ];
  return [...steps.flatMap(({ call }) => sentBy(call)), ...bound.flatMap(textsOf)];
}

export function sentBy(call: OperationMapping['steps'][number]['call']): Template[] {
  const values = (pairs: readonly (readonly [string, Template])[] = []): Template[] =>
    pairs.map(([, t]) => t);
  switch (call.kind) {
    case 'http':
      return [
        call.path,
        ...values(call.query),
        ...values(call.headers),
        ...(call.json === undefined ? [] : [call.json]),
        ...values(call.form),
      ];
    case 'command':
      return [...(typeof call.run === 'string' ? [] : call.run), ...values(call.env)];
    case 'prompt':
      return [call.say, ...values(call.ask)];
  }
}

export function textsOf(answer: AnswerTemplate): Template[] {
  switch (answer.kind) {
    case 'text':
      return [answer.template];
    case 'each':
      return answer.of === undefined ? [] : textsOf(answer.of);
    case 'list':
      return answer.items.flatMap(textsOf);
    case 'map':
      return answer.entries.flatMap(([, value]) => textsOf(value));
    case 'value':
      return [];
  }
}

/** Collects the events of one call of an operation. */
export class EventRecorder {
  readonly events: TraceEvent[] = [];
  private pollStart: number | undefined;

  constructor(
    private readonly now: () => number,
    private readonly hide: (text: string) => string,
  ) {}

  record = (kind: TraceEvent['kind'], text: string, bytes?: Uint8Array): void => {
    const shown = bytes === undefined ? undefined : this.hide(Buffer.from(bytes).toString('utf8'));
    this.events.push({
      at: this.now(),
      kind,
      text: this.hide(text),
      ...(shown === undefined || shown === '' ? {} : { bytes: new Uint8Array(Buffer.from(shown)) }),
    });
  };

  /** Another round of a poll begins: of the rounds between the first and the last nothing is kept. */
  nextRound(round: number): void {
    if (round === 1) this.pollStart = this.events.length;
    else if (this.pollStart !== undefined) this.events.length = this.pollStart;
  }
}
