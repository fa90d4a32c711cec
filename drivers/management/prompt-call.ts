/** A person at the terminal who does what the operator orders. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ReadStream } from 'node:tty';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError } from '../contract.js';
import type { CallAnswer, CallContext } from './call.js';
import type { PromptCall } from './mapping.js';
import { renderProse } from './render.js';

/** Shows the text, asks each question; undefined when the person says that the eIM refused. */
export type AskPerson = (
  say: string,
  questions: readonly (readonly [string, string])[],
  signal: AbortSignal | undefined,
) => Promise<{ readonly answers: Readonly<Record<string, string>> } | { readonly refused: string }>;

const TERMINAL = '/dev/tty';
let last: Promise<unknown> = Promise.resolve();

/**
 * Asks, one question at a time for all devices.
 * @throws {Sgp33Error} `management-prompt` without a terminal; {TransportError} `aborted`.
 */
export async function callPrompt(
  call: PromptCall,
  ask: AskPerson,
  context: CallContext,
): Promise<CallAnswer> {
  const say = renderProse(call.say, context.scope);
  const questions = call.ask.map(([name, text]) => [name, renderProse(text, context.scope)] as const);
  const mine = last.then(async () => {
    context.record('api-request', [say, ...questions.map(([, q]) => q)].join('\n'));
    return ask(say, questions, context.signal);
  });
  last = mine.catch(() => undefined);
  const answer = await mine;
  const told = 'refused' in answer ? `refused: ${answer.refused}` : JSON.stringify(answer.answers);
  context.record('api-response', told);
  if ('refused' in answer) return { status: 1, headers: {}, body: null, text: '', refused: answer.refused };
  const body = Object.fromEntries(Object.entries(answer.answers).filter(([, text]) => text !== ''));
  return { status: 0, headers: {}, body, text: '' };
}

/** At the terminal itself: standard input of a worker process is not it. @param done asks whether it is. */
export const askAtTerminalWhether =
  (done: string): AskPerson =>
  (say, questions, signal) =>
    askAt(openTerminal(), `\n${say}\n${done} `, questions, signal);

export const askAtTerminal: AskPerson = askAtTerminalWhether('Done? [y, or why the eIM refused it]');

/** @throws {Sgp33Error} `management-prompt` without a terminal. */
export const needTerminal = (): void => closeSync(openTerminal());

async function askAt(
  terminal: number,
  first: string,
  questions: readonly (readonly [string, string])[],
  signal: AbortSignal | undefined,
): ReturnType<AskPerson> {
  const input = new ReadStream(terminal);
  const lines = createInterface({ input });
  const question = async (text: string): Promise<string> => {
    writeSync(terminal, text);
    return (await lines.question('', signal === undefined ? {} : { signal })).trim();
  };
  try {
    const done = await question(first);
    if (!/^(y|yes|)$/i.test(done)) return { refused: done };
    const answers: Record<string, string> = {};
    for (const [name, text] of questions) answers[name] = await question(`${text} `);
    return { answers };
  } catch (cause) {
    if (signal?.aborted === true) throw new TransportError('aborted', 'nobody answered', { cause });
    throw cause;
  } finally {
    lines.close();
    input.destroy();
  }
}

function openTerminal(env: NodeJS.ProcessEnv = process.env): number {
  const nobody = (cause?: unknown): Sgp33Error =>
    new Sgp33Error('management-prompt', 'there is nobody to ask', {
      expected: 'a terminal',
      repair: 'Map the operation to an HTTP call or a command.',
      ...(cause === undefined ? {} : { cause }),
    });
  if ((env['CI'] ?? '') !== '' && env['CI'] !== 'false') throw nobody();
  let terminal: number | undefined;
  try {
    terminal = openSync(TERMINAL, 'r+');
    return terminal;
  } catch (cause) {
    if (terminal !== undefined) closeSync(terminal);
    throw nobody(cause);
  }
}
