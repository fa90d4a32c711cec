/** Triggers that somebody else carries out: the device's own HTTP server, or a person. */
import { Sgp33Error } from '../../src/protocol/errors.js';
import type { TraceEvent } from '../contract.js';
import type { TriggerEnd } from '../ipad-contract.js';
import type { CallContext } from '../management/call.js';
import type { HttpCaller } from '../management/http-call.js';
import { callPrompt, type AskPerson } from '../management/prompt-call.js';
import type { PromptCall } from '../management/mapping.js';
import type { TriggerWay } from './mapping.js';

/** @throws {Sgp33Error} `trigger-failed` for a status that says no; what the call throws. */
export async function callByHttp(
  http: HttpCaller,
  { call, accepted }: Extract<TriggerWay, { kind: 'http' }>,
  context: CallContext,
): Promise<TriggerEnd> {
  const own = recording(context);
  const answer = await http.call(call, own.context);
  const good = accepted?.includes(answer.status) ?? (answer.status >= 200 && answer.status < 300);
  if (!good)
    throw new Sgp33Error('trigger-failed', 'the device refused the trigger', {
      expected: accepted === undefined ? 'HTTP 200 to 299' : `HTTP ${accepted.join(', ')}`,
      actual: `HTTP ${answer.status} ${answer.text.slice(0, 200)}`.trim(),
    });
  return {
    how: 'answered',
    exitCode: answer.status,
    output: answer.text.slice(0, 4096),
    outputBytes: Buffer.byteLength(answer.text),
    events: own.events,
  };
}

/** @throws {Sgp33Error} `trigger-failed` when the person says no, `management-prompt` without a terminal. */
export async function callPerson(
  call: PromptCall,
  ask: AskPerson,
  context: CallContext,
): Promise<TriggerEnd> {
  const own = recording(context);
  const { refused } = await callPrompt(call, ask, own.context);
  if (refused !== undefined)
    throw new Sgp33Error('trigger-failed', 'the person could not trigger the device', { actual: refused });
  return { how: 'done', output: '', outputBytes: 0, events: own.events };
}

/** What happens after the trigger is out belongs to its end. */
function recording(context: CallContext): { context: CallContext; events: TraceEvent[] } {
  const events: TraceEvent[] = [];
  const start = performance.now();
  return {
    events,
    context: {
      ...context,
      record: (kind, text, bytes) =>
        void events.push({
          at: performance.now() - start,
          kind,
          text,
          ...(bytes === undefined ? {} : { bytes }),
        }),
    },
  };
}
