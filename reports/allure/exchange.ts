/** What a step sent and received, as text attachments. */
import type { Message, StepResult, TimelineEvent } from '../../src/engine/result.js';
import { eventLine, hexBlock } from '../hex.js';
import { redact } from '../redact.js';
import { clip, oneLine, visible } from '../text.js';

const TREE_LIMIT = 256 * 1024;

/**
 * Request and answer with type, bytes and decoded tree, then what went over the wire, one event a line; empty when the
 * step exchanged nothing. One text, because each file costs up to a millisecond when it is made.
 */
export function exchangeText(step: StepResult, timeline: readonly TimelineEvent[]): string {
  const events = timeline.slice(Math.max(0, step.events[0]), Math.max(0, step.events[1])).map(eventLine);
  const parts = [
    section('REQUEST', step.request),
    section('ANSWER', step.answer),
    events.length === 0 ? '' : redact(['WIRE  milliseconds, direction, bytes', ...events].join('\n')),
  ];
  return parts.filter((t) => t !== '').join('\n\n');
}

/** The exchanges of several steps under their titles; empty when there are none. */
export const exchangesText = (steps: readonly StepResult[], timeline: readonly TimelineEvent[]): string =>
  steps
    .map((step) => ({ step, text: exchangeText(step, timeline) }))
    .filter(({ text }) => text !== '')
    .map(({ step, text }) => `== ${oneLine(redact(`${step.number}  ${step.title}`))} ==\n${text}`)
    .join('\n\n\n');

function section(name: string, message: Message | undefined): string {
  if (message === undefined) return '';
  const bytes = `${Math.floor(message.hex.length / 2)} bytes`;
  const sw = message.sw === undefined ? '' : `, SW ${message.sw}`;
  const head = `${name}  ${message.type ?? 'raw bytes'}, ${bytes}${sw}`;
  const tree = message.tree === undefined ? '' : `\n\n${clip(visible(message.tree), TREE_LIMIT)}`;
  return redact(`${visible(head)}\n${hexBlock(redact(message.hex))}${tree}`);
}
