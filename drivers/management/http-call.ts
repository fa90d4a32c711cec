/** One HTTP request to the vendor's API. */
import { Agent, type Dispatcher } from 'undici';
import { TransportError } from '../contract.js';
import { answerError, parameterError } from './errors.js';
import { textOf, type Value } from './filters.js';
import { MAX_ANSWER_BYTES, type CallAnswer, type CallContext } from './call.js';
import type { HttpCall, HttpSettings } from './mapping.js';
import { render, renderPairs, renderText } from './render.js';

const CONNECTIONS = 64;
const DEADLINE_MS = 10_000;
const NO_ANSWER =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;

export interface HttpCaller {
  /**
   * @throws {TransportError} `unreachable`, `timeout`, `aborted`, `communication`; {Sgp33Error} `management-answer` for
   *   an answer that is too long or no JSON where it says so, `management-parameter`.
   */
  call(call: HttpCall, context: CallContext): Promise<CallAnswer>;
  close(): Promise<void>;
}

/** @param baseUrl where the settings name none. */
export function httpCaller(settings: HttpSettings | undefined, baseUrl: string | undefined): HttpCaller {
  const base = (settings?.url ?? baseUrl)?.replace(/\/+$/, '');
  const deadlineMs = settings?.deadlineMs ?? DEADLINE_MS;
  let agent: Agent | undefined;
  return {
    async call(call, context) {
      if (base === undefined) throw parameterError('the mapping has no URL for HTTP calls');
      agent ??= agentOf(settings);
      const { url, method, headers, body } = requestOf(call, settings, base, context);
      const head = headers.map(([name, value]) => `${name}: ${value}`).join('\n');
      context.record(
        'api-request',
        `${method} ${url}${head === '' ? '' : `\n${head}`}`,
        body === undefined ? undefined : Buffer.from(body),
      );
      const deadline = AbortSignal.timeout(deadlineMs);
      const signal = context.signal === undefined ? deadline : AbortSignal.any([deadline, context.signal]);
      try {
        const { origin, pathname, search } = new URL(url);
        const response = await agent.request({
          origin,
          path: pathname + search,
          method,
          headers: Object.fromEntries(headers),
          signal,
          ...(body === undefined ? {} : { body }),
        });
        const bytes = await bodyOf(response.body, method);
        const got = headersOf(response.headers);
        const shown = Object.entries(got).map(([name, value]) => `${name}: ${value}`);
        context.record('api-response', [`HTTP ${response.statusCode}`, ...shown].join('\n'), bytes);
        return { status: response.statusCode, headers: got, ...parsed(bytes, got) };
      } catch (cause) {
        throw trouble(cause, {
          url,
          deadlineMs,
          aborted: context.signal?.aborted === true,
          late: deadline.aborted,
        });
      }
    },
    async close() {
      await agent?.destroy();
      agent = undefined;
    },
  };
}

const agentOf = (settings: HttpSettings | undefined): Agent =>
  new Agent({
    connections: CONNECTIONS,
    // The whole call has a deadline of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      ...(settings?.ca === undefined ? {} : { ca: settings.ca }),
      ...(settings?.trustAll === true ? { rejectUnauthorized: false } : {}),
      ...(settings?.servername === undefined ? {} : { servername: settings.servername }),
      ...(settings?.identity === undefined
        ? {}
        : { cert: settings.identity.certificate, key: settings.identity.privateKey }),
    },
  });

function requestOf(
  call: HttpCall,
  settings: HttpSettings | undefined,
  base: string,
  { scope }: CallContext,
): { url: string; method: string; headers: (readonly [string, string])[]; body: string | undefined } {
  const path = renderText(call.path, scope, encodeURIComponent) ?? '';
  const query = encoded(renderPairs(call.query, scope));
  const json: Value | undefined = call.json === undefined ? undefined : render(call.json, scope);
  const form = call.form === undefined ? undefined : encoded(renderPairs(call.form, scope));
  const type =
    json !== undefined
      ? 'application/json'
      : form === undefined
        ? undefined
        : 'application/x-www-form-urlencoded';
  const headers = new Map<string, readonly [string, string]>([['accept', ['Accept', 'application/json']]]);
  if (type !== undefined) headers.set('content-type', ['Content-Type', type]);
  for (const [name, value] of [
    ...renderPairs(settings?.headers ?? [], scope),
    ...renderPairs(call.headers, scope),
  ]) {
    if (/[\r\n\0]/.test(value)) throw parameterError('a header has one line', { place: name });
    headers.set(name.toLowerCase(), [name, value]);
  }
  const separator = path.includes('?') ? '&' : '?';
  return {
    url: `${base}${path}${query === '' ? '' : separator + query}`,
    method: call.method,
    headers: [...headers.values()],
    body: json === undefined ? form : JSON.stringify(json),
  };
}

const encoded = (pairs: readonly (readonly [string, string])[]): string => {
  const query = new URLSearchParams();
  for (const [name, value] of pairs) query.append(name, value);
  return query.toString();
};

async function bodyOf(body: Dispatcher.ResponseData['body'], method: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_ANSWER_BYTES) {
      body.destroy();
      throw answerError('the answer is too long', {
        place: method,
        expected: `at most ${MAX_ANSWER_BYTES} bytes`,
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const headersOf = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

/** @throws {Sgp33Error} `management-answer` when the content type says JSON and it is none. */
function parsed(bytes: Buffer, headers: Readonly<Record<string, string>>): { body: Value; text: string } {
  const text = bytes.toString('utf8');
  if (text.trim() === '') return { body: null, text };
  try {
    return { body: JSON.parse(text) as Value, text };
  } catch {
    if (!/[/+]json\b/i.test(headers['content-type'] ?? '')) return { body: null, text };
    throw answerError('the answer is no JSON', { actual: text.slice(0, 200) });
  }
}

interface Attempt {
  readonly url: string;
  readonly deadlineMs: number;
  readonly aborted: boolean;
  readonly late: boolean;
}

function trouble(cause: unknown, { url, deadlineMs, aborted, late }: Attempt): unknown {
  // Only what the network does; an error of ours says itself what it is.
  if (cause instanceof Error && 'expected' in cause) return cause;
  const place = new URL(url).origin;
  if (aborted) return new TransportError('aborted', 'the call was aborted', { place, cause });
  if (late)
    return new TransportError('timeout', `the management API did not answer in ${deadlineMs} ms`, {
      place,
      cause,
    });
  const code = textOf((cause as { code?: string } | undefined)?.code ?? '');
  const actual = `${code} ${cause instanceof Error ? cause.message : String(cause)}`.trim();
  return NO_ANSWER.test(code)
    ? new TransportError('unreachable', 'the management API can not be reached', { place, actual, cause })
    : new TransportError('communication', 'the management API gave no whole answer', {
        place,
        actual,
        cause,
      });
}
