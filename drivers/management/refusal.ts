/** Whether an answer says yes or no. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import type { FactMap } from '../eim-contract.js';
import type { CallAnswer } from './call.js';
import { answerError } from './errors.js';
import { textOf, type Value } from './filters.js';
import type { CallMapping } from './mapping.js';
import { follow, parsePath } from './path.js';
import { answeredValue } from './read-answer.js';

/** Statuses that tell of a wrong mapping or of a server in trouble, not of an order that it refuses. */
const NO_REFUSAL = [401, 405, 406, 407, 408, 415, 429];
const REASONS = [
  'body.error.message',
  'body.message',
  'body.detail',
  'body.reason',
  'body.error',
  'text',
].map(parsePath);

/**
 * @returns the facts of a refusal, undefined for a yes.
 * @throws {Sgp33Error} `management-answer`, `management-command` for what is neither.
 */
export function judgeAnswer(
  { call, accepted, refused }: CallMapping,
  answer: CallAnswer,
): FactMap | undefined {
  const { status } = answer;
  const value = answeredValue(answer);
  const http = call.kind === 'http';
  const no = (reason: string): FactMap => ({ status: String(status), reason });
  if (answer.refused !== undefined) return no(answer.refused);
  if (refused?.status?.includes(status) === true) return no(reasonOf(refused.reason, value));
  const yes = accepted?.includes(status) ?? (http ? status >= 200 && status < 300 : status === 0);
  if (yes) {
    const said = refused?.from === undefined ? undefined : follow(refused.from, value);
    return said !== undefined && refused?.is?.includes(textOf(said)) === true
      ? no(reasonOf(refused.reason, value))
      : undefined;
  }
  const plainNo =
    refused?.status === undefined && status >= 400 && status < 500 && !NO_REFUSAL.includes(status);
  if (http && plainNo) return no(reasonOf(refused?.reason, value));
  if (http)
    throw answerError(`the management API answered with HTTP ${status}`, {
      expected: accepted?.join(', ') ?? '200 to 299, or 4xx for a refusal',
      actual: answer.text.slice(0, 200),
    });
  throw new Sgp33Error('management-command', `the command ended with exit code ${status}`, {
    expected: accepted?.join(', ') ?? '0',
    actual: answer.text.slice(0, 200),
  });
}

function reasonOf(path: ReturnType<typeof parsePath> | undefined, value: Value): string {
  for (const p of path === undefined ? REASONS : [path]) {
    const found = follow(p, value);
    if (found !== undefined && (typeof found !== 'object' || path !== undefined))
      return textOf(found).slice(0, 400);
  }
  return '';
}
