/** A command of the target that does what the operator orders. */
import { spawn } from 'node:child_process';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { TransportError } from '../contract.js';
import type { Value } from './filters.js';
import { MAX_ANSWER_BYTES, type CallAnswer, type CallContext } from './call.js';
import type { CommandCall } from './mapping.js';
import { renderPairs, renderText } from './render.js';

const MAX_SAID = 4096;

/**
 * Runs it in `folder` without a shell, with `{operation, parameters}` as a line of JSON on its standard input; what it
 * writes to standard output is the body of the answer.
 * @throws {TransportError} `timeout`, `aborted`; {Sgp33Error} `management-command` when it can not run, ends by a
 *   signal, or writes too much or no JSON.
 */
export async function callCommand(
  call: CommandCall,
  folder: string,
  input: Value,
  context: CallContext,
): Promise<CallAnswer> {
  const shell = typeof call.run === 'string';
  const [program = '', ...args] =
    typeof call.run === 'string' ? [call.run] : call.run.flatMap((t) => renderText(t, context.scope) ?? []);
  const env = Object.fromEntries(renderPairs(call.env, context.scope));
  const line = `${JSON.stringify(input)}\n`;
  context.record('api-request', [program, ...args].join(' '), Buffer.from(line));
  const { exitCode, out, said } = await run(
    program,
    args,
    { folder, env, shell, line, timeoutMs: call.timeoutMs },
    context.signal,
  );
  context.record('api-response', `exit code ${exitCode}${said === '' ? '' : `\n${said}`}`, out);
  const text = out.toString('utf8');
  const body = bodyOf(text, program);
  const no = typeof body === 'object' && body !== null && (body as { accepted?: Value }).accepted === false;
  const reason = no ? (body as { reason?: Value }).reason : undefined;
  return {
    status: exitCode,
    headers: {},
    body,
    text,
    ...(no ? { refused: typeof reason === 'string' ? reason : said || 'refused' } : {}),
  };
}

/** @throws {Sgp33Error} `management-command`. */
function bodyOf(text: string, program: string): Value {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw failed('the command wrote no JSON', program, text.slice(0, 200));
  }
}

const failed = (what: string, place: string, actual: string): Sgp33Error =>
  new Sgp33Error('management-command', what, { place, actual });

interface Start {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly shell: boolean;
  readonly line: string;
  readonly timeoutMs: number;
}

function run(
  program: string,
  args: readonly string[],
  { folder, env, shell, line, timeoutMs }: Start,
  signal: AbortSignal | undefined,
): Promise<{ exitCode: number; out: Buffer; said: string }> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new TransportError('aborted', 'the command was not started', { place: program }));
      return;
    }
    // A process group of its own, so that its children end with it.
    const child = spawn(program, args, {
      shell,
      cwd: folder,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself in this very moment.
      }
    };
    const stop = (error: Sgp33Error): void => {
      kill();
      end();
      reject(error);
    };
    const timer = setTimeout(
      () =>
        stop(new TransportError('timeout', `the command did not end in ${timeoutMs} ms`, { place: program })),
      timeoutMs,
    );
    const abort = (): void =>
      stop(new TransportError('aborted', 'the command was aborted', { place: program }));
    signal?.addEventListener('abort', abort, { once: true });
    // The tool may end while it runs.
    process.once('exit', kill);
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      process.removeListener('exit', kill);
    };
    const parts: Buffer[] = [];
    let length = 0;
    let said = '';
    child.stdout.on('data', (part: Buffer) => {
      length += part.length;
      if (length > MAX_ANSWER_BYTES)
        stop(failed('the command wrote too much', program, `more than ${MAX_ANSWER_BYTES} bytes`));
      else parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => (said = (said + part.toString('utf8')).slice(-MAX_SAID)));
    // A command that does not read its input ends without harm.
    child.stdin.on('error', () => undefined);
    child.stdin.end(line);
    child.on('error', (error) => stop(failed('the command can not run', program, error.message)));
    child.on('close', (code, killedBy) => {
      end();
      if (code === null)
        reject(failed('the command was ended', program, `${killedBy ?? '?'} ${said.trim()}`.trim()));
      else resolve({ exitCode: code, out: Buffer.concat(parts), said: said.trim() });
    });
  });
}
