/** Allure calls from inside a vitest test that runs under allure-vitest's reporter. */
import type { RuntimeMessage } from 'allure-js-commons/sdk';
import { getGlobalTestRuntimeWithAutoconfig } from 'allure-js-commons/sdk/runtime';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { MessageRecorder } from './calls.js';
import { reportSequence, type StoredSequence } from './sequence.js';

/**
 * Reports a finished sequence in the current vitest test. Call it before the test fails or skips itself.
 *
 * Steps and attachments go as Allure's runtime messages and not through the facade's `step()`, which would
 * take the time of reporting for the time of the step and can not express a step that is skipped.
 *
 * @throws {Sgp33Error} `allure-runtime` outside of a test under allure-vitest.
 */
export async function reportLive(stored: StoredSequence): Promise<void> {
  const runtime: unknown = await getGlobalTestRuntimeWithAutoconfig();
  if (!takesMessages(runtime))
    throw new Sgp33Error('allure-runtime', 'no Allure runtime takes the report of this sequence', {
      place: stored.result.id,
      expected: 'Sgp33AllureReporter among the reporters of vitest',
      repair: 'Run the suite with `sgp33 run`, which sets it up.',
    });
  const recorder = new MessageRecorder();
  reportSequence(recorder, stored);
  for (const message of recorder.messages) await runtime.sendMessage(message);
}

interface TakesMessages {
  sendMessage(message: RuntimeMessage): PromiseLike<void>;
}

const takesMessages = (runtime: unknown): runtime is TakesMessages =>
  typeof runtime === 'object' &&
  runtime !== null &&
  'sendMessage' in runtime &&
  typeof runtime.sendMessage === 'function';
