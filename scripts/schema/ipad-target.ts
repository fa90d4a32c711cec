/** JSON Schema of the driver `ipad` of a target. */
import {
  IPAD_BINDINGS,
  IPAD_CARD_KEYS,
  IPAD_CARDS,
  IPAD_EIM_KEYS,
  IPAD_INJECTION_KEYS,
  IPAD_KEYS,
  IPAD_TRANSPORTS,
} from '../../src/cli/drivers/ipad-settings.js';
import {
  PROCESS_KEYS,
  RESET_KEYS,
  TRIGGER_COMMAND_KEYS,
  TRIGGER_WAITS,
} from '../../src/cli/drivers/ipad-trigger-programs.js';
import {
  TRIGGER_PROMPT_KEYS,
  TRIGGER_SETTING_KEYS,
  TRIGGER_WAYS,
} from '../../src/cli/drivers/ipad-triggers-notation.js';
import { IPAD_TRIGGERS } from '../../drivers/ipad-contract.js';
import { LIFETIMES } from '../../drivers/ipad-trigger/index.js';
import { PROTOCOLS } from '../../src/cli/drivers/in-process-driver.js';
import { described, listOf, mapOf, oneWordOf, text, type Schema } from './parts.js';

const whole: Schema = { type: 'integer', minimum: 0 };
const flag: Schema = { type: 'boolean' };
const map: Schema = { type: 'object' };

const start = {
  run: { ...listOf(text), minItems: 1 },
  shell: text,
  env: map,
  cwd: text,
  lifetime: oneWordOf(LIFETIMES),
  graceMs: whole,
};

const trigger: Schema = mapOf([...TRIGGER_WAYS, 'done', 'accepted'], {
  command: mapOf(TRIGGER_COMMAND_KEYS, { ...start, wait: oneWordOf(TRIGGER_WAITS), timeoutMs: whole }),
  http: map,
  prompt: mapOf(TRIGGER_PROMPT_KEYS, { say: text }, ['say']),
  wait: map,
  signal: text,
  stdin: text,
  start: map,
  stop: map,
  restart: map,
  done: described(text, 'what the device writes when it is done: a regular expression'),
});

const names = IPAD_TRIGGERS.join('|');

const eim: Schema = mapOf(IPAD_EIM_KEYS, { host: text, port: whole, name: text, http2: flag });

export const ipadDriver: Schema = mapOf(
  IPAD_KEYS,
  {
    kind: { const: 'ipad' },
    transport: oneWordOf(IPAD_TRANSPORTS),
    binding: oneWordOf(IPAD_BINDINGS),
    builtIn: mapOf(['options'], { options: listOf(text) }),
    card: mapOf(IPAD_CARD_KEYS, {
      kind: oneWordOf(IPAD_CARDS),
      host: text,
      port: whole,
      reader: text,
      protocol: oneWordOf(PROTOCOLS),
      personalisation: text,
    }),
    eim,
    eim2: eim,
    notifications: map,
    injection: mapOf(IPAD_INJECTION_KEYS, { url: text, servername: text, ca: text }),
    patienceMs: whole,
    quietMs: whole,
    triggers: {
      ...mapOf(TRIGGER_SETTING_KEYS, {
        http: map,
        process: mapOf(PROCESS_KEYS, {
          ...start,
          ready: text,
          readyMs: whole,
          reset: mapOf(RESET_KEYS, { stdin: text, done: text }),
        }),
      }),
      description: `${IPAD_TRIGGERS.join(', ')}; several with commas between, * for all others`,
      patternProperties: { [`^(\\*|\\s*(${names})\\s*(,\\s*(${names})\\s*)*)$`]: trigger },
    },
  },
  ['kind'],
);
