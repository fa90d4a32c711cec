/** ESipa over HTTP: what is checked of a request before the eIM sees it (SGP.32 6.1.1), and the answers around it. */
import { asn1Binding } from './asn1-binding.js';
import type { ServeDefects } from './defects.js';
import { jsonBinding } from './json-binding.js';
import { mediaType, textAnswer, type HttpAnswer, type HttpHead, type HttpService } from './http-types.js';
import { ADMIN_PROTOCOL, ASN1_PATH, JSON_PATH, type Binding, type EsipaHttpOptions } from './binding.js';

export function esipaHttp(options: EsipaHttpOptions): HttpService {
  const { defects } = options;
  const asn1 = asn1Binding(options);
  const json = jsonBinding(options);
  const bindingOf = (path: string): Binding | undefined => {
    if (path === ASN1_PATH) return asn1;
    if (path.startsWith(JSON_PATH)) return json;
    return defects.has('wrong-path-accepted') ? asn1 : undefined;
  };
  const refuse = (head: HttpHead): HttpAnswer | undefined =>
    refuseHost(head, options) ??
    refuseHead(head, bindingOf(pathOf(head)), defects) ??
    refuseConnection(head, defects);
  return {
    refuse: (head) => headed(refuse(head), defects),
    async answer(head, body) {
      const binding = bindingOf(pathOf(head)) ?? asn1;
      const answer = await binding.answer(pathOf(head), body, head.connection);
      options.log(
        `${head.method} ${printable(head.path)} ${String(body.length)} -> ${String(answer.status)}`,
      );
      const kept = headed(answer, defects);
      return defects.has('connection-closed-after-answer') ? { ...kept, connection: 'hang-up' } : kept;
    },
    tooLarge: () => {
      if (defects.has('large-body-resets')) return { ...textAnswer(413, ''), connection: 'reset' };
      return headed(
        defects.has('large-body-server-error')
          ? textAnswer(500, 'Internal Server Error')
          : textAnswer(413, 'The body is too large'),
        defects,
      );
    },
  };
}

/** X-Admin-Protocol stands in every response, refusals too (SGP.32 6.1.1). */
function headed<T extends HttpAnswer | undefined>(answer: T, defects: ServeDefects): T {
  if (answer === undefined || defects.has('admin-protocol-not-answered')) return answer;
  const value = defects.has('admin-protocol-malformed') ? '2.1.0' : ADMIN_PROTOCOL;
  return { ...answer, headers: { ...answer.headers, 'X-Admin-Protocol': value } };
}

function refuseHost(head: HttpHead, { names, defects }: EsipaHttpOptions): HttpAnswer | undefined {
  if (names === undefined || defects.has('any-host-answered')) return undefined;
  const host = (head.headers['host'] ?? '').replace(/:\d+$/, '').toLowerCase();
  const wanted = [host, ...(head.servername === undefined ? [] : [head.servername.toLowerCase()])];
  return wanted.every((name) => names.includes(name))
    ? undefined
    : textAnswer(421, 'This eIM answers under its own name only');
}

function refuseHead(
  head: HttpHead,
  binding: Binding | undefined,
  defects: ServeDefects,
): HttpAnswer | undefined {
  if (binding === undefined) return textAnswer(404, 'No such resource');
  if (head.method !== 'POST' && !(head.method === 'GET' && defects.has('get-accepted')))
    return textAnswer(405, 'Only POST is allowed', { Allow: 'POST' });
  if (!adminProtocolFits(head.headers['x-admin-protocol'], defects))
    return textAnswer(400, 'Unsupported x-admin-protocol');
  const type = mediaType(head.headers['content-type']);
  if (type !== binding.mediaType && !defects.has('any-content-type-accepted'))
    return textAnswer(415, `Expected ${binding.mediaType}`);
  return refuseAgent(head.headers['user-agent'] ?? '', defects);
}

function refuseAgent(agent: string, defects: ServeDefects): HttpAnswer | undefined {
  if (!/^gsma-rsp-ipad/i.test(agent)) return undefined;
  const refused =
    defects.has('user-agent-refused') || (agent !== 'gsma-rsp-ipad' && defects.has('user-agent-exact'));
  return refused ? textAnswer(403, 'Unknown user agent') : undefined;
}

/** The version is the one of SGP.22 after which the binding is made: any v2. */
function adminProtocolFits(value: string | undefined, defects: ServeDefects): boolean {
  if (value === undefined) return defects.has('admin-protocol-not-checked');
  const version = /^gsma\/rsp\/v(\d+)\.\d+\.\d+$/i.exec(value.trim());
  if (version === null) return false;
  return version[1] === '2' || defects.has('admin-protocol-any-major');
}

function refuseConnection(head: HttpHead, defects: ServeDefects): HttpAnswer | undefined {
  const chunked = /chunked/i.test(head.headers['transfer-encoding'] ?? '');
  if (chunked && defects.has('chunked-refused')) return textAnswer(411, 'Length Required');
  if (head.nth > 1 && defects.has('second-request-refused')) return textAnswer(503, 'Busy');
  if (head.nth >= 12 && defects.has('connection-used-up')) return textAnswer(503, 'Busy');
  return undefined;
}

const pathOf = (head: HttpHead): string => head.path.split('?', 1)[0] ?? '';

/** A path is a peer's text: no control character of it reaches a terminal. */
const printable = (path: string): string => path.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
