/** Asks the control socket of a stand-alone S_eUICC: one JSON object a line, both ways. */
import { connect, type Socket } from 'node:net';
import type { PersonalisationRequest } from '../../../drivers/contract.js';
import { Sgp33Error } from '../../protocol/errors.js';

/** Longer answers are none. */
const MAX_ANSWER = 1 << 20;

/**
 * Sends `{ id, action, parameters }` and waits for `{ id, ok: true }`.
 * @param where a path, or `HOST:PORT`.
 * @throws {Sgp33Error} `personalisation-failed` for an error, an answer that is none, a timeout or no socket.
 */
export async function askControlSocket(
  where: string,
  request: PersonalisationRequest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const id = 1;
  const socket = connectTo(where);
  try {
    const line = await exchangeLine(socket, JSON.stringify({ id, ...request }), timeoutMs, signal);
    const answer = parse(line);
    if (answer['id'] === id && answer['ok'] === true) return;
    const error = answer['error'];
    const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
    throw failed(where, request, typeof message === 'string' ? message : line.slice(0, 200));
  } catch (error) {
    if (error instanceof Sgp33Error) throw error;
    throw failed(where, request, error instanceof Error ? error.message : String(error), error);
  } finally {
    socket.destroy();
  }
}

function connectTo(where: string): Socket {
  const match = /^(.+):(\d{1,5})$/.exec(where);
  if (match === null) return connect(where);
  return connect(Number(match[2]), (match[1] ?? '').replace(/[[\]]/g, ''));
}

function exchangeLine(
  socket: Socket,
  line: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const stop = (): void => reject(new Error('aborted'));
    const timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${line}\n`));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const end = received.indexOf('\n');
      if (end >= 0) resolve(received.slice(0, end));
      else if (received.length > MAX_ANSWER) reject(new Error('the answer has no end'));
    });
    socket.on('error', reject);
    socket.on('close', () => {
      settle();
      reject(new Error('the connection was closed without an answer'));
    });
  });
}

function parse(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new Error(`not an answer: ${line.slice(0, 200)}`);
}

const failed = (
  where: string,
  request: PersonalisationRequest,
  actual: string,
  cause?: unknown,
): Sgp33Error =>
  new Sgp33Error('personalisation-failed', `the control socket did not do ${request.action}`, {
    place: where,
    actual,
    ...(cause === undefined ? {} : { cause }),
    repair: 'Start the card with `sgp33 serve euicc --control` at this address.',
  });
